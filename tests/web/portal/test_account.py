"""Signing in is slowed for guessers and for nobody else; sessions end; accounts are one's own."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client

from andon.core import clock
from andon.core.models import AuditEntry
from andon.oncall.models import CalendarFeed
from andon.paging import links
from andon.paging.models import Notification, Page
from andon.people import actions
from andon.people.actions.passwords import NotGuessable
from andon.people.models import Person, SignInTry
from andon.people.rules import SPRAYED, TRIES
from andon.project import environment
from andon.web.portal.views.sign_in import DEVICE_COOKIE
from tests.support import factories as make
from tests.support.scenery import Scene

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("quick_hashes")]
NEW = "marmalade tin under stairs"


def said(response: object) -> str:
    return getattr(response, "content").decode()  # noqa: B009


def sign_in(client: Client, name: str, password: str = make.PASSWORD, *, at: str = "") -> Any:
    form = {"username": name, "password": password}
    return client.post("/sign-in/", form, REMOTE_ADDR=at or "198.51.100.9")


def test_guessing_passwords_is_stopped_and_said(scene: Scene, client: Client) -> None:
    answers = [sign_in(client, "ann", "guess") for _ in range(TRIES + 1)]
    assert [one.status_code for one in answers] == [200] * TRIES + [429]
    assert "Too many wrong passwords under this name from your network" in said(answers[-1])
    assert "use the link in its message" in said(answers[-1])
    assert 800 < int(answers[-1]["Retry-After"]) <= 900
    assert sign_in(client, "ann").status_code == 429, "even the right one, for a while"
    assert sign_in(Client(), "ANN ", "guess").status_code == 429, "capitals are the same name"


def test_the_wait_ends_and_the_right_password_clears_the_count(
    scene: Scene, client: Client, clocked: Any
) -> None:
    for _ in range(TRIES):
        sign_in(client, "ann", "guess")
    clocked(minutes=15)
    assert sign_in(client, "ann").status_code == 302
    assert not SignInTry.objects.filter(name="ann", at__gte=clock.now()).exists()


def test_ten_wrong_passwords_behind_a_proxy_lock_out_nobody_else(
    scene: Scene, settings: Any
) -> None:
    for _ in range(TRIES + 1):
        sign_in(Client(), "ann", "guess", at="10.0.0.1")
    assert sign_in(Client(), "ben", at="10.0.0.1").status_code == 302


def test_behind_a_trusted_proxy_the_guesser_is_the_one_who_waits(
    scene: Scene, settings: Any
) -> None:
    env = environment.read({"ANDON_TRUSTED_PROXIES": "10.0.0.1, 10.1.0.0/16"})
    settings.ANDON_TRUSTED_PROXIES = env.trusted_proxies
    form = {"username": "ann", "password": "guess"}
    guesser = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.5"}
    codes = {Client().post("/sign-in/", form, **guesser).status_code for _ in range(TRIES + 1)}
    assert codes == {200, 429}
    form["password"] = make.PASSWORD
    assert Client().post("/sign-in/", form, **guesser).status_code == 429
    home = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "made up, 192.0.2.44"}
    assert Client().post("/sign-in/", form, **home).status_code == 302


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy.example"])
def test_a_proxy_that_is_no_address_stops_the_start(text: str) -> None:
    with pytest.raises(environment.UnusableEnvironment, match="ANDON_TRUSTED_PROXIES has"):
        environment.read({"ANDON_TRUSTED_PROXIES": text})


def test_spraying_forty_names_is_slowed(scene: Scene, clocked: Any) -> None:
    codes = [sign_in(Client(), f"person-{n}", "guess").status_code for n in range(40)]
    assert codes == [200] * SPRAYED + [429] * (40 - SPRAYED)
    clocked(seconds=31)
    assert sign_in(Client(), "person-41", "guess").status_code == 200
    assert sign_in(Client(), "person-42", "guess").status_code == 429
    assert sign_in(Client(), "ann", at="192.0.2.44").status_code == 302, "others are not held up"


def test_strangers_at_the_same_address_cannot_keep_a_known_browser_out(
    scene: Scene, client: Client
) -> None:
    assert sign_in(client, "ann").status_code == 302
    client.post("/sign-out/")
    for _ in range(TRIES + 1):
        sign_in(Client(), "ann", "guess")
    assert sign_in(Client(), "ann").status_code == 429
    assert sign_in(client, "ann").status_code == 302
    cookie = client.cookies[DEVICE_COOKIE]
    assert cookie["httponly"]
    other = Client()
    other.cookies[DEVICE_COOKIE] = cookie.value[:-1] + ("A" if cookie.value[-1] != "A" else "B")
    assert sign_in(other, "ann").status_code == 429, "a made-up cookie is none"


def test_whoever_is_locked_out_still_takes_a_page_by_its_link(scene: Scene) -> None:
    for _ in range(TRIES + 1):
        sign_in(Client(), "ann", "guess")
    path = f"/a/{links.sign(uid=scene.notification.uid)}/"
    assert "You have it" in said(Client().post(path))


def test_the_operator_screens_have_no_way_in_of_their_own(scene: Scene, client: Client) -> None:
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/sign-in/?next=%2Fadmin%2F")
    assert client.post("/admin/login/", {"username": "ann", "password": "x"})[
        "Location"
    ].startswith("/sign-in/")
    sign_in(client, "ben")
    Person.objects.filter(slug="ben").update(is_staff=False)
    assert client.get("/admin/", follow=True).status_code == 403


def test_a_session_ends_when_nobody_uses_it_for_a_day(
    scene: Scene, client: Client, clocked: Any
) -> None:
    sign_in(client, "ann")
    for _ in range(3):
        clocked(hours=23)
        assert client.get("/").status_code == 200
    clocked(hours=24)
    assert client.get("/")["Location"] == "/sign-in/?next=/"


def test_a_session_ends_after_two_weeks_whatever_happens(
    scene: Scene, client: Client, clocked: Any
) -> None:
    sign_in(client, "ann")
    for _ in range(27):
        clocked(hours=12)
        assert client.get("/").status_code == 200
    clocked(hours=12)
    assert client.get("/").status_code == 302


def test_reading_writes_the_session_down_now_and_then_only(
    scene: Scene, client: Client, clocked: Any, django_assert_max_num_queries: Any
) -> None:
    sign_in(client, "ann")
    before = Session.objects.get().session_data
    client.get("/people/")
    assert Session.objects.get().session_data == before
    clocked(minutes=11)
    client.get("/people/")
    assert Session.objects.get().session_data != before


def test_what_is_over_is_forgotten(scene: Scene, client: Client) -> None:
    sign_in(client, "ann", "guess")
    sign_in(client, "ben")
    later = clock.now() + timedelta(days=15)
    assert actions.forget(now=later, limit=100) == 2
    assert not Session.objects.exists()
    assert not SignInTry.objects.exists()


def test_a_person_changes_their_password_and_is_signed_out_elsewhere(
    scene: Scene, client: Client
) -> None:
    phone = Client()
    sign_in(phone, "ann")
    sign_in(client, "ann")
    assert "Change your password" in said(client.get("/people/ann/"))
    assert "Current password" in re.sub("Old password", "Current password", said(client.get(PAGE)))
    form = {"old_password": make.PASSWORD, "new_password1": NEW, "new_password2": NEW}
    answer = client.post(PAGE, form, follow=True)
    assert "Your password is set" in said(answer)
    assert phone.get("/").status_code == 302
    assert sign_in(Client(), "ann").status_code == 200, "the old one is refused"
    assert sign_in(Client(), "ann", NEW).status_code == 302
    entry = AuditEntry.objects.get(verb="set the password of")
    assert (entry.person, entry.subject) == ("ann", "person:ann")


PAGE = "/people/me/password/"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"old_password": "wrong"}, "entered incorrectly"),
        ({"new_password2": "marmalade tin under chairs"}, "match"),
        ({"new_password1": "aaaaaaaaaaaa", "new_password2": "aaaaaaaaaaaa"}, "guessed too soon"),
        ({"new_password1": "kX9#q", "new_password2": "kX9#q"}, "at least 12 characters"),
    ],
)
def test_a_password_that_cannot_be_is_explained(
    ann: Client, scene: Scene, change: dict[str, str], why: str
) -> None:
    form = {"old_password": make.PASSWORD, "new_password1": NEW, "new_password2": NEW} | change
    answer = ann.post(PAGE, form)
    assert answer.status_code == 422
    assert why in said(answer)
    fields = re.findall(r'<input[^>]*type="password"[^>]*>', said(answer))
    assert len(fields) == 3
    assert not any("value=" in one for one in fields), "no password is sent back"


def test_whoever_finds_a_phone_signed_in_cannot_guess_its_password_there(
    ann: Client, scene: Scene
) -> None:
    form = {"old_password": "guess", "new_password1": NEW, "new_password2": NEW}
    codes = [ann.post(PAGE, form).status_code for _ in range(TRIES + 1)]
    assert codes == [422] * TRIES + [429]


@pytest.mark.parametrize(
    "password",
    ["aaaaaaaaaaaa", "abcabcabcabc", "123456789012", "qwertyuiop12", "passwordpassword",
     "ann ashby 2026", "AnnAnnAnnAnn"],
)  # fmt: skip
def test_a_password_that_is_soon_guessed_is_refused(password: str) -> None:
    who = Person(slug="ann", name="Ann Ashby", email="ann@example.org")
    with pytest.raises(ValidationError, match="guessed too soon"):
        NotGuessable().validate(password, who)


@pytest.mark.parametrize("password", [make.PASSWORD, NEW, "gJ7k-2bd9-x91a-88fe", NEW * 9])
def test_a_good_password_is_accepted(password: str) -> None:
    NotGuessable().validate(password, Person(slug="ann", name="Ann Ashby"))


def test_a_calendar_address_of_a_rota_is_revoked(ann: Client, scene: Scene, settings: Any) -> None:
    made = ann.post("/rotas/checkout-rota/calendar/", headers={"host": "localhost"})
    [address] = re.findall(r'class="secret" tabindex="0">([^<]+)<', said(made))
    assert address.startswith(f"{settings.ANDON_URL}/calendars/"), "not what the request called us"
    path = address.removeprefix(settings.ANDON_URL)
    assert Client().get(path).status_code == 200
    feed = CalendarFeed.objects.get()
    shown = said(ann.get("/rotas/checkout-rota/"))
    assert feed.hint in shown
    assert "last read" in shown
    wrong = ann.post(f"/rotas/stores-rota/calendar/{feed.pk}/revoke/", follow=True)
    assert "no such calendar address" in said(wrong)
    assert Client().get(path).status_code == 200
    gone = ann.post(f"/rotas/checkout-rota/calendar/{feed.pk}/revoke/", follow=True)
    assert "no longer works" in said(gone)
    assert feed.hint not in said(ann.get("/rotas/checkout-rota/"))
    assert Client().get(path).status_code == 404
    assert AuditEntry.objects.filter(verb="revoke calendar", person="ann").exists()


def test_a_calendar_address_of_ones_own_shifts_is_made_and_revoked_by_oneself_only(
    ann: Client, ben: Client, scene: Scene, settings: Any
) -> None:
    made = said(ann.post("/people/me/calendar/"))
    [address] = re.findall(r'class="secret" tabindex="0">([^<]+)<', made)
    path = address.removeprefix(settings.ANDON_URL)
    assert "Ann Ashby" in said(Client().get(path))
    feed = CalendarFeed.objects.get()
    assert feed.hint in said(ann.get("/people/ann/"))
    assert feed.hint not in said(ben.get("/people/ann/"))
    ben.post(f"/people/me/calendar/{feed.pk}/revoke/")
    assert Client().get(path).status_code == 200
    ann.post(f"/people/me/calendar/{feed.pk}/revoke/")
    assert Client().get(path).status_code == 404


def test_a_used_link_shows_its_page_for_a_short_while_only(
    scene: Scene, client: Client, clocked: Any
) -> None:
    path = f"/a/{links.sign(uid=scene.notification.uid)}/"
    client.post(path)
    clocked(minutes=29)
    assert "Checkout" in said(client.get(path))
    clocked(minutes=1)
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 410
        assert "can no longer act" in said(answer)
        for fact in ("Checkout", scene.page.summary, "Ann Ashby"):
            assert fact not in said(answer)


def test_the_link_and_the_calendar_of_somebody_who_has_left_do_nothing(
    ann: Client, scene: Scene, settings: Any
) -> None:
    made = said(ann.post("/people/me/calendar/"))
    [address] = re.findall(r'class="secret" tabindex="0">([^<]+)<', made)
    calendar = address.removeprefix(settings.ANDON_URL)
    assert Client().get(calendar).status_code == 200
    path = f"/a/{links.sign(uid=scene.notification.uid)}/"
    assert Client().get(path).status_code == 200
    Person.objects.filter(slug="ann").update(retired_at=clock.now())
    for answer in (Client().get(path), Client().post(path)):
        assert answer.status_code == 410
        assert "Checkout" not in said(answer)
    assert Page.objects.get(pk=scene.page.pk).state == "paging", "who is there is still called"
    assert Client().get(calendar).status_code == 404


def test_a_link_that_is_too_old_shows_nothing(scene: Scene, client: Client) -> None:
    old = clock.now() - links.LIFE
    Notification.objects.filter(pk=scene.notification.pk).update(created_at=old)
    path = f"/a/{links.sign(uid=scene.notification.uid)}/"
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 410
        assert "Checkout" not in said(answer)
    assert Page.objects.get(pk=scene.page.pk).state == "paging"
