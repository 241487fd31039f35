"""Whom a rota puts forward, and which crews a route may choose from."""

from dataclasses import replace
from functools import partial

import pytest

from andon.catalogue.types import Service, WorkingHours
from andon.oncall.types import Rota
from andon.paging import rules
from andon.paging.types import Candidates, Crew
from andon.people.types import Team
from tests.rules.oncall.builders import override, rota, utc, version

NIGHT = utc("2027-05-04 03:00")
DAY = utc("2027-05-04 10:00")
HOURS = WorkingHours(holidays="")
SERVICE = Service(
    id=1,
    slug="checkout",
    title="Checkout",
    owner=Team(1, "checkout", "Team Checkout"),
    domain="buying",
    exposure_per_hour=None,
    targets=(),
    working_hours=HOURS,
)
MEMBERS = Crew("everyone in Team Checkout", None, "checkout", None, None, ("ann", "ben"))
TEAM = rota(slug="team-rota", hours=HOURS)
DOMAIN = rota(version(people="dan eve"), slug="shared", team=None, domain="buying", hours=HOURS)
ALWAYS = rota(version(people="dan"), slug="shared", team=None, domain="buying")
DUTY = rota(version(people="fay"), slug="duty", team=None, hours=HOURS)
NOBODY = rota(version(people=""), slug="team-rota", hours=HOURS)


def found(**changes: object) -> Candidates:
    at = changes.pop("at", NIGHT)
    facts = {
        "service": SERVICE,
        "rotas": [TEAM, DOMAIN],
        "catch_all": DUTY,
        "members": MEMBERS,
        "working": False,
        "at": at,
        "crew": partial(_crew, at=at),
    }
    return rules.candidates(**(facts | changes))  # type: ignore[arg-type]


def _crew(one: Rota, *, at: object) -> Crew:
    return rules.crew_of(rota=one, members=(), at=at)  # type: ignore[arg-type]


def named(candidates: Candidates) -> list[str | None]:
    crews = (candidates.team_rota, candidates.domain_rota, candidates.catch_all)
    return [crew.rota if crew else None for crew in crews]


@pytest.mark.parametrize(
    ("changes", "crews"),
    [
        ({}, ["team-rota", "shared", "duty"]),
        # A domain answers out of hours only.
        ({"working": True, "at": DAY}, ["team-rota", None, "duty"]),
        ({"working": True, "rotas": [TEAM, ALWAYS]}, ["team-rota", None, "duty"]),
        ({"service": replace(SERVICE, domain=None)}, ["team-rota", None, "duty"]),
        ({"service": None}, [None, None, "duty"]),
        ({"catch_all": None}, ["team-rota", "shared", None]),
        ({"rotas": [NOBODY, DOMAIN]}, [None, "shared", "duty"]),
        # Asked in hours of work only: nobody is on call for it at night.
        ({"rotas": [rota(slug="team-rota", covers="working-hours", hours=HOURS)]},
         [None, None, "duty"]),
    ],
)  # fmt: skip
def test_a_route_chooses_from_those_who_are_on_call(
    changes: dict[str, object], crews: list[str | None]
) -> None:
    assert named(found(**changes)) == crews


@pytest.mark.parametrize(
    ("members", "kept"), [(MEMBERS, MEMBERS), (replace(MEMBERS, everyone=()), None), (None, None)]
)
def test_a_team_without_members_is_nobody(members: Crew | None, kept: Crew | None) -> None:
    assert found(members=members).members == kept


def test_a_rota_puts_forward_its_participants_the_team_and_whoever_has_the_turn() -> None:
    taken = override("zoe", "2027-05-04 00:00", "2027-05-05 00:00")
    later = utc("2027-06-01 00:00")
    versions = version(until=later), version(people="guy", since=later)
    crew = rules.crew_of(rota=rota(*versions, overrides=[taken]), members=["hal", "ann"], at=NIGHT)
    assert (crew.label, crew.rota, crew.team) == ("rota checkout", "checkout", "checkout")
    assert crew.on_call == "zoe"
    assert crew.everyone == ("ann", "ben", "cat", "hal", "zoe")
    assert rules.crew_of(rota=rota(*versions), members=(), at=later).everyone == ("guy",)


def test_a_rota_whose_turn_is_nobodys_has_nobody_on_call() -> None:
    crew = rules.crew_of(rota=NOBODY, members=["hal"], at=NIGHT)
    assert (crew.on_call, crew.everyone) == (None, ("hal",))
