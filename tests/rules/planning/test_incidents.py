"""The incidents that are drawn: their number, their length, whom they take down with them."""

import math
from decimal import Decimal

import numpy as np
import pytest

from andon.planning.rules.exact import to_float
from andon.planning.simulation import simulate
from andon.planning.simulation.exposure import (
    DAY,
)
from andon.planning.simulation.incidents import OutageSource, blocks
from tests.rules.planning.estates import insured, portfolio
from tests.rules.planning.outages import FAR, losses_of, pounds


def test_the_frequency_severity_vector():
    service = insured("s")
    years = losses_of(service)[0]
    # Six a year, ten a minute, 30 minutes on average: the compound Poisson's second moment.
    variance = 6 * (10 * 30) ** 2 * math.exp(0.8**2)
    assert variance == pytest.approx(1_024_099.67, abs=0.01)
    error = years.std() / math.sqrt(len(years))
    assert abs(years.mean() - 1_800) < FAR * error
    spread = (years - years.mean()) ** 2
    assert abs(spread.mean() - variance) < FAR * spread.std() / math.sqrt(len(years))


def test_the_correlation_vector_of_a_shared_dependency():
    nothing = {"exposure_per_hour": pounds(0), "fixed_cost": pounds(1)}
    shared = insured("shared", incidents_per_year=Decimal(3), **nothing)
    first = insured("first", incidents_per_year=Decimal(2), depends_on=("shared",), **nothing)
    second = insured("second", incidents_per_year=Decimal(1), depends_on=("shared",), **nothing)
    counts = losses_of(shared, first, second, years=40_000)
    assert np.all(counts[1] >= counts[0])
    for row, rate in ((0, 3), (1, 5), (2, 4)):
        assert abs(counts[row].mean() - rate) < FAR * math.sqrt(rate / 40_000)
    vector = 3 / math.sqrt((2 + 3) * (1 + 3))
    assert vector == pytest.approx(0.67082, abs=1e-5)
    found = np.corrcoef(counts[1], counts[2])[0, 1]
    assert abs(found - vector) < FAR * (1 - vector**2) / math.sqrt(40_000)


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


@pytest.mark.parametrize("dispersion", ["0.5", "3"])
def test_clumped_incidents_are_negative_binomial_by_month(dispersion):
    service = insured("clumped", dispersion=Decimal(dispersion), incidents_per_year=Decimal(24))
    source = OutageSource.of(service)
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
