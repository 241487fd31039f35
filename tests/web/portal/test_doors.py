"""Getting in by a link: by mail or handed over, once, on any device; and who must not."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from andon.core import clock
from andon.core.ids import digest
from andon.core.models import AuditEntry
from andon.people import actions, rules
from andon.people.models import SignInLink
from andon.people.rules import BY_COMMAND, BY_MAIL, MOST_BY_MAIL, SET_UP, TRIES
from andon.web.portal import mailing, sessions
from tests.support import factories as make
from tests.support import mail_server, scenery
from tests.support.entering import link_of, said, who
from tests.support.scenery import Scene

pytestmark = [
    pytest.mark.database,
    pytest.mark.usefixtures("quick_hashes"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
NEW = "marmalade tin under stairs"
ASK = "/sign-in/link/"
PAGE = "/people/me/password/"


@pytest.fixture
def mails(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give Andon a real mail server; what would be done beside the request is done within it."""
    monkeypatch.setattr(mailing, "soon", lambda work: work())
    box = mail_server.Box()
    with mail_server.mailer(box) as server:
        settings.ANDON_SMTP_URL = f"smtp://{server.host}:{server.port}"
        yield box
        mailing._mail(settings.ANDON_SMTP_URL, settings.ANDON_MAIL_FROM).close()  # type: ignore[attr-defined]


def ask(client: Client, name: str, *, at: str = "198.51.100.9", next_path: str = "") -> Any:
    return client.post(ASK, {"name": name, "next": next_path}, REMOTE_ADDR=at)


def path_of(url: str, settings: Any) -> str:
    assert url.startswith(f"{settings.ANDON_URL}/"), "not what the request called us"
    return url.removeprefix(settings.ANDON_URL)


def link_in(mail: tuple[str, Any, bytes], settings: Any) -> str:
    text = mail[1].get_body(("plain",)).get_content()
    [url] = re.findall(r"Sign in to Andon: (\S+)", text)
    html = mail[1].get_body(("html",)).get_content()
    assert f'href="{url}"' in html
    assert url not in str(mail[1]["Subject"])
    return path_of(url, settings)


def test_anybody_with_an_address_gets_a_link_that_signs_in_on_any_device(
    scene: Scene, client: Client, mails: Any, settings: Any
) -> None:
    make.person("zoe", name="Zoe Kerr")  # no password, no e-mail of the directory
    answer = ask(client, "ZOE KERR")
    assert "If this is somebody here" in said(answer)
    [mail] = mails.mails
    assert mail[0] == "zoe@example.org"
    path = link_in(mail, settings)
    assert who(client) == ""
    phone = Client()
    shown = phone.get(path)
    assert "Sign in as Zoe Kerr" in said(shown)
    entered = phone.post(path, follow=True)
    assert who(phone) == "zoe"
    assert "You have no password yet" in said(entered)
    assert "Set a password" in said(phone.get("/people/zoe/"))
    phone.post(PAGE, {"new_password1": NEW, "new_password2": NEW})
    form = {"username": "zoe", "password": NEW}
    assert Client().post("/sign-in/", form).status_code == 302
    entry = AuditEntry.objects.get(verb=actions.SIGNED_IN, person="zoe", data__how="a link")
    assert entry.subject == "person:zoe"


def test_a_scanner_that_opens_the_link_first_does_not_use_it_up(scene: Scene) -> None:
    path = link_of("ann")
    for method in ("get", "head", "get"):
        scanner = Client()
        assert getattr(scanner, method)(path).status_code == 200
        assert who(scanner) == ""
    phone = Client()
    assert phone.post(path).status_code == 302
    assert who(phone) == "ann"


def test_a_link_works_once_and_ends_the_others(scene: Scene) -> None:
    first, second, bens = link_of("ann"), link_of("ann"), link_of("ben")
    assert Client().post(first)["Location"] == "/"
    for path in (first, second):
        for answer in (Client().get(path), Client().post(path)):
            assert answer.status_code == 410
            assert "Ann" not in said(answer)
    assert Client().post(bens).status_code == 302


