"""What an outage loses: exposure by the week and the season, waiting, shutters."""

from datetime import time
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import Cover, WorkingHours
from andon.planning.rules import week
from andon.planning.rules.exact import to_float
from andon.planning.rules.expected import loss_per_incident
from andon.planning.rules.week import profile
from andon.planning.simulation import simulate
from andon.planning.simulation.exposure import (
    DAY,
    DAYS,
    calendar,
    exposure,
    opening,
)
from andon.planning.types import Season, Stretch
from tests.rules.planning.estates import BUSY_DAYS, insured, portfolio
from tests.rules.planning.outages import WEEK, block, lost, pounds


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


@settings(deadline=None)
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


@pytest.mark.parametrize("days", [frozenset({0, 1, 2, 3, 4}), frozenset({4, 5, 6})])
def test_working_nights_are_waited_for(days):
    at_night = WorkingHours(days=days, starts=time(21), ends=time(5))
    service = insured("night", working_hours=at_night, cover=Cover.NONE, week=BUSY_DAYS)

    found = simulate(portfolio=portfolio(service), years=4_000).services[0].mean

    exact = loss_per_incident(service=service, covered=False).value * 6
    assert to_float(found.low) * 0.99 <= exact <= to_float(found.high) * 1.01
