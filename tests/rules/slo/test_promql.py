"""Ranges, numbers and guards as both engines read them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.core.periods import Period
from andon.slo.rules import promql

HOUR = timedelta(hours=1)
START = datetime(2026, 12, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(days=30), "30d"),
        (timedelta(hours=36), "36h"),
        (timedelta(minutes=90), "90m"),
        (timedelta(seconds=90), "90s"),
        (timedelta(minutes=5) / 300, "1s"),
        (timedelta(minutes=5) / 1000, "300ms"),
        (timedelta(microseconds=1), "1ms"),
    ],
)
def test_ranges_are_in_the_largest_unit_that_holds_them(span, text):
    assert promql.duration(span) == text


def test_groups_have_no_days():
    assert promql.interval(timedelta(days=1)) == "24h"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.0144", "0.0144"),
        ("1E+3", "1000"),
        ("0E-9", "0"),
        ("0.00001", "0.00001"),
        ("0.333333333333333333333333", "0.333333333333333"),
    ],
)
def test_numbers_have_no_exponent_and_no_noise(value, text):
    assert promql.number(Decimal(value)) == text


@pytest.mark.parametrize(
    ("query", "is_one"),
    [
        ("up", True),
        (' up { a = "b" } ', True),
        ('{__name__="x"}', True),
        ('up{a="}"}', True),
        ("job:up:sum", True),
        ('a{x="1"} / b{y="2"}', False),
        ("sum(up)", False),
        ("up offset 5m", False),
        ("up[5m]", False),
        ("Inf", False),
        ("nan", False),
        ("info", True),
    ],
)
def test_a_range_can_be_added_to_a_bare_selector_only(query, is_one):
    assert promql.is_selector(query) is is_one


@given(st.text("ab:_{}=\"~!, \\'`", max_size=20))
def test_what_looks_like_a_selector_to_us_is_one_for_the_parser_or_none_at_all(query):
    if not promql.is_selector(query):
        return
    try:
        parsed = promql_parser.parse(query)
    except ValueError:
        return
    assert isinstance(parsed, promql_parser.VectorSelector)


def test_closures_that_touch_are_one():
    first, second = Period(START, START + HOUR), Period(START + HOUR, START + 2 * HOUR)
    apart = Period(START + 3 * HOUR, START + 4 * HOUR)
    assert promql.joined([apart, second, first]) == (Period(START, START + 2 * HOUR), apart)


def test_a_guard_is_half_open():
    found = promql.during(Period(START, START + HOUR))
    assert found == "((vector(time()) >= 1798070400) < 1798074000)"
