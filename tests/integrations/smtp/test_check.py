"""The mail server is spoken with as for a mail, and no mail is sent: what comes of it is said."""

import ssl
from contextlib import closing
from dataclasses import replace

import pytest

from andon.integrations.registry import NoTransport
from andon.integrations.smtp.connection import MailServer
from andon.integrations.smtp.transport import SmtpTransport
from andon.paging.types import Fault, TransportError
from tests.integrations.messages import NOW, message
from tests.support.components import free_port
from tests.support.mail_server import AUTHORITY, Box, mailer

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def box() -> Box:
    return Box()


def check(server: MailServer, *, trusted: bool = True) -> str:
    context = ssl.create_default_context()
    if trusted:
        AUTHORITY.configure_trust(context)
    made = SmtpTransport(server=server, sender="Andon <andon@example.org>", context=context)
    with closing(made):
        return made.check("")


def refused(server: MailServer, *, trusted: bool = True) -> TransportError:
    with pytest.raises(TransportError) as caught:
        check(server, trusted=trusted)
    assert caught.value.fault is Fault.INSTALLATION
    return caught.value


@pytest.mark.parametrize("scheme", ["smtp", "smtp+starttls", "smtps"])
def test_a_server_that_works_is_told_without_a_mail(box: Box, scheme: str) -> None:
    with mailer(box, scheme) as server:
        assert check(server) == f"localhost:{server.port} takes mail from andon@example.org"
    assert box.mails == []


def test_a_server_that_is_not_there_is_told() -> None:
    nobody = MailServer(host="localhost", port=free_port(), scheme="smtp")
    assert "cannot connect to localhost" in str(refused(nobody))


def test_a_wrong_sign_in_is_told(box: Box) -> None:
    options = {"authenticator": box.authenticate, "auth_require_tls": False}
    with mailer(box, **options) as server:
        wrong = replace(server, user="andon", password="wrong")
        assert "535" in str(refused(wrong))
        check(replace(server, user="andon", password="right"))


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_certificate_nobody_vouches_for_is_told(box: Box, scheme: str) -> None:
    with mailer(box, scheme) as server:
        assert "certificate" in str(refused(server, trusted=False))


def test_a_server_that_refuses_our_sender_is_told(box: Box) -> None:
    box.mail = "553 5.7.1 sender not owned"
    with mailer(box) as server:
        assert "refused the sender: 553" in str(refused(server))


def test_mail_goes_on_over_the_connection_of_a_check(box: Box) -> None:
    with mailer(box) as server:
        made = SmtpTransport(server=server, sender="Andon <andon@example.org>")
        with closing(made):
            made.check("")
            made.send(message("email", "ann@example.org"), NOW)
            made.check("")
    assert len(box.mails) == 1
    assert len(box.sessions) == 1


def test_no_mail_server_is_told_as_what_to_set() -> None:
    with pytest.raises(TransportError, match="set ANDON_SMTP_URL") as caught:
        NoTransport("no SMTP server is configured: set ANDON_SMTP_URL").check("")
    assert caught.value.fault is Fault.INSTALLATION
