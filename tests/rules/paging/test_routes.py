"""Where alerts go, as tables of sentences."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from andon.alerts.types import Severity
from andon.catalogue.types import Cover, CoverDecision, Service, WorkingHours
from andon.oncall.types import Hours
from andon.paging import rules
from andon.paging.types import Candidates, Crew, Route, RouteVerdict
from andon.people.types import Team

NOW = datetime(2026, 3, 7, 3, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
SERVICE = Service(
    id=1,
    slug="checkout",
    title="Checkout",
    owner=Team(1, "shop", "Team Shop"),
    domain="buying",
    exposure_per_hour=None,
    targets=(),
    working_hours=WorkingHours(),
)


def crew(rota: str | None, *, label: str = "") -> Crew:
    return Crew(label or f"rota {rota}", rota, "shop", "ann", "ben", ("ann", "ben"))


TEAM, DOMAIN, DUTY = crew("shop-rota"), crew("buying-rota"), crew("duty")
MEMBERS = crew(None, label="everyone in Team Shop")
ALL = Candidates(TEAM, DOMAIN, MEMBERS, DUTY)
TARGETS = {Cover.NONE: 990_000, Cover.DOMAIN: 995_000, Cover.TEAM: 999_000}


def routed(
    cover: Cover,
    *,
    working: bool,
    candidates: Candidates = ALL,
    service: Service = SERVICE,
    next_start: datetime = MONDAY,
) -> Route:
    return rules.route(
        service=service,
        ref="checkout",
        cover=CoverDecision(cover, TARGETS[cover], "because"),
        hours=Hours(working, "it is Saturday", NOW if working else next_start),
        candidates=candidates,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("cover", "working", "candidates", "rota", "reason"),
    [
        (Cover.TEAM, True, ALL, "shop-rota", "99.9% target, working hours: paging rota shop-rota"),
        (Cover.NONE, True, ALL, "shop-rota", "99.0% target, working hours: paging rota shop-rota"),
        (Cover.TEAM, True, replace(ALL, team_rota=None), None,
         ("99.9% target, working hours: paging everyone in Team Shop "
         "(Team Shop has nobody on a rota in working hours)")),
        (Cover.TEAM, False, ALL, "shop-rota",
         "99.9% target, team cover out of hours: paging rota shop-rota"),
        (Cover.DOMAIN, False, ALL, "buying-rota",
         "99.5% target, domain cover out of hours: paging rota buying-rota"),
        (Cover.DOMAIN, False, replace(ALL, domain_rota=None), None,
         ("99.5% target, domain cover out of hours: paging everyone in Team Shop "
         "(Checkout is in domain buying, which has nobody on a rota out of hours)")),
        (Cover.TEAM, False, Candidates(catch_all=DUTY), "duty",
         ("99.9% target, team cover out of hours: paging rota duty "
         "(Team Shop has nobody on a rota out of hours; Team Shop has no members)")),
        (Cover.TEAM, False, Candidates(), None,
         ("99.9% target, team cover out of hours, Team Shop has nobody on a rota out of hours; "
         "Team Shop has no members; no catch-all rota has anybody on call: "
         "nobody is left to ask: only the fallback contact")),
    ],
)  # fmt: skip
def test_a_service_pages(
    cover: Cover, working: bool, candidates: Candidates, rota: str | None, reason: str
) -> None:
    route = routed(cover, working=working, candidates=candidates)
    assert (route.verdict, route.rota, route.reason) == (RouteVerdict.PAGE, rota, reason)
    assert route.out_of_hours is not working
    assert route.trace[-1].endswith(reason.rpartition(": ")[2])


def test_no_cover_out_of_hours_is_held_until_work_begins() -> None:
    route = routed(Cover.NONE, working=False)
    assert (route.verdict, route.until, route.rota) == (RouteVerdict.HOLD, MONDAY, None)
    assert route.reason == (
        "99.0% target, no cover out of hours: held until Mon 09:00 Europe/London"
    )
    assert route.trace == (
        "Checkout is owned by Team Shop", "Because", "it is Saturday", route.reason
    )  # fmt: skip


def test_working_hours_that_never_begin_do_not_hold_for_ever() -> None:
    route = routed(Cover.NONE, working=False, next_start=NOW)
    assert route.verdict is RouteVerdict.PAGE
    assert "working hours never begin: paging everyone in Team Shop" in route.reason


@pytest.mark.parametrize(
    ("ref", "candidates", "reason"),
    [
        ("typo", ALL, 'No service is called "typo": paging the catch-all rota duty'),
        ("", ALL, "The alert names no service: paging the catch-all rota duty"),
        ("typo", Candidates(), ('No service is called "typo", and no catch-all rota has anybody on '
                               "call: nobody is left to ask: only the fallback contact")),
    ],
)  # fmt: skip
def test_an_unknown_service_never_goes_to_the_floor(
    ref: str, candidates: Candidates, reason: str
) -> None:
    route = rules.route(
        service=None, ref=ref, cover=None, hours=None, candidates=candidates, now=NOW
    )
    assert (route.verdict, route.reason) == (RouteVerdict.PAGE, reason)


@pytest.mark.parametrize("cover", list(Cover))
@pytest.mark.parametrize("working", [True, False])
@pytest.mark.parametrize("missing", ["team_rota", "domain_rota", "members", "catch_all"])
def test_whatever_is_missing_an_alert_is_paged_or_held_with_a_reason(
    cover: Cover, working: bool, missing: str
) -> None:
    route = routed(cover, working=working, candidates=replace(ALL, **{missing: None}))
    assert route.reason
    assert (route.verdict is RouteVerdict.HOLD) == (cover is Cover.NONE and not working)
    assert route.verdict is RouteVerdict.HOLD or route.rota or route.team


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (2, "Mon 09:00 Europe/London"),
        (6, "Fri 09:00 Europe/London"),
        (7, "Sat 14 Mar 09:00 Europe/London"),
        (9, "Mon 16 Mar 09:00 Europe/London"),
    ],
)
def test_a_time_a_week_away_is_said_with_its_date(days: int, said: str) -> None:
    until = MONDAY + timedelta(days=days - 2)
    assert rules.say_held_until(until=until, timezone="Europe/London", now=NOW) == said


@pytest.mark.parametrize(
    ("severity", "test", "working", "quiet"),
    [
        (Severity.INFO, False, True, "Severity info: recorded, pages nobody"),
        (Severity.WARNING, False, False, ""),
        (Severity.CRITICAL, True, True, ""),
        (Severity.CRITICAL, True, False, "A test alert out of hours: recorded, pages nobody"),
        (Severity.CRITICAL, True, None, "A test alert out of hours: recorded, pages nobody"),
    ],
)
def test_what_pages_nobody_says_why(
    severity: Severity, test: bool, working: bool | None, quiet: str
) -> None:
    hours = None if working is None else Hours(working, "", NOW)
    assert rules.quiet_reason(severity=severity, test=test, hours=hours) == quiet
