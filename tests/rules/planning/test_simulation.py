"""Simulated years: closed forms within their own stated error, the same again, and refusals."""

import math
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import Cover, WorkingHours
from andon.planning.rules.exact import to_float
from andon.planning.rules.expected import loss_per_incident
from andon.planning.rules.premium import premium_of
from andon.planning.simulation import UnableToSimulate, simulate
from andon.planning.simulation.exposure import (
    DAY,
    DAYS,
    YEAR,
)
from andon.planning.types import Season
from tests.rules.planning.estates import BUSY_DAYS, insured, portfolio
from tests.rules.planning.outages import FAR, losses_of, pounds


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
