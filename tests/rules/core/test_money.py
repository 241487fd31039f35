"""Money as people read it has one form; every penny stands in the working."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.core.money import Money, about, change, per_minute


@pytest.mark.parametrize(
    ("minor", "currency", "said", "roughly", "exact"),
    [
        (0, "EUR", "EUR 0", "EUR 0", "EUR 0.00"),
        (1, "GBP", "GBP 0.01", "about GBP 0.01", "GBP 0.01"),
        (250, "GBP", "GBP 2.50", "about GBP 2.50", "GBP 2.50"),
        (999, "GBP", "GBP 9.99", "about GBP 10", "GBP 9.99"),
        (1200, "GBP", "GBP 12", "about GBP 12", "GBP 12.00"),
        (6000, "GBP", "GBP 60", "about GBP 60", "GBP 60.00"),
        (8750, "GBP", "GBP 88", "about GBP 88", "GBP 87.50"),
        (166_667, "GBP", "GBP 1,667", "about GBP 1,700", "GBP 1,666.67"),
        (358_472, "GBP", "GBP 3,585", "about GBP 3,600", "GBP 3,584.72"),
        (-358_472, "GBP", "\u2212GBP 3,585", "about \u2212GBP 3,600", "GBP -3,584.72"),
        (20_000_000, "GBP", "GBP 200,000", "about GBP 200,000", "GBP 200,000.00"),
        (99_999_949, "GBP", "GBP 999,999", "about GBP 1 million", "GBP 999,999.49"),
        (99_999_999, "GBP", "GBP 1 million", "about GBP 1 million", "GBP 999,999.99"),
        (123_456_789, "GBP", "GBP 1.23 million", "about GBP 1.2 million", "GBP 1,234,567.89"),
        (3_986_666_667, "GBP", "GBP 39.9 million", "about GBP 40 million", "GBP 39,866,666.67"),
        (99_999_999_999, "GBP", "GBP 1 billion", "about GBP 1 billion", "GBP 999,999,999.99"),
        (10**17, "USD", "USD 1,000 trillion", "about USD 1,000 trillion", None),
        (5000, "JPY", "JPY 5,000", "about JPY 5,000", "JPY 5,000"),
        (1_234, "KWD", "KWD 1.234", "about KWD 1.200", "KWD 1.234"),
    ],
)
def test_an_amount_is_rounded_by_its_size(
    minor: int, currency: str, said: str, roughly: str, exact: str | None
) -> None:
    amount = Money(minor, currency)
    assert (str(amount), about(amount)) == (said, roughly)
    assert exact is None or amount.exact == exact


@pytest.mark.parametrize(
    ("minor", "said"), [(4000, "+GBP 40"), (-4000, "\u2212GBP 40"), (0, "GBP 0")]
)
def test_what_is_added_or_taken_away_has_a_sign(minor: int, said: str) -> None:
    assert change(Money(minor, "GBP")) == said


def test_currencies_are_never_mixed() -> None:
    with pytest.raises(ValueError, match="cannot combine GBP with EUR"):
        Money(100, "GBP") + Money(100, "EUR")


amounts = st.builds(
    Money,
    st.integers(1 - 10**15, 10**15 - 1) | st.integers(-(10**5), 10**5),
    st.sampled_from(["GBP", "JPY", "KWD"]),
)
SIZES = {"million": 10**6, "billion": 10**9, "trillion": 10**12}


def read(said: str) -> Decimal:
    """Return what a person reads out of an amount."""
    sign = -1 if "\u2212" in said else 1
    _, number, *size = said.removeprefix("about ").removeprefix("\u2212").split(" ")
    return sign * Decimal(number.replace(",", "")) * SIZES.get(size[0] if size else "", 1)


@given(amounts)
def test_rounding_changes_no_sign_and_less_than_a_twentieth(amount: Money) -> None:
    for said in (str(amount), about(amount)):
        heard = read(said)
        assert (heard > 0, heard < 0) == (amount.minor > 0, amount.minor < 0)
        assert abs(heard - amount.amount) * 20 <= abs(amount.amount), said


@given(amounts)
def test_every_penny_is_in_the_exact_form_and_can_be_read_back(amount: Money) -> None:
    assert Money.parse(amount.exact) == amount


@given(amounts, amounts)
def test_more_is_never_said_as_less(one: Money, other: Money) -> None:
    if one.currency == other.currency and one <= other:
        assert read(str(one)) <= read(str(other))
        assert read(about(one)) <= read(about(other))


def test_what_a_minute_costs():
    assert per_minute(Money(20_000_000, "GBP")) == Money(333_333, "GBP")
