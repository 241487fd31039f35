"""Mail over a real SMTP server on loopback: plain, STARTTLS and TLS, well-behaved and not."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from andon.integrations.smtp.connection import MailServer, UnusableServer, start_exchange
from andon.integrations.smtp.transport import SmtpTransport
from andon.paging.types import Fault, Message, TransportError
from tests.integrations.messages import HOSTILE, NOW, PAGE, UID, message
from tests.support.components import free_port
from tests.support.mail_server import AUTHORITY, Box, mailer

#: aiosmtpd forgets to close the transports of connections that clients left.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def box() -> Box:
    return Box()


_OPENED: list[SmtpTransport] = []


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    while _OPENED:
        _OPENED.pop().close()


def transport(server: MailServer, *, trusted: bool = True) -> SmtpTransport:
    context = ssl.create_default_context()
    if trusted:
        AUTHORITY.configure_trust(context)
    made = SmtpTransport(server=server, sender="Andon <andon@example.org>", context=context)
    _OPENED.append(made)
    return made


def page(**changes: object) -> Message:
    return message("email", "ann@example.org", **changes)


@pytest.mark.parametrize("scheme", ["smtp", "smtp+starttls", "smtps"])
def test_a_mail_arrives_with_its_button(box: Box, scheme: str) -> None:
    with mailer(box, scheme) as server:
        sender = transport(server)
        receipt = sender.send(page(), NOW)
        sender.close()
    ((to, mail, _),) = box.mails
    assert to == "ann@example.org"
    assert mail["Subject"] == "[critical] Checkout: 5xx above 1%"
    assert mail["Message-ID"] == f"<{UID}@example.org>" == receipt.provider_id
    assert mail["References"] == mail["In-Reply-To"] == f"<{PAGE}@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-Andon-Page"] == PAGE
    assert mail["Importance"] == "high"
    assert not mail.defects
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "Acknowledge: https://andon.example/a/token/" in text
    assert "GBP 3,333 per minute" in text
    assert 'href="https://andon.example/a/token/"' in html
    assert "kept as 42" in receipt.detail


def test_a_notice_has_no_button_and_is_not_urgent(box: Box) -> None:
    with mailer(box) as server:
        transport(server).send(page(ack_link="", urgent=False), NOW)
    ((_, mail, raw),) = box.mails
    assert mail["Importance"] is None
    assert b"Acknowledge" not in raw


def test_a_connection_is_kept_and_replaced_when_it_has_died(box: Box) -> None:
    with mailer(box) as server:
        sender = transport(server)
        for _ in range(3):
            sender.send(page(), NOW)
        assert len(box.sessions) == 1
        port = server.port
    fresh = Box()
    controller = Controller(fresh, hostname="localhost", port=port)
    controller.start()
    try:
        sender.send(page(), NOW)
    finally:
        sender.close()
        controller.stop()
    assert len(fresh.mails) == 1


def test_o08_hostile_text_injects_nothing_and_stays_readable(box: Box) -> None:
    with mailer(box) as server:
        transport(server).send(page(subject=HOSTILE, body=HOSTILE), NOW)
    ((to, mail, raw),) = box.mails
    assert to == "ann@example.org"
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]
    assert mail["Subject"].startswith("Boom Bcc: all@example.org")
    assert "🔥" in mail["Subject"]
    assert len(mail["Subject"]) <= 200
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "שלום" in text
    assert "\x00" not in text
    assert "\u202e" not in text
    assert b"\x00" not in raw
    assert max(map(len, raw.split(b"\r\n"))) < 998


def test_o08_a_message_without_text_says_so(box: Box) -> None:
    with mailer(box) as server:
        transport(server).send(page(subject=" \r\n", body="\x00"), NOW)
    assert box.mails[0][1]["Subject"] == "(no text)"


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.org\r\nRCPT TO:<eve@x>",
        "ann@example.org,eve@example.org",
        "ann",
        "<a@b>",
        "",
        "a b@example.org",
        "ann@exa..mple.org",
    ],
)
def test_an_address_that_is_none_is_refused_without_asking(address: str) -> None:
    nowhere = transport(MailServer(host="localhost", port=1, scheme="smtp"))
    with pytest.raises(TransportError) as caught:
        nowhere.send(message("email", address), NOW)
    assert caught.value.fault is Fault.RECIPIENT


@pytest.mark.parametrize(
    ("rcpt", "data", "fault"),
    [
        ("450 4.2.1 later", "", Fault.TEMPORARY),
        ("550 5.1.1 no such user", "", Fault.RECIPIENT),
        ("550 no such user", "", Fault.RECIPIENT),
        ("550 5.1.8 sender's domain not found", "", Fault.INSTALLATION),
        ("554 5.7.1 relay access denied", "", Fault.MESSAGE),
        ("550 5.7.1 policy", "", Fault.MESSAGE),
        ("452 4.3.1 out of space", "", Fault.INSTALLATION),
        ("250 ok", "451 4.3.0 try again", Fault.INSTALLATION),
        ("250 ok", "451 4.7.1 greylisted", Fault.TEMPORARY),
        ("250 ok", "554 5.6.0 looks like spam", Fault.MESSAGE),
        ("250 ok", "550 5.4.5 daily quota exceeded", Fault.INSTALLATION),
    ],
)
def test_what_the_server_answers_decides(box: Box, rcpt: str, data: str, fault: Fault) -> None:
    box.rcpt, box.data = rcpt, data
    with mailer(box) as server, pytest.raises(TransportError) as caught:
        transport(server).send(page(), NOW)
    assert (caught.value.fault, caught.value.unknown) == (fault, False)


def test_a_break_after_the_message_left_is_unknown(box: Box) -> None:
    box.data = ""
    with mailer(box) as server, pytest.raises(TransportError) as caught:
        transport(server).send(page(), NOW)
    assert caught.value.unknown


def test_a_server_that_is_not_there_is_the_installations_fault() -> None:
    with pytest.raises(TransportError, match="cannot connect") as caught:
        transport(MailServer(host="localhost", port=free_port(), scheme="smtp")).send(page(), NOW)
    assert caught.value.fault is Fault.INSTALLATION
    assert not caught.value.unknown


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_certificate_nobody_vouches_for_is_refused(box: Box, scheme: str) -> None:
    with mailer(box, scheme) as server, pytest.raises(TransportError) as caught:
        transport(server, trusted=False).send(page(), NOW)
    assert caught.value.fault is Fault.INSTALLATION
    assert box.mails == []


def test_no_mail_leaves_in_the_clear_when_tls_was_asked_for(box: Box) -> None:
    with mailer(box, "smtp") as server, pytest.raises(TransportError, match="STARTTLS") as caught:
        transport(replace(server, scheme="smtp+starttls")).send(page(), NOW)
    assert caught.value.fault is Fault.INSTALLATION
    assert box.mails == []


@pytest.mark.parametrize(("password", "works"), [("right", True), ("wrong", False)])
def test_signing_in(box: Box, password: str, works: bool) -> None:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == b"right", handled=False)

    options = {"authenticator": check, "auth_required": True, "auth_require_tls": True}
    with mailer(box, "smtp+starttls", **options) as server:
        sender = transport(replace(server, user="andon", password=password))
        if works:
            sender.send(page(), NOW)
        else:
            with pytest.raises(TransportError) as caught:
                sender.send(page(), NOW)
            assert caught.value.fault is Fault.INSTALLATION
    assert len(box.mails) == works


def test_a_server_that_drips_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        peer, _ = listener.accept()
        with peer:
            try:
                while not released.wait(0.05):
                    peer.sendall(b"2")
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    monkeypatch.setattr(
        "andon.integrations.smtp.transport.start_exchange", lambda: start_exchange(0.5)
    )
    started = time.perf_counter()
    server = MailServer(host="127.0.0.1", port=listener.getsockname()[1], scheme="smtp")
    with pytest.raises(TransportError) as caught:
        transport(server).send(page(), NOW)
    assert time.perf_counter() - started < 2
    assert caught.value.fault is Fault.INSTALLATION
    released.set()
    thread.join(5)
    listener.close()


def test_threads_share_a_transport(box: Box) -> None:
    failures: list[Exception] = []
    with mailer(box) as server:
        sender = transport(server)

        def work() -> None:
            try:
                for _ in range(10):
                    sender.send(page(), NOW)
            except TransportError as error:
                failures.append(error)
            sender.close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert failures == []
    assert len(box.mails) == 40
    assert len(box.sessions) <= 4


def test_the_settings_say_where_mail_goes() -> None:
    server = MailServer.parse("smtp+starttls://ann%40x:p%2Fw@mail.example.org")
    assert (server.user, server.password, server.port) == ("ann@x", "p/w", 587)
    assert MailServer.parse("smtps://[::1]").host == "::1"
    for wrong in ("mail.example.org", "http://x", "smtp://", "smtp://x:port"):
        with pytest.raises(UnusableServer, match="ANDON_SMTP_URL"):
            MailServer.parse(wrong)
    with pytest.raises(ValueError, match="ANDON_MAIL_FROM"):
        SmtpTransport(server=server, sender="nobody")
