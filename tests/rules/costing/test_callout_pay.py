"""Callout pay: minimum, started blocks, bank holidays, working hours."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.catalogue.types import Pay
from andon.core.money import Money
from andon.core.periods import Period
from andon.costing.rules import callout_pay
from tests.rules.oncall.builders import span, utc

PAY = Pay(standby_per_week=Money.parse("GBP 700"), callout_per_hour=Money.parse("GBP 60"))
HOLIDAY = span("2027-05-02 23:00", "2027-05-03 23:00")
OFFICE = span("2027-05-04 08:00", "2027-05-04 16:00")


def bill(start, end, pay=PAY, **facts):
    facts = {"in_hours": [OFFICE], "holidays": [HOLIDAY]} | facts
    return callout_pay(pay=pay, whom="Ann", worked=span(start, end), **facts)


@pytest.mark.parametrize(
    ("end", "paid"),
    [
        ("03:00", "GBP 60.00"),
        ("03:20", "GBP 60.00"),
        ("04:00", "GBP 60.00"),
        ("04:01", "GBP 75.00"),
        ("04:15", "GBP 75.00"),
        ("04:16", "GBP 90.00"),
    ],
)
def test_a_minimum_then_every_block_started(end, paid):
    assert bill("2027-05-05 03:00", f"2027-05-05 {end}").total.exact == paid


@pytest.mark.parametrize(
    ("hours", "paid"), [(8, "GBP 29.20"), (9, "GBP 36.50"), (17, "GBP 65.70"), (24, "GBP 87.60")]
)
def test_eight_hours_then_started_blocks_of_two(hours, paid):
    """The published scheme's blocks (8 h, then started 2 h), here at one rate of 3.65 an hour."""
    scheme = Pay(
        standby_per_week=Money.parse("GBP 0"),
        callout_per_hour=Money.parse("GBP 3.65"),
        minimum_callout=timedelta(hours=8),
        callout_block=timedelta(hours=2),
    )
    worked = Period(utc("2027-06-01 00:00"), utc("2027-06-01 00:00") + timedelta(hours=hours))
    found = callout_pay(pay=scheme, whom="Ann", worked=worked, in_hours=[])
    assert found.total.exact == paid


def test_working_hours_are_not_paid_as_callout():
    found = bill("2027-05-04 09:00", "2027-05-04 11:00")
    assert found.total == Money.zero("GBP")
    assert found.lines[0].reason == "2 h in working hours: no callout"


def test_only_the_part_out_of_hours_is_paid():
    found = bill("2027-05-04 06:30", "2027-05-04 09:00")
    assert found.total.exact == "GBP 90.00"
    assert found.lines[0].reason == (
        "worked 1 h 30 min out of hours; a callout is at least 1 h, then 15 min for every block "
        "started: 1 h 30 min at GBP 60.00 an hour"
    )


def test_out_of_hours_before_and_after_a_working_day_is_one_callout():
    assert bill("2027-05-04 07:30", "2027-05-04 16:31").total.exact == "GBP 75.00"


def test_bank_holidays_multiply_the_rate():
    assert bill("2027-05-03 03:00", "2027-05-03 03:10").total.exact == "GBP 120.00"


def test_a_unit_that_touches_a_bank_holiday_is_paid_at_its_rate_as_a_whole():
    found = bill("2027-05-02 21:50", "2027-05-02 23:10")
    assert [line.pay.exact for line in found.lines] == ["GBP 60.00", "GBP 60.00"]
    assert "200% of GBP 60.00 an hour (bank holiday)" in found.lines[1].reason
    assert found.total.exact == "GBP 120.00"


def test_the_clocks_do_not_change_what_is_paid_for_time():
    """01:00 to 03:00 on the local clock is three hours on the night the clocks go back."""
    assert bill("2027-10-31 00:00", "2027-10-31 03:00").total.exact == "GBP 180.00"


def test_a_scheme_without_minimum_or_blocks_pays_started_minutes():
    scheme = Pay(
        standby_per_week=Money.parse("GBP 0"),
        callout_per_hour=Money.parse("GBP 60"),
        minimum_callout=timedelta(0),
        callout_block=timedelta(0),
    )
    worked = Period(utc("2027-06-01 00:00"), utc("2027-06-01 00:02:30"))
    found = callout_pay(pay=scheme, whom="Ann", worked=worked, in_hours=[])
    assert found.total.exact == "GBP 3.00"


def test_currencies_without_a_minor_unit_are_exact():
    yen = Pay(
        standby_per_week=Money.parse("JPY 0"),
        callout_per_hour=Money.parse("JPY 5001"),
        callout_block=timedelta(minutes=30),
    )
    assert bill("2027-06-01 00:00", "2027-06-01 01:10", pay=yen).total == Money(7502, "JPY")


@given(minutes=st.integers(0, 3000), more=st.integers(0, 600), start=st.integers(0, 3000))
def test_working_longer_never_pays_less_and_the_lines_add_up(minutes, more, start):
    begin = utc("2027-05-02 00:00") + timedelta(minutes=start)

    def paid(length):
        worked = Period(begin, begin + timedelta(minutes=length))
        return callout_pay(
            pay=PAY, whom="Ann", worked=worked, in_hours=[OFFICE], holidays=[HOLIDAY]
        )

    shorter, longer = paid(minutes), paid(minutes + more)
    assert shorter.total <= longer.total
    assert sum((line.pay for line in longer.lines), Money.zero("GBP")) == longer.total
