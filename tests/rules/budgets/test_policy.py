"""The error budget policy: advice by level, with its reason; what is not known forbids nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from andon.budgets.rules.policy import ASKS, BudgetLevel, BudgetStanding, advise, level

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def standing(left, *, slug="checkout", age=timedelta(minutes=1), exhausts=None):
    read = None if left is None else NOW - age
    value = None if left is None else Decimal(left)
    return BudgetStanding(slug, f"{slug} answers", value, read, exhausts)


@pytest.mark.parametrize(
    ("left", "wanted"),
    [
        ("1", BudgetLevel.HEALTHY),
        ("0.501", BudgetLevel.HEALTHY),
        ("0.5", BudgetLevel.WATCHFUL),
        ("0.2", BudgetLevel.WATCHFUL),
        ("0.199", BudgetLevel.LOW),
        ("0.001", BudgetLevel.LOW),
        ("0", BudgetLevel.EXHAUSTED),
        ("-3", BudgetLevel.EXHAUSTED),
    ],
)
def test_levels(left, wanted):
    assert level(left=Decimal(left)) is wanted


@pytest.mark.parametrize(
    ("left", "may"), [("0.9", True), ("0.3", True), ("0.1", False), ("-1", False)]
)
def test_a_low_budget_holds_ordinary_releases_back(left, may):
    found = advise(standings=[standing(left)], enabled=True, now=NOW)
    assert found.may_deploy is may
    assert found.asks == ASKS[found.level]
    assert found.objective == "checkout"


def test_the_worst_objective_decides_and_is_named():
    found = advise(
        standings=[standing("0.9"), standing("-0.25", slug="latency")], enabled=True, now=NOW
    )
    assert found.reason == "The error budget of latency answers is exhausted, overspent by 25%."
    assert found.objective == "latency"


def test_the_reason_says_when_it_is_gone():
    found = advise(
        standings=[standing("0.1", exhausts=timedelta(hours=2, minutes=5))], enabled=True, now=NOW
    )
    assert found.reason == (
        "10% of the error budget of checkout answers is left; "
        "at the pace of the last hour it is gone in 2 h 5 min."
    )


def test_off_it_forbids_nothing_and_says_so():
    found = advise(standings=[standing("-1")], enabled=False, now=NOW)
    assert found.may_deploy
    assert found.level is BudgetLevel.EXHAUSTED
    assert found.asks == ()
    assert found.reason.endswith("The organisation has no error budget policy.")


@pytest.mark.parametrize(
    "standings", [[], [standing(None)], [standing("-1", age=timedelta(hours=2))]]
)
def test_what_is_not_known_forbids_nothing(standings):
    found = advise(standings=standings, enabled=True, now=NOW)
    assert found.may_deploy
    assert found.level is BudgetLevel.UNKNOWN
    assert "has been measured within the last hour" in found.reason


def test_every_level_asks_for_something():
    assert set(ASKS) == set(BudgetLevel)
    assert all(ASKS.values())
