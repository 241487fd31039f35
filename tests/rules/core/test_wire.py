"""Values as machines read them: one form each."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from andon.core import wire
from andon.core.money import Money
from andon.core.periods import Period

AT = datetime(2026, 11, 27, 22, 3, tzinfo=UTC)
LATER = AT + timedelta(hours=1, microseconds=5)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Told:
    loss: Money
    took: timedelta
    during: Period
    colour: Colour
    day: date
    uid: UUID
    names: tuple[str, ...]
    rate: Decimal
    by: dict[Colour, Money]


def test_money_is_minor_units_with_every_penny_in_words():
    assert wire.money(Money(166_667, "GBP")) == {
        "minor": 166_667,
        "currency": "GBP",
        "text": "GBP 1,666.67",
    }


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (Decimal("0.999"), 999_000),
        (Fraction(1, 3), 333_333),
        (0.25, 250_000),
        (1, 1_000_000),
        (Decimal("-2.5"), -2_500_000),
        (Decimal("0.9999999"), 999_999),
        (Decimal("1.0000001"), 1_000_001),
        (Fraction(1, 10**9), 1),
        (Decimal("-0.0000001"), -1),
    ],
)
def test_a_share_is_parts_per_million(value, parts):
    assert wire.share(value)["ppm"] == parts


def test_what_a_share_says_is_what_it_is():
    assert wire.share(Decimal("0.5")) == {"ppm": 500_000, "text": "50.0%"}
    assert wire.ppm(999_950) == {"ppm": 999_950, "text": "99.995%"}


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=5, minutes=30)))))
def test_an_instant_is_what_the_api_writes(at):
    if datetime.min.replace(tzinfo=UTC) + timedelta(days=1) < at:
        written = TypeAdapter(datetime).dump_json(at.astimezone(UTC))
        assert json.loads(written) == wire.instant(at)


def test_a_length_is_seconds_and_a_period_two_instants():
    assert wire.span(timedelta(minutes=1, milliseconds=500)) == 60.5
    assert wire.period(Period(AT, LATER)) == {
        "starts_at": "2026-11-27T22:03:00Z",
        "ends_at": "2026-11-27T23:03:00.000005Z",
    }


def test_a_frozen_value_is_written_by_the_names_of_its_fields():
    gbp, uid = Money(250, "GBP"), UUID(int=7)
    told = Told(
        gbp, timedelta(seconds=9), Period(AT, LATER), Colour.RED, AT.date(), uid, ("a", "b"),
        Decimal("1.5"), {Colour.RED: gbp},
    )  # fmt: skip
    amount = {"minor": 250, "currency": "GBP", "text": "GBP 2.50"}
    assert json.loads(json.dumps(wire.plain(told))) == {
        "loss": amount,
        "took": 9.0,
        "during": wire.period(told.during),
        "colour": "red",
        "day": "2026-11-27",
        "uid": str(uid),
        "names": ["a", "b"],
        "rate": 1.5,
        "by": {"red": amount},
    }
