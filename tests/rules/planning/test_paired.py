"""The difference of two simulations that meet the same incidents, and how sure it is."""

import statistics
from dataclasses import replace
from decimal import Decimal

import pytest

from andon.catalogue.types import Cover
from andon.planning.simulation import paired, simulate
from tests.rules.planning.estates import insured, portfolio


def estate(**traits):
    return portfolio(
        *(insured(f"s{n}") for n in range(4)), insured("odd", cover=Cover.NONE, **traits)
    )


def test_nothing_changed_is_no_difference_at_all():
    found = paired(before=estate(), after=estate(), years=200, workers=1)

    assert (found.mean.value.minor, found.mean.error.minor) == (0, 0)
    assert (found.tvar95.value.minor, found.tvar95.error.minor) == (0, 0)
    assert (found.miss, found.miss_error) == (0, 0)
    assert found.mean.unpaired.minor > 0
    assert found.before == simulate(portfolio=estate(), years=200, workers=1)


def test_the_difference_is_that_of_the_two_simulations():
    before, after = estate(), estate(shuttered_share=Decimal("0.5"))

    found = paired(before=before, after=after, years=300, seed=5, workers=1)

    first, second = found.before.portfolio, found.after.portfolio
    assert abs(found.mean.value.minor - (second.mean.value - first.mean.value).minor) <= 1
    assert found.miss == pytest.approx(second.miss.value - first.miss.value)
    assert 0 < found.mean.error.minor < found.mean.unpaired.minor


@pytest.mark.parametrize("figure", ["mean", "tvar95"])
def test_the_standard_error_is_how_far_seeds_lie_apart(figure):
    """The spread of forty differences has a standard error of a ninth of itself."""
    before, after = estate(), estate(shuttered_share=Decimal("0.5"))
    shifts = [
        getattr(paired(before=before, after=after, years=400, seed=seed, workers=1), figure)
        for seed in range(40)
    ]

    spread = statistics.stdev(one.value.minor for one in shifts)
    stated = statistics.fmean(one.error.minor for one in shifts)

    assert stated == pytest.approx(spread, rel=0.4)
    assert stated < statistics.fmean(one.unpaired.minor for one in shifts)


def test_the_chance_of_a_miss_has_an_error_too():
    before, after = estate(), estate()
    moved = tuple(replace(one, cover=Cover.NONE) for one in after.services)
    after = replace(after, services=moved)
    found = [paired(before=before, after=after, years=300, seed=n, workers=1) for n in range(30)]

    spread = statistics.stdev(one.miss for one in found)

    assert statistics.fmean(one.miss_error for one in found) == pytest.approx(spread, rel=0.5)
    assert all(one.miss > 0 for one in found)


def test_progress_counts_both():
    told = []

    paired(
        before=estate(),
        after=estate(),
        years=10,
        workers=1,
        progress=lambda done, whole: told.append((done, whole)),
    )

    assert told == [(5, 10), (10, 10)]
