"""What a target buys out of hours, in words; which domains are accepted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from andon.catalogue import rules
from andon.catalogue.rules.cover import needs_rota
from andon.catalogue.rules.presets import PRESETS
from andon.catalogue.types import Cover, DomainKind, RotaCovers, Service, TargetWindow, WorkingHours
from andon.people.types import Team

NOW = datetime(2027, 11, 1, 3, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=365)


def organisation(preset: str):
    one = PRESETS[preset]
    return replace(
        rules.default_organisation(),
        preset=preset,
        period=one.period,
        levels=one.levels,
        team_requires_demand=one.team_requires_demand,
    )


def service(*windows: TargetWindow, **changes: object) -> Service:
    made = Service(
        id=1,
        slug="shop",
        title="Shop",
        owner=Team(1, "shop", "Shop"),
        domain=None,
        exposure_per_hour=None,
        targets=windows,
        working_hours=WorkingHours(),
    )
    return replace(made, **changes)


def base(ppm: int) -> TargetWindow:
    return TargetWindow(ppm, LONG_AGO, None)


@pytest.mark.parametrize(
    ("preset", "ppm", "demand", "reason"),
    [
        ("fruits-r-us", 990_000, True, "99.0% target: no cover out of hours"),
        ("fruits-r-us", 995_000, True, "99.5% target: domain rota out of hours"),
        ("fruits-r-us", 999_000, True, "99.9% target: team rota out of hours"),
        (
            "fruits-r-us",
            999_000,
            False,
            "99.9% target but no high demand: domain rota out of hours",
        ),
        ("fruits-r-us", 995_000, False, "99.5% target: domain rota out of hours"),
        ("playbook", 950_000, True, "95.0% target: no cover out of hours"),
        ("playbook", 990_000, True, "99.0% target: domain rota out of hours"),
        ("playbook", 999_000, False, "99.9% target: team rota out of hours"),
        ("playbook", 999_900, False, "99.99% target: team rota out of hours"),
    ],
)
def test_the_cover_follows_from_the_target_by_the_preset(preset, ppm, demand, reason):
    found = rules.cover_at(
        service=service(base(ppm), high_demand=demand), organisation=organisation(preset), at=NOW
    )
    assert found.reason == reason
    assert found.target_ppm == ppm


def test_a_peak_window_upgrades_at_its_first_instant_and_downgrades_at_its_end():
    start, end = NOW, NOW + timedelta(days=6)
    shop = service(base(990_000), TargetWindow(999_000, start, end, "peak"))
    tick = timedelta(microseconds=1)
    covers = [
        rules.cover_at(service=shop, organisation=organisation("fruits-r-us"), at=at).cover
        for at in (start - tick, start, end - tick, end)
    ]
    assert covers == [Cover.NONE, Cover.TEAM, Cover.TEAM, Cover.NONE]


def test_where_windows_overlap_the_highest_target_wins():
    shop = service(
        base(995_000),
        TargetWindow(990_000, LONG_AGO, None, "peak"),
        TargetWindow(999_000, NOW, NOW + timedelta(days=1), "peak"),
    )
    assert rules.target_at(service=shop, at=NOW) == 999_000
    assert rules.target_at(service=shop, at=NOW - timedelta(days=1)) == 995_000


def test_a_declared_cover_wins_over_the_target_and_says_why():
    shop = service(base(990_000), cover_override=Cover.DOMAIN, cover_reason="regulator")
    found = rules.cover_at(service=shop, organisation=organisation("fruits-r-us"), at=NOW)
    assert found.cover is Cover.DOMAIN
    assert found.reason == (
        "99.0% target: domain rota out of hours, declared against no cover out of hours (regulator)"
    )


def test_a_service_without_a_target_is_treated_as_the_lowest():
    found = rules.cover_at(service=service(), organisation=organisation("fruits-r-us"), at=NOW)
    assert (found.cover, found.target_ppm) == (Cover.NONE, 990_000)
    assert found.reason == ("no target in force, so treated as 99.0% target: no cover out of hours")


@pytest.mark.parametrize("word", ["product", "Product", "architectural"])
def test_product_and_architectural_domains_are_accepted(word):
    assert rules.domain_kind(word) is DomainKind(word.lower())


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("geographic", "unrelated services"),
        ("region", "unrelated services"),
        ("technology", "by tool instead of by outcome"),
        ("frontend", "by tool instead of by outcome"),
        ("banana", "not a kind"),
    ],
)
def test_other_domains_are_refused_with_the_reason(word, why):
    with pytest.raises(rules.RefusedDomain, match=why):
        rules.domain_kind(word)


@pytest.mark.parametrize(
    ("covers", "needs"),
    [
        (RotaCovers.ALWAYS, True),
        (RotaCovers.OUT_OF_HOURS, True),
        (RotaCovers.WORKING_HOURS, False),
    ],
)
def test_a_rota_is_needed_for_the_hours_in_which_nobody_is_at_work(
    covers: RotaCovers, needs: bool
) -> None:
    assert needs_rota(covers) is needs