def test_a_link_is_too_old_after_a_while(scene: Scene, clocked: Any) -> None:
    path = link_of("ann")
    clocked(seconds=BY_COMMAND.total_seconds() - 1)
    assert Client().get(path).status_code == 200
    clocked(seconds=1)
    answer = Client().post(path)
    assert (answer.status_code, "too old" in said(answer)) == (410, True)


def test_a_new_password_ends_the_links_that_were_sent_before(scene: Scene, ann: Client) -> None:
    path = link_of("ann")
    form = {"old_password": make.PASSWORD, "new_password1": NEW, "new_password2": NEW}
    ann.post(PAGE, form)
    assert Client().post(path).status_code == 410


def test_everybody_is_answered_alike_whether_or_not_they_exist(
    scene: Scene, mails: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenery.person("ann-2", "Ann Ashby")
    names = ("ann", "nobody", "Ann Ashby", "nobody@example.org")
    assert len({said(ask(Client(), name)) for name in names}) == 1
    assert [mail[0] for mail in mails.mails] == ["ann@example.org"]
    monkeypatch.setattr(mailing, "soon", lambda work: None)
    asked = set()
    for name in names:
        with CaptureQueriesContext(connection) as queried:
            ask(Client(), name)
        asked.add(len(queried))
    assert len(asked) == 1, "whoever exists costs no question more before the answer"


def test_a_person_gets_a_few_mails_and_the_answer_stays_the_same(
    scene: Scene, mails: Any, clocked: Any
) -> None:
    answers = {said(ask(Client(), "ann", at=f"198.51.100.{n}")) for n in range(MOST_BY_MAIL + 3)}
    assert len(answers) == 1
    assert len(mails.mails) == MOST_BY_MAIL
    clocked(minutes=15)
    ask(Client(), "ann@example.org")
    assert len(mails.mails) == MOST_BY_MAIL + 1


def test_asking_for_links_is_slowed_for_the_asker_and_costs_nobody_their_password(
    scene: Scene, mails: Any
) -> None:
    answers = [ask(Client(), "nobody@example.org") for _ in range(TRIES + 1)]
    assert [one.status_code for one in answers] == [200] * TRIES + [429]
    assert 800 < int(answers[-1]["Retry-After"]) <= 900
    assert "Too many sign-in links asked for" in said(answers[-1])
    for _ in range(TRIES):
        ask(Client(), "ann", at="192.0.2.7")
    form = {"username": "ann", "password": make.PASSWORD}
    assert Client().post("/sign-in/", form, REMOTE_ADDR="192.0.2.7").status_code == 302


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/incidents/INC-1042/", "/incidents/INC-1042/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("evil", "/"),
        ("/\x00", "/"),
        ("/" + "x" * 600, "/" + "x" * 499),
    ],
)
def test_a_link_leads_on_within_the_portal_only(
    scene: Scene, mails: Any, settings: Any, asked: str, led: str
) -> None:
    ask(Client(), "ann", next_path=asked)
    path = link_in(mails.mails[-1], settings)
    assert Client().post(path)["Location"] == led
    planted = SignInLink.objects.create(
        digest=digest("andon_door_x"),
        purpose="sign-in",
        person=scene.ben,
        next_path=asked.replace("\x00", "")[:500],
        created_at=clock.now(),
        expires_at=clock.now() + BY_MAIL,
    )
    assert planted.pk
    place = Client().post("/sign-in/link/andon_door_x/")["Location"]
    assert place.startswith("/")
    assert "evil" not in place


def test_a_link_names_the_configured_address_whatever_the_request_called_us(
    scene: Scene, mails: Any, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.ANDON_URL = "https://andon.example"
    evil = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    Client().post(ASK, {"name": "ann"}, headers=evil)
    raw = mails.mails[-1][2]
    assert b"https://andon.example/sign-in/link/" in raw
    assert b"evil.example" not in raw


def test_signing_in_by_a_link_makes_a_session_of_its_own(scene: Scene) -> None:
    browser = Client()
    browser.force_login(scene.ben, backend="django.contrib.auth.backends.ModelBackend")
    session = browser.session
    session["left"] = "by ben"
    session.save()
    before = browser.cookies["sessionid"].value
    browser.post(link_of("ann"))
    assert browser.cookies["sessionid"].value != before
    assert "left" not in browser.session
    fixed = Client()
    fixed.cookies["sessionid"] = "a" * 32
    fixed.post(link_of("ben"))
    assert fixed.cookies["sessionid"].value != "a" * 32


def test_a_form_of_another_site_signs_nobody_in(scene: Scene) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link_of("ann")).status_code == 403
    secret = actions.make_set_up_link(by="test", now=clock.now())
    assert strict.post(rules.set_up_link(base_url="", plain=secret.plain)).status_code == 403
    assert strict.post(ASK, {"name": "ann"}).status_code == 403


