"""What people may do, who may, and what happens when it is too late."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from andon.alerts.models import IntegrationKey
from andon.catalogue.actions.versions import write_versions
from andon.catalogue.models import Revision, RotaVersion
from andon.core import clock
from andon.core.periods import Period
from andon.incidents.models import Incident
from andon.oncall import actions, rules
from andon.oncall import queries as oncall
from andon.oncall.models import Override
from andon.paging import links
from andon.paging.models import Page
from tests.support import factories as make
from tests.support.scenery import Scene


def said(response: object) -> str:
    return getattr(response, "content").decode()  # noqa: B009


def test_signing_in_and_out(scene: Scene, client: Client) -> None:
    form = {"username": "ann", "password": make.PASSWORD, "next": "/services/checkout/"}
    refused = client.post("/sign-in/", {**form, "password": "wrong"})
    assert "do not go together" in said(refused)
    assert client.post("/sign-in/", form)["Location"] == "/services/checkout/"
    assert client.get("/").status_code == 200
    assert client.get("/sign-out/").status_code == 405, "a link must not sign anybody out"
    client.post("/sign-out/")
    assert client.get("/").status_code == 302


def test_signing_in_never_leads_away(scene: Scene, client: Client) -> None:
    form = {"username": "ann", "password": make.PASSWORD, "next": "https://evil.example/"}
    assert client.post("/sign-in/", form)["Location"] == "/"


def test_a_sign_in_form_without_its_token_is_refused(scene: Scene) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/sign-in/", {"username": "ann", "password": make.PASSWORD})
    assert response.status_code == 403
    assert "open for too long" in said(response)


@pytest.mark.parametrize(
    ("act", "state"), [("acknowledge", "acknowledged"), ("resolve", "restored")]
)
def test_anybody_signed_in_may_act(ann: Client, scene: Scene, act: str, state: str) -> None:
    response = ann.post(f"/incidents/INC-1042/{act}/", follow=True)
    assert response.status_code == 200
    assert Incident.objects.get(number=1042).state == state
    assert "Ann Ashby" in said(response)


def test_a_restored_incident_is_reopened_or_closed(ann: Client, scene: Scene) -> None:
    ann.post("/incidents/INC-1021/close/")
    assert Incident.objects.get(number=1021).state == "closed"
    response = ann.post("/incidents/INC-1021/resolve/", follow=True)
    assert "notice error" in said(response), "a refusal is said, not swallowed"


def test_a_note_is_kept_as_text(ann: Client, scene: Scene) -> None:
    response = ann.post(
        "/incidents/INC-1042/note/", {"text": "<script>alert(1)</script> & so on"}, follow=True
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; so on" in said(response)
    empty = ann.post("/incidents/INC-1042/note/", {"text": "  "}, follow=True)
    assert "The note was empty" in said(empty)


@pytest.mark.parametrize(
    "path", ["/incidents/INC-1042/acknowledge/", "/rotas/checkout-rota/overrides/", "/keys/"]
)
def test_nobody_acts_without_signing_in(scene: Scene, client: Client, path: str) -> None:
    assert client.post(path)["Location"].startswith("/sign-in/")
    assert Incident.objects.get(number=1042).state == "open"


def test_reading_never_acts(ann: Client, scene: Scene) -> None:
    assert ann.get("/incidents/INC-1042/acknowledge/").status_code == 405
    assert ann.post("/incidents/INC-1042/explode/").status_code == 404
    assert ann.post("/incidents/INC-9/resolve/", follow=True).status_code == 404


def test_the_link_in_a_message_asks_acts_once_and_then_explains(
    scene: Scene, client: Client
) -> None:
    path = f"/a/{links.sign(uid=scene.notification.uid)}/"
    asked = client.get(path)
    assert asked.status_code == 200
    assert asked["Cache-Control"] == "no-store"
    assert "noindex" in asked["X-Robots-Tag"]
    assert "Checkout" in said(asked)
    assert "GBP 3,333" in said(asked)
    assert "example.org/checkout" not in said(asked), "nothing more than is needed"
    assert client.head(path).status_code == 200
    assert Page.objects.get(pk=scene.page.pk).state == "paging"
    assert "shown in Europe/London" in said(asked)
    done = client.post(path)
    assert "You have it" in said(done)
    assert "shown in Europe/London" in said(done), "the zone of whom it was sent to, after too"
    assert Page.objects.get(pk=scene.page.pk).acknowledged_by == "Ann Ashby"
    again = client.post(path)
    assert again.status_code == 410
    assert "it works once" in said(again)
    assert "shown in Europe/London" in said(again)
    assert "Ann Ashby has acknowledged it already" in said(client.get(path))


def test_the_link_works_without_cookies(scene: Scene) -> None:
    strict = Client(enforce_csrf_checks=True)
    path = f"/a/{links.sign(uid=scene.notification.uid)}/"
    assert strict.post(path).status_code == 200


@pytest.mark.parametrize("token", ["x", "a.b", "é" * 40, "%00", "A" * 3000])
def test_a_made_up_link_gets_a_helpful_page(db: None, client: Client, token: str) -> None:
    for response in (client.get(f"/a/{token}/"), client.post(f"/a/{token}/")):
        assert response.status_code == 404
        assert "does not work" in said(response)


def test_the_link_to_a_page_leads_to_its_incident(ann: Client, scene: Scene) -> None:
    assert ann.get(f"/p/{scene.page.uid}/")["Location"] == "/incidents/INC-1042/"
    lonely = make.page(scene.stock, at=clock.now(), subject_ref="other")
    assert ann.get(f"/p/{lonely.uid}/")["Location"] == "/services/stock-1/"


def next_july() -> str:
    """Return 1 July of next year: far off on any day, and in summer time."""
    return f"{clock.now().year + 1}-07-01"


def not_on_call(at: datetime) -> str:
    period = Period(at, at + timedelta(hours=1))
    rota = oncall.load_rotas(period=period, slugs=["checkout-rota"])["checkout-rota"]
    turn = rules.who(rota=rota, at=at)
    return "cat" if turn is not None and turn.person == "ben" else "ben"


def test_an_override_is_added_in_the_readers_own_time_and_cancelled(
    ann: Client, scene: Scene
) -> None:
    day = next_july()
    other = not_on_call(datetime.fromisoformat(f"{day}T12:00Z"))
    form = {"person": other, "reason": "Dentist"}
    times = {"starts_at": f"{day}T09:00", "ends_at": f"{day}T17:00"}
    added = ann.post("/rotas/checkout-rota/overrides/", {**form, **times}, follow=True)
    assert "The override is in place" in said(added)
    row = Override.objects.get(reason="Dentist")
    assert f"{row.starts_at:%H:%M}" == "08:00", "09:00 in a London summer"
    assert row.created_by == "ann"
    ann.post(f"/rotas/checkout-rota/overrides/{row.pk}/cancel/")
    row.refresh_from_db()
    assert row.cancelled_at is not None


def test_a_time_that_clocks_show_twice_is_asked_for_and_one_they_skip_is_refused(
    ann: Client, scene: Scene
) -> None:
    year = clock.now().year + 1
    back = max(date(year, 10, day) for day in range(25, 32) if date(year, 10, day).weekday() == 6)
    forward = max(date(year, 3, day) for day in range(25, 32) if date(year, 3, day).weekday() == 6)
    person = not_on_call(datetime.fromisoformat(f"{back}T01:00Z"))
    form = {"person": person, "reason": "Dentist", "ends_at": f"{back}T09:00"}
    skipped = ann.post("/rotas/checkout-rota/overrides/", {**form, "starts_at": f"{forward}T01:30"})
    assert "does not exist in Europe/London" in said(skipped)
    assert "Which of the two" not in said(skipped)
    form["starts_at"] = f"{back}T01:30"
    asked = ann.post("/rotas/checkout-rota/overrides/", form)
    assert (asked.status_code, "happens twice in Europe/London" in said(asked)) == (422, True)
    assert "Which of the two" in said(asked)
    for which, hour in (("first", 0), ("second", 1)):
        form |= {"occurrence": which, "reason": which}
        ann.post("/rotas/checkout-rota/overrides/", form)
        made = Override.objects.get(reason=which)
        assert made.starts_at.hour == hour
        made.delete()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ends_at": "{day}T08:00"}, "after it starts"),
        ({"person": "nobody-of-that-name"}, "nobody-of-that-name"),
        ({"reason": ""}, "required"),
        ({"starts_at": "soon"}, "valid date"),
    ],
)
def test_an_impossible_override_is_explained_and_nothing_typed_is_lost(
    ann: Client, scene: Scene, change: dict[str, str], why: str
) -> None:
    day = next_july()
    form = {
        "person": "ben",
        "starts_at": f"{day}T09:00",
        "ends_at": f"{day}T17:00",
        "reason": "Dentist",
    }
    change = {name: value.format(day=day) for name, value in change.items()}
    before = Override.objects.count()
    response = ann.post("/rotas/checkout-rota/overrides/", {**form, **change})
    assert response.status_code in (404, 409, 422)
    assert why in said(response)
    assert f'value="{day}T' in said(response)
    assert Override.objects.count() == before


def test_a_calendar_address_is_made_and_works_without_signing_in(
    ann: Client, scene: Scene, client: Client
) -> None:
    made = said(ann.post("/rotas/checkout-rota/calendar/"))
    path = "/calendars/" + made.split("/calendars/")[1].split(".ics")[0] + ".ics"
    feed = Client().get(path)
    assert feed.status_code == 200
    assert feed["Content-Type"].startswith("text/calendar")
    assert "Ann Ashby" in said(feed)
    assert Client().get(path, headers={"If-None-Match": feed["ETag"]}).status_code == 304
    assert Client().get("/calendars/andon_cal_wrong.ics").status_code == 404


def test_only_staff_handles_keys(ann: Client, ben: Client, scene: Scene) -> None:
    refused = ann.get("/keys/")
    assert refused.status_code == 403
    assert "may not" in said(refused)
    assert ann.post("/keys/", {"name": "x", "kind": "generic"}).status_code == 403
    made = said(
        ben.post("/keys/", {"name": "cluster", "kind": "alertmanager", "service": "checkout"})
    )
    key = IntegrationKey.objects.get(name="cluster")
    assert "andon_key_" in made
    assert key.digest not in said(ben.get("/keys/"))
    assert key.service == scene.checkout
    wrong = ben.post("/keys/", {"name": "x", "kind": "generic", "service": "no-such"})
    assert wrong.status_code == 422
    assert "no-such" in said(wrong)
    assert ann.post(f"/keys/{key.pk}/revoke/").status_code == 403
    ben.post(f"/keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_the_page_of_a_rota_says_when_it_was_edited_and_what_no_longer_meets_a_shift(
    ann: Client, scene: Scene
) -> None:
    now = clock.now()
    # The scene's own takes somebody's shift on some days of the week only.
    Override.objects.all().delete()
    period = Period(now, now + timedelta(weeks=6))
    rota = oncall.load_rotas(period=period, slugs=["checkout-rota"])["checkout-rota"]
    assert "Edited" not in said(ann.get("/rotas/checkout-rota/"))
    running = rules.who(rota=rota, at=now)
    assert running is not None
    turn = next(
        one
        for one in rules.shifts(rota=rota, period=period)
        if one.period.starts_at > now and not one.override and one.person != running.person
    )
    document = RotaVersion.objects.get(rota__slug="checkout-rota").document
    people = document["rotation"]["participants"]
    other = next(one for one in people if one != turn.person)
    actions.add_override(
        rota="checkout-rota",
        person=other,
        replaces=turn.person,
        starts_at=turn.period.starts_at,
        ends_at=turn.period.ends_at,
        reason="Choir",
        by="ann",
        now=now,
    )
    assert "takes nobody" not in said(ann.get("/rotas/checkout-rota/"))
    rest = [one for one in people if one != turn.person]
    document = {**document, "rotation": {**document["rotation"], "participants": rest}}
    write_versions({"checkout-rota": document}, now, leaving=())
    told = {"rota": "checkout-rota", "words": "checkout-rota: on call now: no change"}
    Revision.objects.create(applied_at=now, applied_by="cat", digest="", plan={"on_call": [told]})
    page = said(ann.get("/rotas/checkout-rota/"))
    assert "finishes the turn that ran then" in page
    assert "The plan that cat applied said: checkout-rota: on call now: no change." in page
    assert "Without effect" in page
    assert "is not on call in that time" in page


@pytest.mark.parametrize("written", ["INC-1042", "inc-1042", "Inc1042", "1042", "01042"])
def test_an_incident_is_found_by_its_reference_as_people_write_it(
    ann: Client, scene: Scene, written: str
) -> None:
    assert "INC-1042" in said(ann.get(f"/incidents/{written}/"))
    assert ann.get(f"/incidents/{written}", follow=True).status_code == 200


@pytest.mark.parametrize("written", ["INC-", "x1042", "9" * 16, "INC--1042", "99999999"])
def test_what_is_no_incident_is_not_found(ann: Client, scene: Scene, written: str) -> None:
    assert ann.get(f"/incidents/{written}/").status_code == 404
