"""Standby pay by scheme: local periods, elapsed hours, blocks, bank holidays, swaps, clocks."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import Pay, Standby, StandbyUnit, WorkingHours
from andon.core.money import Money
from andon.core.periods import FOREVER
from andon.costing.rules import standby_pay
from andon.costing.types import Books
from tests.rules.oncall.builders import BEGINNING, edit, override, rota, span, utc, version

NOTHING = Money.zero("GBP")


def weekly(text="GBP 700", **more):
    rate = Money.parse(text)
    return Pay(rate, NOTHING, standby=Standby(StandbyUnit.WEEK, rate, **more))


def scheme(per, text, **more):
    made = {key: Money.parse(v) if isinstance(v, str) else v for key, v in more.items()}
    return Pay(NOTHING, NOTHING, standby=Standby(StandbyUnit(per), Money.parse(text), **made))


def paid(pay, of, books="2027-05", **facts):
    return standby_pay(pay=pay, rota=of, books=Books.parse(books), **facts)


def total(found):
    return sum((one.pay for one in found), NOTHING)


def told(found):
    return [f"{one.person} {one.pay.exact}" for one in found]


def test_a_week_that_divides_is_paid_by_its_days():
    """May 2027 begins on a Saturday: the week that began on 26 April leaves it two days."""
    assert told(paid(weekly(), rota())) == [
        "cat GBP 200.00",
        "ann GBP 700.00",
        "ben GBP 700.00",
        "cat GBP 700.00",
        "ann GBP 700.00",
        "ben GBP 100.00",
    ]


def test_a_shift_over_two_months_is_paid_once():
    april, may = (paid(weekly(), rota(), books) for books in ("2027-04", "2027-05"))
    assert april[-1].period.ends_at == may[0].period.starts_at
    assert april[-1].pay + may[0].pay == Money.parse("GBP 700")


def test_a_price_that_does_not_divide_still_adds_up_to_the_week():
    found = paid(weekly("GBP 500"), rota())
    assert {one.pay.exact for one in found[1:5]} == {"GBP 500.00"}
    assert total(paid(weekly("GBP 500"), rota(), "2027")) == total(found) + total(
        one
        for month in range(1, 13)
        if month != 5
        for one in paid(weekly("GBP 500"), rota(), f"2027-{month:02}")
    )


@pytest.mark.parametrize("books", ["2027-03", "2027-10"])
def test_the_week_the_clocks_change_costs_what_any_other_does(books):
    of = rota(version(starts_on="2027-01-04"))
    whole = [one for one in paid(weekly(), of, books) if one.pay == Money.parse("GBP 700")]
    lengths = {one.period.length for one in whole}
    changed = timedelta(hours=167 if books == "2027-03" else 169)
    assert lengths == {timedelta(hours=168), changed}


def test_whoever_takes_an_override_is_paid_for_it():
    """Dan has the rota from Wednesday 09:00 to Friday 21:00, local: two days and a half."""
    swap = override("dan", "2027-05-05 08:00", "2027-05-07 20:00")
    found = paid(weekly(), rota(overrides=[swap]))
    assert told(found)[1:4] == ["ann GBP 200.00", "dan GBP 250.00", "ann GBP 250.00"]
    assert "instead of ann" in found[2].reason
    assert total(found) == total(paid(weekly(), rota()))


def test_only_what_is_over_counts():
    found = paid(weekly(), rota(), until=utc("2027-05-12 00:00"))
    assert told(found) == ["cat GBP 200.00", "ann GBP 700.00"]


def test_days_have_their_own_rates():
    """One week of 23 a weekday, 45 a weekend day and 50 on the bank holiday of Monday 3 May."""
    pay = scheme("day", "GBP 23", weekend="GBP 45", holiday="GBP 50")
    found = paid(pay, rota(), holidays=[span("2027-05-02 23:00", "2027-05-03 23:00")])
    assert told(found)[1] == "ann GBP 232.00"
    assert "1 bank holiday, 4 weekdays, 2 weekend days" in found[1].reason


def test_bank_holidays_multiply_a_weeks_day():
    pay = weekly(holiday_percent=200)
    found = paid(pay, rota(), holidays=[span("2027-05-02 23:00", "2027-05-03 23:00")])
    assert told(found)[1] == "ann GBP 800.00"


def nights(day):
    """Working hours 09:00-17:30 local on a summer's day."""
    return span(f"{day} 08:00", f"{day} 16:30")


def test_hours_are_elapsed_time_out_of_hours():
    of = rota(version(unit="day"))
    found = paid(scheme("hour", "GBP 3"), of, in_hours=[nights("2027-05-04")])
    assert found[3].pay.exact == "GBP 46.50"


@pytest.mark.parametrize(("books", "place", "hours"), [("2027-03", 26, 23), ("2027-10", 29, 25)])
def test_hours_are_elapsed_when_the_clocks_change(books, place, hours):
    """Saturday 09:00 to Sunday 09:00 has one hour less in March and one more in October."""
    found = paid(scheme("hour", "GBP 3"), rota(version(unit="day")), books)
    assert found[place].pay == Money(hours * 300, "GBP")