def test_pages_with_a_secret_in_their_address_keep_it(scene: Scene) -> None:
    secret = actions.make_set_up_link(by="test", now=clock.now())
    for path in (
        link_of("ann"),
        rules.set_up_link(base_url="", plain=secret.plain),
        "/sign-in/link/x/",
    ):
        answer = Client().get(path)
        assert answer["Referrer-Policy"] == "strict-origin"
        assert answer["Cache-Control"] == "no-store"
        assert "noindex" in answer["X-Robots-Tag"]
        assert "andon_door_" not in said(answer)


@pytest.mark.parametrize("token", ["x", "andon_door_" + "A" * 43, "%00", "..%2f", "'; --", "é" * 9])
def test_a_made_up_link_opens_nothing(scene: Scene, token: str) -> None:
    for place in ("/sign-in/link/", "/set-up/"):
        for method in ("get", "post"):
            answer = getattr(Client(), method)(f"{place}{token}/")
            assert answer.status_code == 404


def test_a_link_for_one_door_opens_no_other(scene: Scene) -> None:
    set_up = actions.make_set_up_link(by="test", now=clock.now()).plain
    signs_in = actions.make_sign_in_link(person="ann", by="test", now=clock.now()).plain
    assert Client().post(f"/sign-in/link/{set_up}/").status_code == 404
    assert Client().post(f"/set-up/{signs_in}/").status_code == 404
    headers = {"authorization": f"Bearer {signs_in}"}
    assert Client(headers=headers).get("/api/v1/me").status_code == 401


def test_only_hashes_of_links_are_kept(scene: Scene) -> None:
    plain = actions.make_sign_in_link(person="ann", by="test", now=clock.now()).plain
    row = SignInLink.objects.get()
    assert row.digest == digest(plain)
    assert plain not in repr(row.__dict__)
    assert plain not in str(list(AuditEntry.objects.values()))


def test_whoever_forgot_their_password_sets_a_new_one_soon_after_the_link(
    scene: Scene, clocked: Any
) -> None:
    browser = Client()
    browser.post(link_of("ann"))
    assert "old_password" not in said(browser.get(PAGE))
    clocked(seconds=sessions.RESETS.total_seconds())
    assert "old_password" in said(browser.get(PAGE)), "a phone that is found is no way in for long"
    clocked(hours=1)
    browser = Client()
    browser.post(link_of("ann"))
    browser.post(PAGE, {"new_password1": NEW, "new_password2": NEW})
    assert "old_password" in said(browser.get(PAGE))
    form = {"username": "ann", "password": NEW}
    assert Client().post("/sign-in/", form).status_code == 302


def test_without_a_mail_server_people_are_told_how_else_to_get_in(
    scene: Scene, settings: Any
) -> None:
    settings.ANDON_SMTP_URL = ""
    for path in ("/sign-in/", ASK, "/sign-in/link/x/"):
        assert "andon sign-in-link" in said(Client().get(path))
    answer = ask(Client(), "ann")
    assert "andon sign-in-link" in said(answer)
    assert "on its way" not in said(answer)
    assert not SignInLink.objects.exists()


def test_a_mail_server_that_refuses_changes_no_answer(
    scene: Scene, mails: Any, caplog: pytest.LogCaptureFixture
) -> None:
    well = said(ask(Client(), "ann"))
    mails.rcpt = "550 5.1.1 no such mailbox"
    assert said(ask(Client(), "ben")) == well


def test_old_links_are_forgotten(scene: Scene) -> None:
    link_of("ann")
    assert actions.forget(now=clock.now() + BY_COMMAND, limit=100) == 0
    actions.forget(now=clock.now() + BY_COMMAND + SET_UP + timedelta(seconds=1), limit=100)
    assert not SignInLink.objects.exists()
