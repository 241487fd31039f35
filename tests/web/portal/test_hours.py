"""A Friday at 22:03: every page, the API, the command and the calendars say the same of a rota."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from icalendar import Calendar
from typer.testing import CliRunner

from andon.catalogue import models as catalogue
from andon.catalogue import queries as organisations
from andon.cli.main import app
from andon.core.periods import Period
from andon.oncall import actions, queries, rules
from andon.paging import queries as paging
from andon.paging.actions.desk import Desk
from tests.support import clocks
from tests.support import factories as make
from tests.support.scenery import Scene, person

FRIDAY = datetime(2026, 11, 27, 22, 3, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.database


@pytest.fixture
def at_night(db: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Tara and Zoe take turns in working hours, all hours are Ann's and Ben's; Tara has Monday."""
    clocks.turn(monkeypatch, to=FRIDAY)
    tara, zoe = person("tara", "Tara Moss"), person("zoe", "Zoe Nkosi")
    days = make.team("packing", title="Packing", members=[tara, zoe])
    make.rota("packing-days", of=days, people=[zoe, tara], covers="working-hours")
    always = make.team("checkout", title="Checkout", members=[person("ann", "Ann Ashby")])
    make.rota("checkout-always", of=always, people=[person("ben", "Ben Osei")])
    make.service("labels", owner=days, ppm=990_000)
    client = Client()
    client.force_login(tara, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("path", ["/", "/rotas/", "/rotas/packing-days/", "/teams/packing/"])
def test_nobody_is_named_on_call_who_is_not(at_night: Client, path: str) -> None:
    text = at_night.get(path).content.decode()
    assert "2026-11-30T09:00:00Z" in text, "the next start"
    assert "Tara Moss" in text, "who it will be"
    on_call = text.partition("The coming weeks")[0].partition('id="h-people"')[0]
    assert "Zoe Nkosi" not in on_call, "whose turn it is, and who is not asked at this hour"


def test_the_rotas_page_says_when_it_answers_and_leaves_out_the_other_hours(
    at_night: Client,
) -> None:
    text = at_night.get("/rotas/packing-days/").content.decode()
    assert "Answers in working hours (Mon-Fri 09:00-17:00 Europe/London)." in text
    assert "Nobody until" in text
    assert "09:00-17:00 Zoe Nkosi" in text
    assert text.count("not asked") >= 12, "the weekends of six weeks"
    assert "in working hours</span>" in text


def test_the_api_and_the_command_say_when_the_next_starts_and_who(at_night: Client) -> None:
    key = make.api_key(make.person("machine"), now=FRIDAY)
    api = Client(headers={"authorization": f"Bearer {key}"})
    for found in (
        api.get("/api/v1/on-call").json()[1],
        api.get("/api/v1/rotas/packing-days/on-call").json(),
        api.get("/api/v1/rotas").json()["items"][1],
    ):
        assert (found["slug"], found["on_call"], found["answers"]) == ("packing-days", False, False)
        assert (found["person"], found["until"]) == (None, None)
        assert (found["next"]["name"], found["next_starts_at"]) == (
            "Tara Moss",
            "2026-11-30T09:00:00Z",
        )
        assert found["reason"].endswith("is after working hours end at 17:00")
    shifts = api.get("/api/v1/rotas/packing-days", {"days": 7}).json()["shifts"]
    assert [one["starts_at"][:10] for one in shifts] == [f"2026-{d}" for d in (
        "11-30", "12-01", "12-02", "12-03", "12-04",
    )]  # fmt: skip
    said = CliRunner().invoke(app, ["oncall", "--rota", "packing-days", "--json"])
    (row,) = json.loads(said.stdout)
    assert (row["on_call"], row["person"], row["next"]["slug"]) == (False, None, "tara")
    assert datetime.fromisoformat(row["next_starts_at"]) == MONDAY
    assert "nobody" in CliRunner().invoke(app, ["oncall", "--rota", "packing-days"]).stdout


def test_a_calendar_leaves_out_what_the_rota_does_not_cover(at_night: Client) -> None:
    for of in ({"rota": "packing-days"}, {"person": "tara"}):
        token = actions.create_feed(by="tara", now=FRIDAY, **of).plain
        found = queries.feed(token, FRIDAY)
        assert found is not None
        events = list(Calendar.from_ical(found[0]).walk("VEVENT"))
        assert len(events) > 60
        for event in events:
            starts, ends = event["dtstart"].dt, event["dtend"].dt
            assert ends - starts == 8 * HOUR
            assert starts.weekday() < 5


def test_a_retired_rota_does_not_keep_pages_from_the_one_in_force(db: None) -> None:
    """It is remembered for twelve weeks, and was chosen for its name: everybody was paged."""
    ann, ben = make.person("ann"), make.person("ben")
    team = make.team("checkout", members=[ann, ben])
    old = make.rota("a-rota", of=team, people=[ann])
    new = make.rota("b-rota", of=team, people=[ben])
    catalogue.Rota.objects.filter(pk=old.pk).update(retired_at=FRIDAY - HOUR)
    new.versions.update(starts_at=FRIDAY - HOUR)
    service = make.service("basket", owner=team)
    desk = Desk(now=FRIDAY, service_ids=[service.pk])
    route = desk.route(service_id=service.pk, ref="", severity="critical")
    assert route.rota == "b-rota"
    (shown,) = queries.on_call_now(at=FRIDAY)
    assert shown.shift is not None
    assert (shown.rota.slug, shown.shift.person) == ("b-rota", "ben")


def test_who_is_shown_for_a_service_is_who_its_page_would_ask(scene: Scene) -> None:
    """Also with other hours, other owners in a domain, and a rota of the team beside it."""
    team = scene.stock.owner
    team.working_hours = {"timezone": "Asia/Tokyo", "bankHolidays": ""}
    team.save()
    make.rota("stock-days", of=team, people=[scene.ann], covers="working-hours")
    organisation = organisations.organisation()
    ids = list(catalogue.Service.objects.values_list("pk", flat=True))
    services = organisations.load_services(ids=ids)
    seen = set()
    for hour in range(0, 7 * 24, 3):
        at = MONDAY + hour * HOUR
        desk = Desk(now=at, service_ids=ids)
        for pk, service in services.items():
            route = desk.route(service_id=pk, ref="", severity="critical")
            crew = desk.crew(rota=route.rota or "", team=route.team)
            found = paging.answering(service=service, organisation=organisation, now=at)
            assert found.route == route
            if route.rota:
                assert crew is not None
                assert found.crew is not None
                (shown,) = queries.on_call_now(at=at, slugs=[route.rota])
                assert shown.shift is not None
                assert shown.shift.person == crew.on_call == found.crew.on_call
                seen.add(route.rota)
    assert {"stock-days", "checkout-rota"} <= seen


def test_hours_of_a_domain_are_those_of_everybody_with_a_service_in_it(scene: Scene) -> None:
    noon = MONDAY + 3 * HOUR
    whole = Period(MONDAY, MONDAY + timedelta(days=7))

    def asked() -> bool:
        rota = queries.load_rotas(period=whole, slugs=["stores-rota"])["stores-rota"]
        return rules.asked(answers=rota.answers, at=noon).now

    assert not asked()
    abroad = make.team("abroad", working_hours={"timezone": "Asia/Tokyo", "bankHolidays": ""})
    make.service("abroad-1", owner=abroad, domain=scene.stock.domain)
    assert asked()
