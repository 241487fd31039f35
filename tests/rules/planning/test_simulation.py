"""The simulation against its vectors, closed forms within its own stated error, and itself."""

import math
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import Cover, WorkingHours
from andon.core.money import Money
from andon.planning.rules import week
from andon.planning.rules.exact import to_float
from andon.planning.rules.expected import loss_per_incident
from andon.planning.rules.frequency import Severity, aggregate, count_correlation
from andon.planning.rules.premium import premium_of
from andon.planning.rules.week import profile
from andon.planning.simulation import UnableToSimulate, simulate
from andon.planning.simulation.chunk import World, histories
from andon.planning.simulation.exposure import (
    DAY,
    DAYS,
    YEAR,
    calendar,
    exposure,
    opening,
)
from andon.planning.simulation.incidents import Block, Source, blocks
from andon.planning.simulation.losses import Stake
from andon.planning.types import Season, Stretch
from tests.rules.planning.estates import BUSY_DAYS, GBP, insured, portfolio

WEEK = 7 * DAY
#: Standard errors an honest figure stays within, nearly always: one in 3,000 does not.
FAR = 3.6


def pounds(amount):
    return Money(round(amount * 100), GBP)


def losses_of(*services, years=20_000, seed=1):
    """Return one row of yearly losses for each service."""
    world = World(portfolio(*services))
    slugs = [one.slug for one in services]
    return histories(world=world, slugs=slugs, years=years, seed=seed).losses


def block(starts, lasts, *, begins=None, at=None):
    """Return one hand-made outage."""
    starts = np.array([float(starts)])
    begins = starts if begins is None else np.array([float(begins)])
    clock = starts if at is None else np.array([float(at)])
    return Block(np.array([0]), clock, starts, begins, begins + lasts, by_month=False)


def lost(service, outage):
    return float(Stake.of(service).losses(outage)[0])


# Vectors


@pytest.mark.parametrize("day", range(7))
@pytest.mark.parametrize(
    ("traits", "expected"),
    [
        ({}, 3_300),
        ({"fraction": Decimal("0.5")}, 1_650),
        ({"fraction": Decimal("0.5"), "fixed_cost": pounds(200)}, 1_850),
        ({"fraction": Decimal("0.5"), "fixed_cost": pounds(200), "cap": pounds(1_500)}, 1_500),
    ],
)
def test_the_profile_vector_on_every_day(day, traits, expected):
    # 100 a minute from 08:00 to 20:00 and 10 otherwise are 55 on average.
    service = insured("s", week=BUSY_DAYS, exposure_per_hour=pounds(55 * 60), **traits)
    outage = block(day * DAY + 19.5 * 60, 60)
    assert lost(service, outage) == pytest.approx(expected)


def test_the_frequency_severity_vector():
    service = insured("s")
    years = losses_of(service)[0]
    exact = aggregate(incidents=6, loss_per_minute=10, severity=Severity(30, 0.8))
    assert exact.mean == pytest.approx(1_800)
    assert exact.variance == pytest.approx(1_024_099.67, abs=0.01)
    error = years.std() / math.sqrt(len(years))
    assert abs(years.mean() - 1_800) < FAR * error
    spread = (years - years.mean()) ** 2
    assert abs(spread.mean() - exact.variance) < FAR * spread.std() / math.sqrt(len(years))


def test_the_correlation_vector_of_a_shared_dependency():
    nothing = {"exposure_per_hour": pounds(0), "fixed_cost": pounds(1)}
    shared = insured("shared", incidents_per_year=Decimal(3), **nothing)
    first = insured("first", incidents_per_year=Decimal(2), depends_on=("shared",), **nothing)
    second = insured("second", incidents_per_year=Decimal(1), depends_on=("shared",), **nothing)
    counts = losses_of(shared, first, second, years=40_000)
    assert np.all(counts[1] >= counts[0])
    for row, rate in ((0, 3), (1, 5), (2, 4)):
        assert abs(counts[row].mean() - rate) < FAR * math.sqrt(rate / 40_000)
    vector = count_correlation(first=2, second=1, shared=3)
    assert vector == pytest.approx(0.67082, abs=1e-5)
    found = np.corrcoef(counts[1], counts[2])[0, 1]
    assert abs(found - vector) < FAR * (1 - vector**2) / math.sqrt(40_000)


