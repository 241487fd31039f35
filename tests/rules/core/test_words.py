"""Quantities as people read them: one wording each."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.core.words import say_count, say_exactly, say_list, say_share, say_span, say_target

SPANS = [
    ("0 s", "0 s", {}),
    ("0 s", "0.4 s", {"milliseconds": 400}),
    ("1 min", "59.6 s", {"milliseconds": 59_600}),
    ("45 s", "45 s", {"seconds": 45}),
    ("12 min", "12 min", {"minutes": 12}),
    ("43 min 12 s", "43 min 12 s", {"minutes": 43, "seconds": 12}),
    ("1 min 1 s", "1 min 1 s", {"seconds": 61}),
    ("3 h 5 min", "3 h 5 min 9 s", {"hours": 3, "minutes": 5, "seconds": 9}),
    ("3 h", "3 h 7 s", {"hours": 3, "seconds": 7}),
    ("1 d", "1 d", {"hours": 24}),
    ("1 d 12 h", "1 d 12 h", {"hours": 36}),
    ("30 d", "30 d", {"days": 30}),
    ("1,000 d", "1,000 d", {"days": 1000}),
    ("\u22124 min 5 s", "\u22124 min 5 s", {"seconds": -245}),
    ("7 h 18 min", "7 h 18 min 17.28 s", {"hours": 7, "minutes": 18, "milliseconds": 17_280}),
]


@pytest.mark.parametrize(("said", "exact", "length"), SPANS)
def test_a_length_is_said_in_its_two_largest_units(said, exact, length):
    assert say_span(timedelta(**length)) == said
    assert say_exactly(timedelta(**length)) == exact


SHARES = [
    (Decimal(0), "0%"),
    (Decimal(1), "100%"),
    (0.5, "50%"),
    (Fraction(3, 7), "42.9%"),
    (Decimal("0.0857142"), "8.57%"),
    (Decimal("0.9995"), "99.95%"),
    (Decimal("0.9999996"), "99.99996%"),
    (Decimal("0.000001"), "0.0001%"),
    (1.3888, "138.9%"),
    (Decimal("-0.085"), "\u22128.5%"),
    (40, "4,000%"),
]


@pytest.mark.parametrize(("value", "said"), SHARES)
def test_a_share_has_three_digits_from_the_nearer_end(value, said):
    assert say_share(value) == said


@given(st.decimals(min_value="0", max_value="1", places=12))
def test_no_share_is_rounded_to_nothing_or_all(value):
    assert (say_share(value) == "0%") is (value == 0)
    assert (say_share(value) == "100%") is (value == 1)


@pytest.mark.parametrize(("ppm", "said"), [(990_000, "99.0%"), (999_500, "99.95%"), (1, "0.0001%")])
def test_a_target_is_said_exactly(ppm, said):
    assert say_target(ppm) == said


def test_a_number_has_its_noun():
    assert [say_count(one, "day") for one in (0, 1, 1200)] == ["0 days", "1 day", "1,200 days"]
    assert say_count(2, "person", "people") == "2 people"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("", ""),
        ("a", "a"),
        ("ab", "a and b"),
        ("abcde", "a, b, c, d and e"),
        ("abcdef", "a, b, c, d and 2 others"),
    ],
)
def test_a_list_is_named_as_in_a_sentence(names, said):
    assert say_list(names) == said