def test_hours_of_a_bank_holiday_are_multiplied():
    found = paid(
        scheme("hour", "GBP 3", holiday_percent=200),
        rota(version(unit="day")),
        holidays=[span("2027-05-02 23:00", "2027-05-03 23:00")],
    )
    assert [one.pay.exact for one in found[1:4]] == ["GBP 99.00", "GBP 117.00", "GBP 72.00"]


BLOCKS = {"then": "GBP 3.66", "holiday_percent": 200}


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(8, "GBP 29.20"), (9, "GBP 32.86"), (17, "GBP 47.50"), (24, "GBP 58.48")],
)
def test_blocks_as_published(hours, expected):
    """Derbyshire County Council: 29.20 up to 8 h, 3.66 per started 2 h after."""
    start = utc("2027-05-04 08:00")
    work = span(f"{start + timedelta(hours=hours):%Y-%m-%d %H:%M}", "2027-05-05 08:00")
    in_hours = [work] if work.length else []
    found = paid(scheme("block", "GBP 29.20", **BLOCKS), rota(version(unit="day")),
                 in_hours=in_hours)  # fmt: skip
    assert found[3].pay.exact == expected


def test_the_longest_night_is_no_more_than_a_day_of_blocks():
    found = paid(scheme("block", "GBP 29.20", **BLOCKS), rota(version(unit="day")), "2027-10")
    assert found[29].pay.exact == "GBP 58.48"


def test_blocks_that_touch_a_bank_holiday_are_doubled():
    """Sunday 09:00 to Monday 09:00, the holiday from midnight: 8 h, 3 plain blocks, 5 doubled."""
    found = paid(
        scheme("block", "GBP 29.20", **BLOCKS),
        rota(version(unit="day")),
        holidays=[span("2027-05-02 23:00", "2027-05-03 23:00")],
    )
    assert found[1].pay == Money(2920 + 3 * 366 + 5 * 732, "GBP")


def test_a_rota_of_working_hours_is_work_and_no_standby():
    assert paid(weekly(), rota(covers="working-hours", hours=WorkingHours())) == []


def test_a_rota_without_a_price_earns_nothing():
    assert paid(Pay(NOTHING, NOTHING), rota()) == []


def test_nobody_is_paid_for_time_that_nobody_was_on():
    """The rota begins on Tuesday 4 May at noon UTC: an hour less than 20 of that day's 24."""
    of = rota(version(since=utc("2027-05-04 12:00"), until=FOREVER))
    found = paid(weekly("GBP 7"), of)
    assert found[0].pay.exact == "GBP 5.83"


@settings(max_examples=60, deadline=None)
@given(
    price=st.integers(1, 200_000),
    per=st.sampled_from(["week", "day"]),
    month=st.integers(1, 12),
    cuts=st.lists(
        st.tuples(st.integers(0, 40_000), st.integers(1, 20_000), st.sampled_from(["dan", "eve"])),
        max_size=4,
    ),
)
def test_however_people_swap_the_rota_costs_the_same(price, per, month, cuts):
    pay = Pay(NOTHING, NOTHING, standby=Standby(StandbyUnit(per), Money(price, "GBP")))
    start = utc(f"2027-{month:02}-01 00:00")
    swaps = [
        override(who, f"{start + timedelta(minutes=after):%Y-%m-%d %H:%M}",
                 f"{start + timedelta(minutes=after + length):%Y-%m-%d %H:%M}", number=number)
        for number, (after, length, who) in enumerate(cuts)
    ]  # fmt: skip
    books = f"2027-{month:02}"
    plain, swapped = (paid(pay, rota(overrides=some), books) for some in ((), swaps))
    assert total(plain) == total(swapped)
    assert all(one.pay.minor >= 0 for one in swapped)
    ordered = [one.period for one in swapped]
    assert all(a.ends_at <= b.starts_at for a, b in pairwise(ordered))
    assert ordered[0].starts_at > BEGINNING


schemes = st.sampled_from(
    [
        weekly("GBP 100"),
        weekly("GBP 100", holiday_percent=150),
        scheme("day", "GBP 33.33"),
        scheme("hour", "GBP 1.37"),
        scheme("block", "GBP 10", every=timedelta(hours=4), first=timedelta(hours=4), then="GBP 3"),
    ]
)
instants = st.datetimes(
    min_value=utc("2027-04-28 00:00").replace(tzinfo=None),
    max_value=utc("2027-06-02 00:00").replace(tzinfo=None),
).map(lambda t: utc(str(t)))


@settings(max_examples=60, deadline=None)
@given(pay=schemes, edits=st.lists(instants, min_size=1, max_size=3))
def test_people_appended_change_nobodys_pay_for_the_turns_that_stay(pay, edits):
    """Ten people: those who are added are on call after the month."""
    people = " ".join(f"p{n}" for n in range(10))
    before = after = rota(version(people=people))
    for number, at in enumerate(sorted(edits)):
        people += f" new{number}"
        after = edit(after, at, people=people)
    assert paid(pay, after) == paid(pay, before)
