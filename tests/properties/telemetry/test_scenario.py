"""Scenarios of replays: what is written, and what is expected of the rules."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.slo.types import (
    Indicator,
    IndicatorKind,
    Op,
)
from andon.telemetry.rules import scenario
from tests.rules.telemetry.test_scenario import of
from tests.support.estates import objective

PROBE = Indicator(kind=IndicatorKind.THRESHOLD, query="probe_success", op=Op.GTE, value=Decimal(1))


@settings(max_examples=30, deadline=None)
@given(
    ppm=st.integers(900_000, 999_900),
    kind=st.sampled_from(("events", "probe", "raw")),
    is_failure=st.booleans(),
)
def test_the_fault_has_its_ratio_and_all_that_fires_does_so_within_it(ppm, kind, is_failure):
    indicator = {
        "events": objective("checkout").indicator,
        "probe": PROBE,
        "raw": Indicator(kind=IndicatorKind.RAW, query="errors", is_failure=is_failure),
    }[kind]
    for made in of(objective("checkout", indicator=indicator), target_ppm=ppm)[1]:
        first, last = made.fault_at // made.every, made.fault_ends_at // made.every
        lasts = made.fault_ends_at - made.fault_at
        for one in made.expected:
            assert one.fires is None or one.fires + one.tolerance < lasts
            assert one.ends is None or made.fault_ends_at + one.ends < made.ends_at
        assert _share(made, kind, is_failure, first, last) == pytest.approx(
            float(made.ratio), abs=1.5 / (last - first)
        )
        if not made.is_steady:
            assert _share(made, kind, is_failure, 0, first) == 0


def _share(made: scenario.Scenario, kind: str, is_failure: bool, first: int, last: int) -> float:
    values = [made.values(one) for one in made.series]
    if kind == "events":
        grown = [each[last] - each[first] for each in values]
        failed = next(
            grew for grew, one in zip(grown, made.series, strict=True) if '"5' in one.series
        )
        return failed / sum(grown)
    (some,) = values
    some = some[first + 1 : last + 1]
    if kind == "probe":
        return sum(value < 1 for value in some) / len(some)
    mean = sum(some) / len(some)
    return mean if is_failure else 1 - mean