def test_an_incident_waits_over_the_weekend_for_monday_morning():
    nine = 9 * 60
    begins = opening(WorkingHours()).begins(
        np.array([5 * DAY + 180.0, 0.0, nine, 17 * 60 - 0.5, 17 * 60, 4 * DAY + 17 * 60])
    )
    assert list(begins) == [WEEK + nine, nine, nine, 17 * 60 - 0.5, DAY + nine, WEEK + nine]


def test_a_shutter_saves_of_the_waiting_part_only():
    waiting = block(5 * DAY, 60, begins=WEEK + 540)
    open_ = lost(insured("s"), waiting)
    shut = lost(insured("s", shuttered_share=Decimal("0.25")), waiting)
    wait = WEEK + 540 - 5 * DAY
    assert open_ == pytest.approx(10 * (wait + 60))
    assert shut == pytest.approx(10 * (0.25 * wait + 60))


# Look-ups


@given(
    start=st.floats(0, WEEK - 1),
    lasts=st.floats(0, 9 * WEEK),
    edges=st.lists(st.integers(1, WEEK - 1), min_size=1, max_size=6, unique=True),
)
def test_cumulative_exposure_is_the_same_integral_as_the_profile(start, lasts, edges):
    bounds = [0, *sorted(edges), WEEK]
    stretches = tuple(
        Stretch(low, high, Decimal(number % 3 + 1))
        for number, (low, high) in enumerate(pairwise(bounds))
    )
    table = exposure(stretches)
    ends = np.array([start, start + lasts])
    found = table.until(ends)
    expected = profile(stretches).between(start, start + lasts)
    assert found[1] - found[0] == pytest.approx(expected, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    seasons=st.lists(
        st.tuples(st.integers(1, 365), st.integers(1, 90), st.integers(0, 4)),
        min_size=1,
        max_size=3,
    ),
    day=st.integers(0, 364),
    minute=st.integers(0, DAY - 1),
    lasts=st.integers(0, 500 * DAY),
)
def test_an_outage_through_seasons_is_the_sum_of_its_days(seasons, day, minute, lasts):
    made = tuple(Season(first, first + days, Decimal(f)) for first, days, f in seasons)
    table = calendar(made)
    factor = [1.0] * DAYS
    for place in range(DAYS):
        over = [float(s.factor) for s in made if s.starts <= place + 1 < s.ends]
        factor[place] = max(over) if over else 1.0
    begins = day * DAY + minute
    expected, at = 0.0, begins
    while at < begins + lasts:
        midnight = min((at // DAY + 1) * DAY, begins + lasts)
        expected += factor[at // DAY % DAYS] * (midnight - at)
        at = midnight
    service = insured("s", seasons=made, exposure_per_hour=pounds(60))
    found = lost(service, block(begins % WEEK, lasts, at=begins))
    assert found == pytest.approx(expected, abs=1e-4)
    shares = sum(share * height for share, height in week.factors(made))
    assert table.factor[:DAYS].mean() == pytest.approx(shares)


# Against closed forms


@pytest.mark.parametrize(
    "traits",
    [
        {},
        {"week": BUSY_DAYS, "cap": pounds(5_000), "fixed_cost": pounds(100)},
        {"cover": Cover.NONE},
        {"cover": Cover.NONE, "week": BUSY_DAYS, "cap": pounds(20_000)},
        {"cover": Cover.NONE, "shuttered_share": Decimal("0.3"), "week": BUSY_DAYS},
        {"seasons": (Season(330, 366, Decimal(3)),), "cover": Cover.NONE},
        {"fraction": Decimal("0.1"), "sigma": Decimal(0), "incidents_per_year": Decimal("0.2")},
        {
            "working_hours": WorkingHours(days=frozenset({5, 6}), starts=time(6), ends=time(6, 10)),
            "cover": Cover.NONE,
        },
    ],
)
def test_means_agree_with_exact_expectations_within_the_stated_error(traits):
    service = insured("s", **traits)
    found = simulate(portfolio=portfolio(service), years=20_000).services[0].mean
    exact = loss_per_incident(service=service, covered=service.cover is not Cover.NONE)
    expected = exact.value * float(service.incidents_per_year)
    error = (to_float(found.high) - to_float(found.low)) / (2 * 1.96)
    assert abs(to_float(found.value) - expected) < FAR * error + exact.error
    assert found.low < found.value < found.high


def test_percentiles_and_tails_of_poisson_counts_are_found():
    service = insured("s", exposure_per_hour=pounds(0), fixed_cost=pounds(1))
    found = simulate(portfolio=portfolio(service), years=50_000)
    risk = found.services[0]
    assert [to_float(one.value) for one in (risk.p50, risk.p95, risk.p99)] == [6, 10, 12]
    beyond = {n: math.exp(-6) * 6**n / math.factorial(n) for n in range(10, 40)}
    tail = sum(n * p for n, p in beyond.items()) / sum(beyond.values())
    reach = (to_float(risk.tvar95.high) - to_float(risk.tvar95.low)) / (2 * 1.96)
    assert abs(to_float(risk.tvar95.value) - tail) < FAR * reach
    assert found.portfolio == replace(risk, slug="")


def test_the_probability_of_missing_a_month_is_that_of_the_poisson_count():
    # 99.5% of 30 days are 3 h 36 min: the fourth hour breaks it.
    service = insured(
        "s", sigma=Decimal(0), time_to_restore=timedelta(hours=1), incidents_per_year=Decimal(24)
    )
    rate = 24 * 30 / 365
    exact = 1 - sum(math.exp(-rate) * rate**n / math.factorial(n) for n in range(4))
    miss = simulate(portfolio=portfolio(service), years=20_000).services[0].miss
    assert abs(miss.value - exact) < FAR * math.sqrt(exact * (1 - exact) / 20_000)
    assert miss.low < miss.value < miss.high


def test_waiting_counts_against_the_target_and_takes_dependants_along():
    base = insured("base", cover=Cover.NONE, depends_on=("elsewhere",))
    shop = insured("shop", depends_on=("base",))
    alone = insured("alone")
    found = simulate(portfolio=portfolio(base, shop, alone))
    misses = [one.miss.value for one in found.services]
    assert misses[0] > 0.2
    assert misses[1] >= misses[0]
    assert misses[2] < 0.01
    assert found.portfolio.miss.value >= max(misses)
    assert found.services[1].incidents_per_year == 12
    assert any("elsewhere" in line for line in found.assumptions)


# Dependencies


def test_dependants_meet_the_very_same_incidents():
    base = insured("base", incidents_per_year=Decimal(2))
    shops = [
        insured(f"shop{n}", incidents_per_year=Decimal(0), depends_on=("middle",)) for n in range(2)
    ]
    middle = insured("middle", incidents_per_year=Decimal(0), depends_on=("base",))
    rows = losses_of(base, middle, *shops, years=500)
    assert rows[0].sum() > 0
    assert all(np.array_equal(rows[0], row) for row in rows[1:])


def test_services_that_need_each_other_fail_together():
    first = insured("first", depends_on=("second",))
    second = insured("second", depends_on=("first",))
    rows = losses_of(first, second, years=500)
    assert np.array_equal(rows[0], rows[1])


# Reproducible


@pytest.fixture(scope="module")
def estate():
    return portfolio(
        *(
            insured(
                f"s{n}",
                cover=list(Cover)[n % 3],
                week=BUSY_DAYS if n % 2 else (),
                incidents_per_year=Decimal(n % 7),
                depends_on=(f"s{(n + 1) % 9}",) if n % 4 == 0 else (),
            )
            for n in range(30)
        )
    )


def test_the_same_seed_gives_the_same_result_for_any_workers_and_chunks(estate):
    seen = []
    alone = simulate(portfolio=estate, years=300, seed=7, workers=1)
    two = simulate(
        portfolio=estate,
        years=300,
        seed=7,
        workers=2,
        progress=lambda done, of: seen.append((done, of)),
    )
    assert two == alone
    assert seen == [(20, 30), (30, 30)]
    assert simulate(portfolio=estate, years=300, seed=7, workers=1, chunk=1) == alone
    assert simulate(portfolio=estate, years=300, seed=7, workers=1, chunk=1_000) == alone
    assert simulate(portfolio=estate, years=300, seed=8, workers=1) != alone


def test_the_order_of_the_services_does_not_matter(estate):
    forward = simulate(portfolio=estate, years=200)
    backward = simulate(
        portfolio=replace(estate, services=tuple(reversed(estate.services))), years=200
    )
    assert backward.portfolio == forward.portfolio
    assert tuple(reversed(backward.services)) == forward.services


def test_what_changes_in_one_service_moves_no_other(estate):
    before = simulate(portfolio=estate, years=200)
    services = list(estate.services)
    services[29] = replace(services[29], incidents_per_year=Decimal(50))
    after = simulate(portfolio=replace(estate, services=tuple(services)), years=200)
    assert after.services[:29] == before.services[:29]
    assert after.services[29] != before.services[29]


# Insurance


@settings(max_examples=40, deadline=None)
@given(
    cap=st.sampled_from([None, pounds(700)]),
    stretches=st.sampled_from([(), BUSY_DAYS]),
    seasons=st.sampled_from([(), (Season(200, 230, Decimal(5)),)]),
    seed=st.integers(0, 10**9),
)
def test_without_cover_no_year_costs_less_and_the_premium_never_rises(
    cap, stretches, seasons, seed
):
    covered = insured("s", cap=cap, week=stretches, seasons=seasons)
    bare = replace(covered, cover=Cover.NONE)
    with_cover, without = (losses_of(one, years=50, seed=seed)[0] for one in (covered, bare))
    assert np.all(without >= with_cover - 1e-6)
    paid, saved = (premium_of(portfolio=portfolio(one)).per_month for one in (covered, bare))
    assert saved <= paid


# Refusals


def test_waiting_for_a_team_that_is_never_at_work_is_refused():
    hours = WorkingHours(days=frozenset())
    service = insured("idle", cover=Cover.NONE, working_hours=hours)
    with pytest.raises(UnableToSimulate, match="idle: nobody is ever at work"):
        simulate(portfolio=portfolio(service), years=10)


def test_a_tangle_of_dependencies_is_refused_before_any_work():
    services = [
        insured(f"s{n}", depends_on=(f"s{(n + 1) % 400}",), incidents_per_year=Decimal(1_000))
        for n in range(400)
    ]
    with pytest.raises(UnableToSimulate, match="hard dependencies"):
        simulate(portfolio=portfolio(*services), years=10_000)


def test_no_years_at_all_are_refused():
    with pytest.raises(UnableToSimulate):
        simulate(portfolio=portfolio(insured("s")), years=0)


def test_a_portfolio_without_services_or_incidents_loses_nothing():
    assert simulate(portfolio=portfolio(), years=10).portfolio.mean.value == pounds(0)
    calm = insured("calm", incidents_per_year=Decimal(0))
    found = simulate(portfolio=portfolio(calm), years=10)
    assert found.portfolio.p99.high == pounds(0)
    assert found.services[0].miss.value == 0


def test_a_rare_year_end_is_still_a_year():
    """A loss counts where the outage starts, so the last year has its own and no more."""
    rows = losses_of(insured("s", incidents_per_year=Decimal(200)), years=3)
    assert rows.shape == (1, 3)
    assert np.all(rows > 0)
    assert YEAR == DAYS * DAY


@pytest.mark.parametrize("days", [frozenset({0, 1, 2, 3, 4}), frozenset({4, 5, 6})])
def test_working_nights_are_waited_for(days):
    at_night = WorkingHours(days=days, starts=time(21), ends=time(5))
    service = insured("night", working_hours=at_night, cover=Cover.NONE, week=BUSY_DAYS)

    found = simulate(portfolio=portfolio(service), years=4_000).services[0].mean

    exact = loss_per_incident(service=service, covered=False).value * 6
    assert to_float(found.low) * 0.99 <= exact <= to_float(found.high) * 1.01


@pytest.mark.parametrize("dispersion", ["0.5", "3"])
def test_clumped_incidents_are_negative_binomial_by_month(dispersion):
    service = insured("clumped", dispersion=Decimal(dispersion), incidents_per_year=Decimal(24))
    source = Source.of(service)
    months = 20_000
    counts = np.zeros(months)
    for block in blocks(source=source, years=months, seed=5):
        if block.by_month:
            month = (block.clock / (30 * DAY)).astype(int)
            counts += np.bincount(month, minlength=months)

    mean, spread = 24 * 30 / 365, float(dispersion)
    wanted = mean + spread * mean**2
    assert counts.mean() == pytest.approx(mean, abs=5 * math.sqrt(wanted / months))
    assert counts.var() == pytest.approx(wanted, rel=0.1)
    # P(0) of a negative binomial; a Poisson count would be e to the minus mean.
    none = (1 + spread * mean) ** (-1 / spread)
    assert (counts == 0).mean() == pytest.approx(none, abs=0.015)


def test_clumps_leave_the_mean_and_widen_the_tail_and_are_stated():
    plain, clumped = (
        simulate(portfolio=portfolio(insured("s", dispersion=Decimal(one))), years=20_000)
        for one in (0, 3)
    )

    assert to_float(clumped.portfolio.mean.value) == pytest.approx(
        to_float(plain.portfolio.mean.value), rel=0.05
    )
    assert clumped.portfolio.p99.low > plain.portfolio.p99.high
    assert any("negative binomial" in line for line in clumped.assumptions)
    assert not any("negative binomial" in line for line in plain.assumptions)
