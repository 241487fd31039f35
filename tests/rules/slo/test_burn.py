"""The SRE workbook's chapter 5, table by table, and what must hold for every target and window."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import WORKBOOK, BurnTier
from andon.slo.rules import burn, promql

D = Decimal
H, M, S = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
DAY = timedelta(days=1)
MONTH = 30 * DAY
PAIRS = {one.name: one for one in WORKBOOK}


def theta(tier: BurnTier, ppm: int, period: timedelta = MONTH) -> Decimal:
    return burn.threshold(factor=burn.tier_factor(tier=tier, period=period), target_ppm=ppm)


def lowest_target(factor: Decimal) -> Decimal | None:
    """Return the share of good events below which a factor cannot be reached: 1 - 1/f."""
    return 1 - 1 / factor if factor > 1 else None


def detects(tier: BurnTier, ppm: int, ratio: str) -> timedelta | None:
    limit = theta(tier, ppm)
    return burn.pair_detection(long=tier.long, short=tier.short, threshold=limit, ratio=D(ratio))


def resets(tier: BurnTier, ppm: int, ratio: str = "1") -> timedelta | None:
    limit = theta(tier, ppm)
    return burn.pair_reset(long=tier.long, short=tier.short, threshold=limit, ratio=D(ratio))


def minutes(span: timedelta | None) -> float | None:
    return None if span is None else span / M


@pytest.mark.parametrize(
    ("period", "factors"),
    [
        (7, ("3.36", "1.4", "0.7", "0.2333")),
        (14, ("6.72", "2.8", "1.4", "0.4667")),
        (28, ("13.44", "5.6", "2.8", "0.9333")),
        (30, ("14.4", "6", "3", "1")),
        (31, ("14.88", "6.2", "3.1", "1.0333")),
        (90, ("43.2", "18", "9", "3")),
        (91, ("43.68", "18.2", "9.1", "3.0333")),
        (365, ("175.2", "73", "36.5", "12.1667")),
    ],
)
def test_the_workbooks_shares_make_these_factors_in_other_periods(period, factors):
    found = [burn.tier_factor(tier=tier, period=period * DAY) for tier in WORKBOOK]
    assert [one.quantize(D("0.0001")) for one in found] == [D(one) for one in factors]


@pytest.mark.parametrize(
    ("period", "lowest"),
    [
        (7, ("70.24", "28.57", None, None)),
        (14, ("85.12", "64.29", "28.57", None)),
        (28, ("92.56", "82.14", "64.29", None)),
        (30, ("93.06", "83.33", "66.67", None)),
        (31, ("93.28", "83.87", "67.74", "3.23")),
        (90, ("97.69", "94.44", "88.89", "66.67")),
        (91, ("97.71", "94.51", "89.01", "67.03")),
        (365, ("99.43", "98.63", "97.26", "91.78")),
    ],
)
def test_below_these_targets_a_pair_can_never_fire(period, lowest):
    for tier, expected in zip(WORKBOOK, lowest, strict=True):
        found = lowest_target(burn.tier_factor(tier=tier, period=period * DAY))
        assert (found and (found * 100).quantize(D("0.01"))) == (expected and D(expected))


@pytest.mark.parametrize(
    ("period", "shares"),
    [
        (7, ("8.57", "21.43", "42.86", "42.86")),
        (14, ("4.29", "10.71", "21.43", "21.43")),
        (28, ("2.14", "5.36", "10.71", "10.71")),
        (90, ("0.67", "1.67", "3.33", "3.33")),
        (365, ("0.16", "0.41", "0.82", "0.82")),
    ],
)
def test_keeping_the_factors_of_30_days_uses_up_these_shares_elsewhere(period, shares):
    for tier, expected in zip(WORKBOOK, shares, strict=True):
        book = burn.tier_factor(tier=tier, period=MONTH)
        found = burn.share(factor=book, period=period * DAY, long=tier.long)
        assert (found * 100).quantize(D("0.01")) == D(expected)


@pytest.mark.parametrize(
    ("long", "share", "expected"),
    [
        (timedelta(minutes=30), "0.01", "14.4"),
        (3 * H, "0.02", "4.8"),
        (12 * H, "0.05", "3"),
        (36 * H, "0.05", "1"),
        (DAY, "0.10", "3"),
        (H, "0.05", "36"),
    ],
)
def test_other_peoples_tables_give_the_factors_they_state(long, share, expected):
    assert burn.factor(share=D(share), period=MONTH, long=long) == D(expected)


def test_thresholds_are_printed_as_a_person_would_write_them():
    assert [promql.number(theta(one, 999_000)) for one in WORKBOOK] == [
        "0.0144",
        "0.006",
        "0.003",
        "0.001",
    ]
    assert promql.number(theta(PAIRS["page-fast"], 999_500)) == "0.0072"
    assert promql.number(theta(PAIRS["page-fast"], 999_999)) == "0.0000144"
    assert promql.number(theta(PAIRS["page-fast"], 990_000)) == "0.144"


@pytest.mark.parametrize(
    ("ppm", "whole"),
    [
        (990_000, timedelta(hours=7, minutes=12)),
        (995_000, timedelta(hours=3, minutes=36)),
        (999_000, timedelta(minutes=43, seconds=12)),
        (999_500, timedelta(minutes=21, seconds=36)),
        (999_900, timedelta(minutes=4, seconds=19.2)),
        (999_990, timedelta(seconds=25.92)),
        (950_000, 36 * H),
        (900_000, 72 * H),
    ],
)
def test_the_budget_of_thirty_days_as_time_of_full_outage(ppm, whole):
    assert burn.budget_time(target_ppm=ppm, period=MONTH) == whole


@pytest.mark.parametrize(
    ("ppm", "tier", "detected", "quiet"),
    [
        (990_000, "page-fast", 8.64, 4.28),
        (990_000, "page-slow", 21.6, 28.2),
        (990_000, "ticket-fast", 43.2, 116.4),
        (990_000, "ticket-slow", 43.2, 356.4),
        (995_000, "page-fast", 4.32, 4.64),
        (995_000, "page-slow", 10.8, 29.1),
        (995_000, "ticket-fast", 21.6, 118.2),
        (995_000, "ticket-slow", 21.6, 358.2),
        (999_000, "page-fast", 0.864, 4.928),
        (999_000, "page-slow", 2.16, 29.82),
        (999_000, "ticket-fast", 4.32, 119.64),
        (999_000, "ticket-slow", 4.32, 359.64),
        (999_500, "page-fast", 25.92 / 60, 4.964),
        (999_500, "page-slow", 64.8 / 60, 29.91),
        (999_500, "ticket-fast", 2.16, 119.82),
        (999_500, "ticket-slow", 2.16, 359.82),
        (999_900, "page-fast", 5.184 / 60, 4.9928),
        (999_900, "page-slow", 12.96 / 60, 29.982),
        (999_900, "ticket-fast", 25.92 / 60, 119.964),
        (999_900, "ticket-slow", 25.92 / 60, 359.964),
        (950_000, "page-fast", 43.2, 84 / 60),
        (950_000, "page-slow", 108, 21),
        (950_000, "ticket-fast", 216, 102),
        (950_000, "ticket-slow", 216, 342),
        (900_000, "page-fast", None, None),
        (900_000, "page-slow", 216, 12),
        (900_000, "ticket-fast", 432, 84),
        (900_000, "ticket-slow", 432, 324),
    ],
)
def test_a_full_outage_is_detected_and_forgotten_by_each_pair(ppm, tier, detected, quiet):
    assert minutes(detects(PAIRS[tier], ppm, "1")) == pytest.approx(detected)
    assert minutes(resets(PAIRS[tier], ppm)) == pytest.approx(quiet)


#: Partial faults at 99.9%: minutes until the first page and the first ticket.
PARTIAL = [
    ("0.5", 1.728, 8.64),
    ("0.1", 8.64, 43.2),
    ("0.05", 17.28, 86.4),
    ("0.02", 43.2, 216),
    ("0.015", 57.6, 288),
    ("0.01", 216, 432),
    ("0.007", 308.571, 617.143),
    ("0.004", None, 1080),
    ("0.002", None, 2160),
    ("0.0011", None, 3927.273),
]


@pytest.mark.parametrize(("ratio", "page", "ticket"), PARTIAL)
def test_a_partial_fault_is_detected_by_the_first_pair_that_can(ratio, page, ticket):
    def first(*names: str) -> float | None:
        found = [detects(PAIRS[name], 999_000, ratio) for name in names]
        return minutes(min((one for one in found if one), default=None))

    assert first("page-fast", "page-slow") == pytest.approx(page, abs=0.001)
    assert first("ticket-fast", "ticket-slow") == pytest.approx(ticket, abs=0.001)


def test_the_workbooks_single_windows():
    """Tables 5-1, 5-2 and 5-4, figures 5-3 and 5-6, and the text between them."""
    ten = burn.detection(window=10 * M, threshold=D("0.001"), ratio=D(1))
    assert ten == timedelta(seconds=0.6)
    slow = burn.threshold(
        factor=burn.factor(share=D("0.05"), period=MONTH, long=36 * H), target_ppm=999_000
    )
    assert burn.detection(window=36 * H, threshold=slow, ratio=D(1)) == timedelta(seconds=129.6)
    assert burn.reset(window=36 * H, threshold=slow, ratio=D(1)) == timedelta(
        hours=35, minutes=57, seconds=50.4
    )
    for rate, ratio, lasts in (
        ("1", "0.001", MONTH),
        ("2", "0.002", 15 * DAY),
        ("10", "0.01", 3 * DAY),
        ("1000", "1", timedelta(minutes=43.2)),
    ):
        assert burn.burn_rate(ratio=D(ratio), target_ppm=999_000) == D(rate)
        assert burn.exhaustion(period=MONTH, burn_rate=D(rate)) == lasts
    five = burn.factor(share=D("0.05"), period=MONTH, long=H)
    limit = burn.threshold(factor=five, target_ppm=999_000)
    assert five == 36
    assert burn.reset(window=H, threshold=limit, ratio=D(1)) == timedelta(minutes=57.84)
    assert burn.detection(window=H, threshold=limit, ratio=D("0.035")) is None
    assert minutes(burn.exhaustion(period=MONTH, burn_rate=D(35))) == pytest.approx(
        20.5714 * 60, abs=0.01
    )
    # Figure 5-6: 15% errors, 14.4 times over an hour and five minutes.
    assert detects(PAIRS["page-fast"], 999_000, "0.15") == timedelta(minutes=5.76)
    assert resets(PAIRS["page-fast"], 999_000, "0.15") == timedelta(minutes=4.52)
    alone = burn.reset(window=H, threshold=D("0.0144"), ratio=D("0.15"))
    assert alone == timedelta(minutes=54.24)


def test_the_workbooks_extreme_cases():
    """At 10 requests an hour one failure is 13.9% of the budget; 90% burns 1.4% in an hour."""
    assert burn.burn_rate(ratio=D("0.1"), target_ppm=999_000) == 100  # the text says 1,000
    assert round(D(1) / (D(10 * 24 * 30) * D("0.001")), 3) == D("0.139")
    spent = burn.share(factor=D(10), period=MONTH, long=H)
    assert round(spent * 100, 3) == D("1.389")
    assert detects(PAIRS["page-fast"], 900_000, "1") is None
    assert burn.share(factor=D("0.001") / D("0.001"), period=MONTH, long=10 * M) == pytest.approx(
        D("0.0002315"), abs=D("0.0000001")
    )


windows = st.integers(1, 72 * 60).map(lambda n: timedelta(minutes=n))
ppms = st.integers(500_000, 999_999)
shares = st.decimals("0.001", "0.5", places=3)
ratios = st.decimals("0.0001", "1", places=4)


@settings(max_examples=150, deadline=None)
@given(windows, ppms, st.decimals("0.1", "50", places=2), ratios, ratios)
def test_worse_faults_are_detected_sooner_and_remembered_longer(long, ppm, factor, one, other):
    limit = burn.threshold(factor=factor, target_ppm=ppm)
    mild, bad = sorted((one, other))
    late = burn.detection(window=long, threshold=limit, ratio=mild)
    soon = burn.detection(window=long, threshold=limit, ratio=bad)
    assert late is None or (soon is not None and soon <= late <= long)
    for ratio in (mild, bad):
        found = burn.detection(window=long, threshold=limit, ratio=ratio)
        after = burn.reset(window=long, threshold=limit, ratio=ratio)
        assert (found is None) == (after is None) == (ratio <= limit)
        if found is not None and after is not None:
            assert abs(found + after - long) <= timedelta(microseconds=1)


@settings(max_examples=150, deadline=None)
@given(windows, ppms, shares, ratios)
def test_at_detection_the_share_is_gone_whatever_the_ratio(long, ppm, share, ratio):
    found = burn.factor(share=share, period=MONTH, long=long)
    limit = burn.threshold(factor=found, target_ppm=ppm)
    detected = burn.detection(window=long, threshold=limit, ratio=ratio)
    if detected is not None:
        spent = D(detected // timedelta(microseconds=1)) * ratio
        budget = burn.budget(target_ppm=ppm) * D(MONTH // timedelta(microseconds=1))
        assert spent / budget == pytest.approx(share, rel=D("0.0001"))


@settings(max_examples=150, deadline=None)
@given(ppms, st.decimals("0.1", "2000", places=1))
def test_a_factor_is_reachable_exactly_above_its_lowest_target(ppm, factor):
    lowest = lowest_target(factor)
    limit = burn.threshold(factor=factor, target_ppm=ppm)
    above = lowest is None or D(ppm) / 10**6 > lowest
    if lowest is None or abs(D(ppm) / 10**6 - lowest) > D("1e-20"):
        assert burn.is_reachable(threshold=limit) == above
