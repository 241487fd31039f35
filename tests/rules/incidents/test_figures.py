"""The time and money of an incident, against published vectors."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.core.money import Money
from andon.incidents import rules

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def of(*, length, exposure="GBP 200000", allowance=None, restored=True, acknowledged=None):
    return rules.figures(
        started_at=START,
        acknowledged_at=START + acknowledged if acknowledged is not None else None,
        restored_at=START + length if restored else None,
        exposure_per_hour=Money.parse(exposure) if exposure else None,
        allowance=allowance,
        now=START + length,
    )


def allowed(target, period=WEEK):
    return period * (10**6 - target) / 10**6


@pytest.mark.parametrize(
    ("exposure", "target", "length", "tolerated", "loss", "protection"),
    [
        ("GBP 200000", 990_000, "0:30:00", "GBP 336000", "GBP 100000", "0.70238"),
        ("GBP 810000", 999_000, "0:05:00", "GBP 136080", "GBP 67500", "0.50397"),
        ("GBP 6000", 950_000, "1:00:00", "GBP 50400", "GBP 6000", "0.88095"),
        ("GBP 200000", 990_000, "1:40:48", "GBP 336000", "GBP 336000", "0.00000"),
        ("GBP 200000", 990_000, "2:31:12", "GBP 336000", "GBP 504000", "-0.50000"),
    ],
)
def test_protection_by_the_published_vectors(exposure, target, length, tolerated, loss, protection):
    hours, minutes, seconds = (int(part) for part in length.split(":"))
    lasted = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    found = of(length=lasted, exposure=exposure, allowance=allowed(target))
    assert found.tolerated_loss == Money.parse(tolerated)
    assert found.loss == Money.parse(loss)
    assert found.protection == Decimal(protection)
    assert found.allowance_used == 1 - Decimal(protection)


@pytest.mark.parametrize(
    ("exposure", "length", "loss"),
    [
        ("GBP 200000", timedelta(minutes=1), 333_333),
        ("GBP 100", timedelta(seconds=1), 3),
        ("GBP 0.36", timedelta(seconds=50), 0),  # exactly half a penny goes to the even side
        ("GBP 0.36", timedelta(seconds=150), 2),  # exactly one and a half: again the even side
        ("GBP 0.36", timedelta(seconds=51), 1),
        ("JPY 3600", timedelta(seconds=1), 1),
        ("GBP 0", timedelta(days=3), 0),
    ],
)
def test_loss_is_exact_and_rounded_half_even_once(exposure, length, loss):
    exposed = Money.parse(exposure)
    assert rules.loss_over(exposure_per_hour=exposed, length=length) == Money(
        loss, exposed.currency
    )


def test_while_active_the_clock_runs_and_nothing_is_called_restored():
    found = of(length=timedelta(minutes=12), restored=False)
    assert found.time_to_restore is None
    assert found.duration == timedelta(minutes=12)
    assert found.loss == Money.parse("GBP 40000")
    assert found.loss_per_minute == Money(333_333, "GBP")


def test_unknown_exposure_is_unknown_loss_and_never_zero():
    found = of(length=timedelta(hours=1), exposure=None, allowance=allowed(999_000))
    assert (found.loss, found.loss_per_minute, found.tolerated_loss, found.protection) == (
        None,
        None,
        None,
        None,
    )
    assert found.allowance_used == Decimal("5.95238")


def test_times_count_from_the_start_of_the_problem():
    found = of(length=timedelta(hours=2), acknowledged=timedelta(minutes=4))
    assert found.time_to_acknowledge == timedelta(minutes=4)
    assert found.time_to_restore == timedelta(hours=2)


def test_a_senders_clock_ahead_of_ours_makes_no_negative_time():
    found = of(length=-timedelta(seconds=5), acknowledged=-timedelta(seconds=9))
    assert found.time_to_acknowledge == timedelta(0)
    assert found.time_to_restore == timedelta(0)
    assert found.loss == Money.zero("GBP")


@settings(max_examples=80)
@given(
    st.integers(0, 10**12),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)
def test_loss_of_two_parts_is_within_a_minor_unit_of_the_whole(minor, first, second):
    exposed = Money(minor, "GBP")
    one, two = timedelta(milliseconds=first), timedelta(milliseconds=second)
    parts = rules.loss_over(exposure_per_hour=exposed, length=one) + rules.loss_over(
        exposure_per_hour=exposed, length=two
    )
    whole = rules.loss_over(exposure_per_hour=exposed, length=one + two)
    assert abs(parts.minor - whole.minor) <= 1
