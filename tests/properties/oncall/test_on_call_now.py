"""On call now answers hours too: who is, or nobody until when and then who."""

from datetime import time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from andon.catalogue.types import Cover, CoverDecision, RotaCovers, Service, WorkingHours
from andon.core.periods import Period
from andon.oncall import rules
from andon.oncall.types import Attendance
from andon.paging import rules as paging
from andon.paging.types import Crew, RouteVerdict
from andon.people.types import Team
from tests.rules.oncall.builders import (
    rota,
    utc,
    version,
)
from tests.rules.oncall.test_on_call_now import DAY

ZONES = (
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Santiago",
    "Asia/Kolkata",
    "Pacific/Apia",
)


TEAMS = ("checkout", "stock")


@st.composite
def tables(draw):
    first = draw(st.integers(0, 23))
    return WorkingHours(
        timezone=draw(st.sampled_from(ZONES)),
        days=frozenset(draw(st.sets(st.integers(0, 6), min_size=1))),
        starts=time(first, draw(st.sampled_from((0, 30)))),
        ends=time((first + draw(st.integers(1, 23))) % 24, 15),
        holidays="",
    )


@st.composite
def instants(draw):
    """An instant, often within hours of a change of the clocks."""
    at = utc("2027-01-01 00:00") + timedelta(minutes=draw(st.integers(0, 365 * 24 * 60)))
    if draw(st.booleans()):
        zone = ZoneInfo(draw(st.sampled_from(ZONES)))
        days = [utc("2027-01-01 12:00") + n * DAY for n in range(366)]
        changes = [
            one
            for one, other in pairwise(days)
            if one.astimezone(zone).utcoffset() != other.astimezone(zone).utcoffset()
        ]
        if changes:
            at = draw(st.sampled_from(changes)) + timedelta(minutes=draw(st.integers(-600, 1800)))
    return at


@st.composite
def shops(draw):
    """Two teams with hours of their own, a domain that both have services in, and their rotas."""
    hours = {team: draw(tables()) for team in TEAMS}
    made = []
    for number in range(draw(st.integers(1, 5))):
        slug, owner = f"rota-{number}", draw(st.sampled_from((*TEAMS, "stores")))
        since, until = utc("2026-01-01 00:00"), utc("2999-01-01 00:00")
        if draw(st.booleans()):
            until = utc("2027-01-01 00:00") + draw(st.integers(0, 365)) * DAY
        people = draw(st.sampled_from(("ann ben cat", "dan", "eve fay")))
        rhythm = {"unit": draw(st.sampled_from(("day", "week"))), "people": people}
        zone = draw(st.sampled_from(ZONES))
        made.append(
            rota(
                version(zone, since=since, until=until, **rhythm),
                slug=slug,
                covers=draw(st.sampled_from(list(RotaCovers))),
                team=owner if owner in TEAMS else None,
                domain=None if owner in TEAMS else "stores",
            )
        )
    at_work = {
        one.slug: [
            Attendance(hours[team], rules.no_holidays)
            for team in ([one.team] if one.team else TEAMS)
        ]
        for one in made
    }
    catch_all = draw(st.sampled_from(("", *(one.slug for one in made))))
    rotas = rules.placed(
        rotas={one.slug: one for one in made}, at_work=at_work, catch_all=catch_all
    )
    return hours, rotas, catch_all


def routed(team, hours, rotas, catch_all, cover, at):
    """Where routing sends an alert of a service of a team at an instant, and whom it asks."""
    service = None
    if team:
        service = Service(1, team, team, Team(1, team, team), "stores", None, (), hours[team])
    found = {}

    def crew(one):
        found[one.slug] = paging.crew_of(rota=one, members=(), at=at)
        return found[one.slug]

    said = rules.hours(working_hours=hours[team], at=at) if team else None
    candidates = paging.candidates(
        service=service,
        rotas=rotas.values(),
        catch_all=rotas.get(catch_all),
        members=Crew("everyone", None, team, None, None, ()),
        working=bool(said and said.working),
        at=at,
        crew=crew,
    )
    decision = CoverDecision(cover, 999_000, "because") if team else None
    route = paging.route(
        service=service, ref="x", cover=decision, hours=said, candidates=candidates, now=at
    )
    asked = found.get(route.rota) if route.verdict is RouteVerdict.PAGE and route.rota else None
    return (asked.rota, asked.on_call) if asked else None


@given(shops(), instants())
def test_who_is_shown_is_who_routing_asks(shop, at):
    """Every rota, every service, any instant: no name that routing would not ask, and none less."""
    hours, rotas, catch_all = shop
    shown = {}
    for slug, one in rotas.items():
        now = rules.on_call_at(rota=one, at=at)
        assert now.shift == rules.who(rota=one, at=at)
        if now.shift is not None:
            shown[slug] = now.shift.person
    everything = [(None, Cover.NONE), *((team, cover) for team in TEAMS for cover in Cover)]
    asked = {
        found
        for team, cover in everything
        if (found := routed(team, hours, rotas, catch_all, cover, at))
    }
    assert asked == set(shown.items())


@given(shops(), instants(), st.integers(1, 30))
def test_shifts_are_the_instants_at_which_somebody_is_on_call(shop, at, length):
    _, rotas, _ = shop
    window = Period(at, at + length * DAY)
    for one in rotas.values():
        shifts = rules.shifts(rota=one, period=window)
        for earlier, later in pairwise(shifts):
            assert earlier.period.ends_at <= later.period.starts_at
        edges = [edge for s in shifts for edge in (s.period.starts_at, s.period.ends_at)]
        probes = [at, *edges, *(edge - timedelta(microseconds=1) for edge in edges)]
        for probe in probes:
            if probe in window:
                inside = next((s for s in shifts if probe in s.period), None)
                assert inside == rules.who(rota=one, at=probe)
        first = rules.on_call_at(rota=one, at=at)
        if first.shift is None and shifts:
            assert first.following == shifts[0]
