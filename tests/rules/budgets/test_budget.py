"""Error budgets against the workbook's tables, gaps said as such, and what always holds."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.budgets.rules import budget as rules
from andon.budgets.types import Sums
from andon.catalogue.types import TargetWindow
from andon.core.money import Money
from andon.core.periods import Period
from andon.slo.rules.reading import grid
from andon.slo.types import Budgeting, CalendarWindow
from tests.support.estates import MONTH, objective

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONTHLY = 30 * DAY
GBP = Money.parse("GBP 200000")


def measured(
    ratio=0.0, *, of=None, at=NOW, samples=None, total=1_000_000.0, ratios=(), exposure=GBP
):
    of = of or objective("checkout")
    passed = at - rules.window_at(objective=of, at=at).starts_at
    count = passed / MINUTE if samples is None else samples
    return rules.measure(
        objective=of,
        sums=Sums(ratio * total, total, count),
        ratios=dict(ratios),
        at=at,
        every=MINUTE,
        exposure_per_hour=exposure,
    )


@pytest.mark.parametrize(
    ("target_ppm", "allowed"),
    [
        (990_000, timedelta(hours=7, minutes=12)),
        (995_000, timedelta(hours=3, minutes=36)),
        (999_000, timedelta(minutes=43, seconds=12)),
        (999_500, timedelta(minutes=21, seconds=36)),
        (999_990, timedelta(seconds=25.92)),
        (950_000, timedelta(hours=36)),
    ],
)
def test_an_untouched_budget_is_the_full_outage_that_the_period_allows(target_ppm, allowed):
    found = measured(of=objective("checkout", target_ppm=target_ppm))
    assert (found.allowed, found.time_left, found.left) == (allowed, allowed, 1)
    assert found.money_left == GBP.scaled(Decimal(allowed // MINUTE * 60) / 3600) or (
        allowed % MINUTE
    )


@pytest.mark.parametrize(
    ("outage", "left"),
    [
        # 43 minutes 12 seconds are allowed at 99.9% in thirty days.
        (timedelta(0), "1"),
        (timedelta(minutes=21, seconds=36), "0.5"),
        (timedelta(minutes=43, seconds=12), "0"),
        (timedelta(minutes=86, seconds=24), "-1"),
        # `for: 1h` alerts only after 140% of the budget is gone (table 5-3: exactly 138.9%).
        (timedelta(hours=1), "-0.388888888"),
        # One failure of ten requests in one hour is a seventh of the budget: 13.9%.
        (timedelta(minutes=6), "0.861111111"),
    ],
)
def test_a_full_outage_takes_its_part(outage, left):
    found = measured(outage / MONTHLY)
    assert float(found.left) == pytest.approx(float(left), abs=1e-9)
    assert abs(found.time_left - (timedelta(minutes=43, seconds=12) - outage)) < timedelta(
        milliseconds=1
    )
    assert found.is_exhausted is (float(left) <= 1e-12)


@pytest.mark.parametrize(
    ("burn", "lasts"),
    [
        # Table 5-4: burn rates 1, 2, 10 and 1000.
        (1, 30 * DAY),
        (2, 15 * DAY),
        (10, 3 * DAY),
        (1000, timedelta(minutes=43, seconds=12)),
        (35, timedelta(hours=20, minutes=34, seconds=17.142857)),
    ],
)
def test_a_full_budget_lasts_as_the_workbook_says(burn, lasts):
    found = measured(ratios={"1h": burn / 1000, "6h": 0.5})
    assert found.burn["1h"] == burn
    assert abs(found.exhausts_in - lasts) < timedelta(milliseconds=1)
    assert found.exhausts_at == NOW + found.exhausts_in


def test_what_burns_slower_than_even_does_not_run_out():
    assert measured(ratios={"1h": 0.0009}).exhausts_in is None
    assert measured(ratios={"1h": 0.0}).exhausts_in is None
    assert measured().exhausts_in is None


def test_what_is_gone_is_gone_now():
    assert measured(0.002, ratios={"1h": 0.0}).exhausts_in == timedelta(0)


def test_money_is_the_full_outage_left_at_the_exposure():
    half = measured(0.0005)
    assert half.money_left == Money.parse("GBP 72000.00")  # 21.6 minutes of GBP 200,000 an hour
    assert measured(0.002).money_left == Money.parse("GBP -144000.00")
    assert measured(0.0005, exposure=None).money_left is None
    assert str(measured(0.0005, exposure=Money(100_001, "JPY")).money_left) == "JPY 36,000"


def test_a_prometheus_that_keeps_fifteen_days_covers_half_of_thirty():
    found = measured(0.0005, samples=15 * 24 * 60)
    assert found.covered == Decimal("0.5")
    assert found.notes == (
        "Only 50% of the window was measured; the rest is taken to have been like it.",
    )
    assert found.left == Decimal("0.5")


def test_a_scrape_lost_at_a_restart_is_no_gap():
    assert measured(samples=30 * 24 * 60 - 5).notes == ()


def test_without_traffic_nothing_is_used_up_and_availability_is_not_known():
    found = measured(total=0.0)
    assert (found.left, found.availability) == (1, None)
    assert found.notes == ("There was no traffic, so nothing is used up.",)


def test_a_peak_asks_for_more_while_it_lasts():
    """Three days at 99.99% of thirty: the rest allows 99.9% of 27 days."""
    peak = TargetWindow(999_900, NOW - 5 * DAY, NOW - 2 * DAY, "peak")
    found = measured(0.0005, of=objective("checkout", peaks=(peak,)))
    assert found.allowed == timedelta(minutes=38, seconds=52.8) + timedelta(seconds=25.92)
    assert found.target_ppm == 999_000
    running = objective("checkout", peaks=(TargetWindow(999_900, NOW - DAY, NOW + DAY, "peak"),))
    during = measured(of=running, ratios={"1h": 0.001})
    assert (during.target_ppm, during.burn["1h"]) == (999_900, 10)


def calendar(**changes):
    return objective("checkout", calendar=MONTH, **changes)


def test_a_calendar_month_starts_untouched_and_has_its_own_length():
    at = datetime(2026, 11, 11, tzinfo=UTC)
    found = measured(0.001, of=calendar(), at=at)
    assert found.window == Period(
        datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    )
    assert float(found.left) == pytest.approx(2 / 3)
    assert found.expected_total == Decimal(3_000_000)
    assert "Events still to come are taken to be as many a second as until now." in found.notes


def test_a_calendar_month_follows_the_clocks_of_its_zone():
    at = datetime(2026, 3, 31, 12, tzinfo=UTC)
    window = rules.window_at(objective=calendar(), at=at)
    assert window == Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, 23, tzinfo=UTC))
    assert window.length == 31 * DAY - HOUR


def test_the_end_of_a_calendar_period_leaves_no_estimate_in_the_figure():
    """At the very end what was expected is what there was."""
    end = datetime(2026, 12, 1, tzinfo=UTC) - timedelta(microseconds=1)
    found = measured(0.0005, of=calendar(), at=end)
    assert float(found.left) == pytest.approx(0.5, abs=1e-6)
    assert float(found.expected_total) == pytest.approx(1_000_000, rel=1e-4)


def test_a_calendar_budget_that_outlasts_its_month_does_not_run_out():
    at = datetime(2026, 11, 30, tzinfo=UTC)
    assert measured(of=calendar(), at=at, ratios={"1h": 0.01}).exhausts_in is None
    assert measured(of=calendar(), at=at, ratios={"1h": 0.5}).exhausts_in is not None


@pytest.mark.parametrize("budgeting", list(Budgeting))
def test_slices_are_time_and_time_is_told_as_events_are(budgeting):
    """Sums of slices are bad seconds of all seconds: 21.6 minutes of 30 days are half of 99.9%."""
    found = rules.measure(
        objective=objective("checkout", budgeting=budgeting),
        sums=Sums(21.6 * 60, 30 * 86400.0, 43_200),
        ratios={},
        at=NOW,
        every=MINUTE,
    )
    assert found.left == Decimal("0.5")


@pytest.mark.parametrize(
    ("starts", "unit", "count", "at", "wanted"),
    [
        ("2026-01-31", "month", 1, "2026-02-28T12:00", ("2026-02-28", "2026-03-31")),
        ("2026-01-31", "month", 1, "2026-02-27T12:00", ("2026-01-31", "2026-02-28")),
        ("2026-01-15", "month", 1, "2026-11-20T00:00", ("2026-11-15", "2026-12-15")),
        ("2026-02-01", "quarter", 1, "2026-11-20T00:00", ("2026-11-01", "2027-02-01")),
        ("2024-02-29", "year", 1, "2026-11-20T00:00", ("2026-02-28", "2027-02-28")),
        ("2026-01-05", "week", 2, "2026-11-20T00:00", ("2026-11-09", "2026-11-23")),
        ("2026-11-20", "day", 1, "2026-11-20T00:00", ("2026-11-20", "2026-11-21")),
        ("2026-12-01", "month", 2, "2026-11-20T00:00", ("2026-10-01", "2026-12-01")),
    ],
)
def test_periods_of_a_calendar(starts, unit, count, at, wanted):
    window = CalendarWindow(datetime.fromisoformat(starts), "UTC", unit, count)
    found = rules.window_at(
        objective=objective("a", calendar=window),
        at=datetime.fromisoformat(at).replace(tzinfo=UTC),
    )
    assert (found.starts_at.date().isoformat(), found.ends_at.date().isoformat()) == wanted


@given(
    starts=st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001 - wall time
    zone=st.sampled_from(["UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe"]),
    unit=st.sampled_from(["day", "week", "month", "quarter", "year"]),
    count=st.integers(1, 5),
    at=st.datetimes(datetime(2001, 1, 1), datetime(2045, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
@settings(max_examples=150, deadline=None)
def test_every_instant_is_in_one_period_and_the_next_begins_where_it_ends(
    starts, zone, unit, count, at
):
    one = objective("a", calendar=CalendarWindow(starts, zone, unit, count))
    period = rules.window_at(objective=one, at=at)
    assert at in period
    following = rules.window_at(objective=one, at=period.ends_at)
    assert following.starts_at == period.ends_at
    assert rules.window_at(objective=one, at=period.starts_at) == period


ratios = st.floats(0, 1)
targets = st.integers(500_000, 999_990)


@given(ratio=ratios, more=ratios, target=targets)
@settings(max_examples=150, deadline=None)
def test_more_errors_never_leave_more(ratio, more, target):
    one = objective("a", target_ppm=target)
    low, high = sorted((ratio, more))
    assert measured(low, of=one).left >= measured(high, of=one).left


@given(ratio=ratios, target=targets)
@settings(max_examples=150, deadline=None)
def test_left_and_availability_agree_on_whether_the_target_is_met(ratio, target):
    found = measured(ratio, of=objective("a", target_ppm=target))
    missed = found.availability < Decimal(target) / 1_000_000
    assert missed is (found.left < 0)


@given(ratio=st.floats(1e-7, 0.2), target=targets, burn=st.floats(0.01, 1))
@settings(max_examples=150, deadline=None)
def test_at_its_pace_a_budget_is_gone_when_it_says(ratio, target, burn):
    """From now on at this pace, with nothing old leaving, exactly nothing is left then."""
    one = objective("a", target_ppm=target)
    found = measured(ratio, of=one, ratios={"1h": burn})
    if found.exhausts_in:
        spent = found.exhausts_in / MONTHLY * float(found.burn["1h"])
        assert spent == pytest.approx(float(found.left), rel=1e-6, abs=1e-9)


@given(
    cells=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=80),
    holes=st.sets(st.integers(0, 79)),
)
@settings(max_examples=100, deadline=None)
def test_points_of_a_burn_down_are_the_budgets_of_those_instants(cells, holes):
    """Each point is what adding up its whole window gives; an unmeasured cell has none."""
    one = objective("a", window=DAY)
    step = rules.step(window=DAY)
    made = [
        (NOW + step * n, Sums() if n in holes else Sums(min(b, t), t, 15))
        for n, (b, t) in enumerate(cells)
    ]
    found = list(rules.points(objective=one, cells=made, step=step))
    assert [point.at for point in found] == [at for at, sums in made if sums.samples]
    for point in found:
        inside = [s for at, s in made if point.at - DAY < at <= point.at]
        bad, total = sum(s.bad for s in inside), sum(s.total for s in inside)
        left = 1 - (bad / total) * 1000 if total else 1.0
        assert point.left == pytest.approx(left, abs=1e-6)


def test_a_calendar_burn_down_begins_anew():
    one = objective("a", calendar=CalendarWindow(datetime(2026, 1, 1), "UTC", "day"), window=DAY)  # noqa: DTZ001
    start = datetime(2026, 11, 19, tzinfo=UTC)
    cells = [(start + HOUR * n, Sums(1.0 if n == 3 else 0.0, 1000.0, 60)) for n in range(1, 31)]
    left = {p.at: p.left for p in rules.points(objective=one, cells=cells, step=HOUR)}
    # A thousandth of one hour in the day so far, of a budget of a thousandth of the whole day.
    assert left[start + 2 * HOUR] == 1.0
    assert left[start + 3 * HOUR] == pytest.approx(1 - 1 / 24)
    assert left[start + 24 * HOUR] == pytest.approx(1 - 1 / 24)
    assert left[start + 25 * HOUR] == 1.0


@pytest.mark.parametrize(
    ("window", "step"),
    [
        (timedelta(hours=2), MINUTE),
        (DAY, timedelta(minutes=15)),
        (7 * DAY, HOUR),
        (28 * DAY, 3 * HOUR),
        (30 * DAY, 3 * HOUR),
        (90 * DAY, 12 * HOUR),
        (365 * DAY, DAY),
    ],
)
def test_steps_are_those_of_a_clock(window, step):
    assert rules.step(window=window) == step
    assert grid(at=NOW + timedelta(hours=1, minutes=2), step=3 * HOUR) == datetime(
        2026, 11, 20, 9, tzinfo=UTC
    )
