"""Targets, allowances, selection: the tables of the operating model."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue import rules
from andon.catalogue.rules.presets import FRUITS_R_US, PLAYBOOK
from andon.catalogue.types import (
    ExposureBand,
    Level,
    MinimumLoss,
    Organisation,
    TargetWindow,
)
from andon.core.money import Money
from andon.core.periods import Period

DAY = timedelta(days=1)


def organisation(**changes: object) -> Organisation:
    return replace(rules.default_organisation(), **changes)


def fruits(**changes: object) -> Organisation:
    preset = FRUITS_R_US
    return organisation(
        preset=preset.name,
        period=preset.period,
        levels=preset.levels,
        team_requires_demand=preset.team_requires_demand,
        minimum_losses=preset.minimum_losses,
        **changes,
    )


@pytest.mark.parametrize(
    ("text", "ppm", "said"),
    [
        ("95", 950_000, "95.0%"),
        ("99.0", 990_000, "99.0%"),
        ("99.5%", 995_000, "99.5%"),
        ("99.95", 999_500, "99.95%"),
        (" 99.99 ", 999_900, "99.99%"),
        ("99.9999", 999_999, "99.9999%"),
    ],
)
def test_a_target_is_read_exactly_and_said_as_people_say_it(text, ppm, said):
    assert rules.parse_target(text) == ppm
    assert rules.format_target(ppm) == said


@pytest.mark.parametrize("text", ["", "0", "100", "100.0", "99.99999", "-1", "high", "1e1", "٩٩"])
def test_what_is_no_target_is_refused(text):
    with pytest.raises(rules.UnreadableTarget):
        rules.parse_target(text)


@given(st.integers(min_value=1, max_value=999_999))
@settings(max_examples=200)
def test_saying_and_reading_a_target_are_inverse(ppm):
    assert rules.parse_target(rules.format_target(ppm)) == ppm


MILLIS = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("target", "week", "month", "days28"),
    [
        ("95.0", "8:24:00", "36:00:00", "33:36:00"),
        ("99.0", "1:40:48", "7:12:00", "6:43:12"),
        ("99.5", "0:50:24", "3:36:00", "3:21:36"),
        ("99.9", "0:10:04.8", "0:43:12", "0:40:19.2"),
        ("99.95", "0:05:02.4", "0:21:36", "0:20:09.6"),
        ("99.99", "0:01:00.48", "0:04:19.2", "0:04:01.92"),
    ],
)
def test_the_allowed_downtime_is_exact(target, week, month, days28):
    ppm = rules.parse_target(target)
    for days, text in ((7, week), (30, month), (28, days28)):
        hours, minutes, seconds = text.split(":")
        wanted = timedelta(hours=int(hours), minutes=int(minutes)) + timedelta(
            milliseconds=int(Decimal(seconds) * 1000)
        )
        assert rules.allowed_downtime(ppm, days * DAY) == wanted


def test_the_allowance_of_a_period_is_the_sum_over_its_parts():
    start = datetime(2027, 11, 1, tzinfo=UTC)
    windows = (
        TargetWindow(990_000, start - 30 * DAY, None),
        TargetWindow(999_000, start + 10 * DAY, start + 17 * DAY, "peak"),
    )
    found = rules.allowance(windows=windows, period=Period(start, start + 30 * DAY))
    assert found == timedelta(hours=5, minutes=41, seconds=16, milliseconds=800)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([950_000, 990_000, 999_000]),
            st.integers(0, 40),
            st.integers(1, 20),
        ),
        max_size=6,
    )
)
@settings(max_examples=100)
def test_the_allowance_agrees_with_counting_every_hour(windows):
    start = datetime(2027, 11, 1, tzinfo=UTC)
    hour = timedelta(hours=1)
    made = [
        TargetWindow(ppm, start + first * hour, start + (first + length) * hour)
        for ppm, first, length in windows
    ]
    counted = timedelta()
    for index in range(48):
        at = start + index * hour
        inside = [one.target_ppm for one in made if one.starts_at <= at < one.ends_at]
        counted += rules.allowed_downtime(max(inside), hour) if inside else timedelta()
    assert rules.allowance(windows=made, period=Period(start, start + 48 * hour)) == counted


BANDS = tuple(
    ExposureBand(Money(minor * 100, "USD"), ppm)
    for minor, ppm in ((7_000, 950_000), (250_000, 990_000), (800_000, 999_000))
)


@pytest.mark.parametrize(
    ("exposure", "target"),
    [
        (6_000, "95.0%"),
        (7_000, "95.0%"),
        (7_001, "99.0%"),
        (200_000, "99.0%"),
        (250_000, "99.0%"),
        (800_000, "99.9%"),
        (810_000, "99.9%"),
    ],
)
def test_bands_choose_the_lowest_ceiling_that_holds_the_exposure(exposure, target):
    ours = organisation(currency="USD", exposure_bands=BANDS[::-1])
    found = rules.select_target(organisation=ours, exposure_per_hour=Money(exposure * 100, "USD"))
    assert rules.format_target(found.target_ppm) == target


@pytest.mark.parametrize(
    ("pence", "target"),
    [
        (13_888_889, "99.9%"),
        (13_888_887, "99.5%"),
        (1_388_889, "99.5%"),
        (1_388_887, "99.0%"),
        (277_778, "99.0%"),
        (1, "99.0%"),
    ],
)
def test_minimum_losses_choose_the_highest_target_whose_allowance_loses_enough(pence, target):
    found = rules.select_target(organisation=fruits(), exposure_per_hour=Money(pence, "GBP"))
    assert rules.format_target(found.target_ppm) == target
    assert target in found.reason


@given(st.lists(st.integers(1, 10**9), min_size=2, max_size=2))
@settings(max_examples=100)
def test_a_higher_exposure_never_chooses_a_lower_target(exposures):
    low, high = sorted(exposures)
    for ours in (fruits(), organisation(currency="USD", exposure_bands=BANDS)):
        chosen = [
            rules.select_target(
                organisation=ours, exposure_per_hour=Money(minor, ours.currency)
            ).target_ppm
            for minor in (low, high)
        ]
        assert chosen == sorted(chosen)


def test_without_bands_or_losses_every_service_gets_the_lowest_target():
    found = rules.select_target(organisation=organisation(), exposure_per_hour=Money(1, "GBP"))
    assert found.target_ppm == 950_000


def test_the_presets_say_where_they_are_from_and_put_99_at_different_levels():
    levels = {
        preset.name: {rules.format_target(one.target_ppm): str(one.cover) for one in preset.levels}
        for preset in (PLAYBOOK, FRUITS_R_US)
    }
    assert levels == {
        "playbook": {"95.0%": "none", "99.0%": "domain", "99.9%": "team", "99.99%": "team"},
        "fruits-r-us": {"99.0%": "none", "99.5%": "domain", "99.9%": "team"},
    }
    assert all(preset.source for preset in rules.PRESETS.values())
    assert FRUITS_R_US.minimum_losses[2] == MinimumLoss(999_000, Money(10_000_000, "GBP"))


@pytest.mark.parametrize(
    ("ppm", "cover"), [(900_000, "none"), (990_000, "none"), (994_999, "none"), (999_999, "team")]
)
def test_a_target_between_two_levels_falls_in_the_lower_one(ppm, cover):
    level = rules.level_for(levels=FRUITS_R_US.levels, ppm=ppm)
    assert isinstance(level, Level)
    assert level.cover == cover
