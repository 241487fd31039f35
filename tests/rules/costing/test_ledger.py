"""Splits, caps, and what to post: conservation above all."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.core.money import Money
from andon.core.periods import Period
from andon.costing import rules
from andon.costing.types import (
    Books,
    Charge,
    Draft,
    Kind,
    StandingPosting,
    Tag,
    UnreadableBooks,
    Viewer,
)
from tests.rules.oncall.builders import utc

START = utc("2027-05-01 00:00")


def pounds(*amounts):
    return [f"{Money(minor, 'GBP').amount}" for minor in amounts]


def split(minor, weights):
    found = rules.allocate(amount=Money(minor, "GBP"), weights=weights)
    return [str(found[key].amount) for key in weights]


def test_nine_thousand_over_seven_services():
    found = split(900_000, dict.fromkeys("abcdefg", 1))
    assert found == ["1285.72"] * 3 + ["1285.71"] * 4


def test_three_thousand_by_weights():
    found = split(300_000, {"a": 5, "b": 3, "c": 1, "d": 0})
    assert found == ["1666.67", "1000.00", "333.33", "0.00"]


def test_a_hundred_in_thirds_and_the_first_by_name_gets_the_penny():
    assert split(10_000, {"c": 1, "a": 1, "b": 1}) == ["33.33", "33.34", "33.33"]


def test_without_weights_the_parts_are_equal():
    assert split(100, {"a": 0, "b": 0}) == ["0.50", "0.50"]


def test_nobody_and_negative_weights_are_refused():
    with pytest.raises(ValueError, match="nobody"):
        split(100, {})
    with pytest.raises(ValueError, match="negative"):
        split(100, {"a": 1, "b": -1})


weights = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.integers(0, 10**6) | st.decimals(0, 1000, places=3),
    min_size=1,
    max_size=20,
)


@given(minor=st.integers(-(10**9), 10**9), weights=weights)
def test_splits_add_up_to_the_minor_unit_and_mirror_when_reversed(minor, weights):
    found = rules.allocate(amount=Money(minor, "GBP"), weights=weights)
    assert sum(one.minor for one in found.values()) == minor
    back = rules.allocate(amount=Money(-minor, "GBP"), weights=weights)
    assert all(found[key] + back[key] == Money.zero("GBP") for key in weights)
    whole = sum(Decimal(weight) for weight in weights.values())
    if whole:
        exact = {key: minor * Decimal(weight) / whole for key, weight in weights.items()}
        assert all(abs(found[key].minor - exact[key]) <= 1 for key in weights)


def draft(source, minor=100, person=1, *, kind=Kind.STANDBY, hour=0, currency="GBP"):
    ends_at = START + timedelta(hours=hour)
    return Draft(
        source=source,
        kind=kind,
        amount=Money(minor, currency),
        charge=Charge(Tag.CAPEX, service_id=1, name="checkout"),
        period=Period(START, ends_at),
        evidence="",
        reason="as worked",
        person_id=person,
    )


def test_a_charge_split_over_services_adds_up():
    charges = [Charge(Tag.CAPEX, service_id=pk, name=f"s{pk}") for pk in (3, 1, 2)]
    found = rules.split_charges(draft=draft("shift", 10_000), charges=charges)
    assert [(one.source, one.amount.minor) for one in found] == [
        ("shift/s3", 3333),
        ("shift/s1", 3334),
        ("shift/s2", 3333),
    ]
    assert found[0].reason == "as worked; one of 3 equal parts"


def test_the_last_work_of_a_month_is_cut_by_the_cap():
    cap = Money(250, "GBP")
    made = [draft("c", hour=3), draft("a", hour=1), draft("b", hour=2), draft("d", person=2)]
    found = {one.source: one for one in rules.cap_pay(drafts=made, cap=cap)}
    assert {source: one.amount.minor for source, one in found.items()} == {
        "a": 100,
        "b": 100,
        "c": 50,
        "d": 100,
    }
    assert found["c"].reason.endswith("GBP 1.00 cut to the cap of GBP 2.50 a month")


def test_what_is_nobodys_pay_is_not_capped():
    loss = draft("x", 10_000, kind=Kind.OPPORTUNITY)
    assert rules.cap_pay(drafts=[loss], cap=Money(1, "GBP")) == [loss]


def test_a_cap_in_another_currency_is_refused():
    with pytest.raises(ValueError, match="cannot combine"):
        rules.cap_pay(drafts=[draft("a")], cap=Money(1, "EUR"))


def test_a_sum_over_currencies_is_refused():
    with pytest.raises(ValueError, match="cannot combine"):
        rules.net(amounts=[Money(1, "GBP"), Money(1, "EUR")], currency="GBP")


def stands(pk, of):
    return StandingPosting(pk, 1, of)


def test_better_words_are_no_reason_to_post_again():
    there = draft("a")
    found = rules.differences(
        drafts=[replace(there, reason="said better")], standing=[stands(1, there)]
    )
    assert (found.reverse, found.post) == ((), ())


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Money(101, "GBP")},
        {"charge": Charge(Tag.OPEX, service_id=1)},
        {"charge": Charge(Tag.CAPEX, service_id=2)},
        {"person_id": 9},
        {"period": Period(START, START + timedelta(days=1))},
    ],
)
def test_what_money_depends_on_is_reversed_and_posted_anew(change):
    there = draft("a")
    found = rules.differences(drafts=[replace(there, **change)], standing=[stands(1, there)])
    assert [one.id for one in found.reverse] == [1]
    assert [one.source for one in found.post] == ["a"]


def test_what_did_not_happen_is_taken_back():
    found = rules.differences(drafts=[draft("a", 0)], standing=[stands(7, draft("a"))])
    assert ([one.id for one in found.reverse], found.post) == ([7], ())


drafts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 500), max_size=8).map(
    lambda found: [draft(source, minor) for source, minor in found.items()]
)


@given(before=drafts, after=drafts)
def test_the_ledger_says_what_it_ought_to_after_any_change_and_a_second_run_posts_nothing(
    before, after
):
    ledger = []
    standing: dict[int, StandingPosting] = {}

    def run(wanted):
        found = rules.differences(drafts=wanted, standing=standing.values())
        for one in found.reverse:
            ledger.append(-one.draft.amount.minor)
            del standing[one.id]
        for one in found.post:
            ledger.append(one.amount.minor)
            standing[len(ledger)] = StandingPosting(len(ledger), 1, one)
        return found

    run(before)
    run(after)
    assert sum(ledger) == sum(one.amount.minor for one in after)
    again = run(after)
    assert (again.reverse, again.post) == ((), ())
    run([])
    assert sum(ledger) == 0


@pytest.mark.parametrize(
    ("viewer", "may"),
    [
        (Viewer(1), True),
        (Viewer(2), True),
        (Viewer(3), False),
        (Viewer(3, is_staff=True), True),
        (Viewer(None), False),
    ],
)
def test_pay_is_for_the_person_the_budget_holder_and_staff(viewer, may):
    assert rules.may_see_pay(viewer=viewer, person_id=1, budget_holder_id=2) is may


def test_nobodys_name_is_no_way_into_unassigned_budgets():
    assert not rules.may_see_pay(viewer=Viewer(None), person_id=1, budget_holder_id=None)


@pytest.mark.parametrize(
    ("funding", "tag"),
    [([], Tag.CAPEX), ([""], Tag.CAPEX), (["opex"], Tag.OPEX), (["opex", "capex"], Tag.CAPEX)],
)
def test_operating_budgets_pay_only_when_every_service_says_so(funding, tag):
    assert rules.tag_for(funding=funding) is tag


@pytest.mark.parametrize(
    ("text", "months", "first"),
    [("2026-11", 1, "2026-11-01"), ("2026-q4", 3, "2026-10-01"), ("2026", 12, "2026-01-01")],
)
def test_books_are_months_quarters_and_years(text, months, first):
    books = Books.parse(text)
    assert (len(books.months()), str(books.first)) == (months, first)
    assert str(books) == text.upper()


@pytest.mark.parametrize("text", ["", "2026-13", "2026-Q5", "26-11", "0000", "2026-11-02"])
def test_other_texts_are_no_books(text):
    with pytest.raises(UnreadableBooks, match="no month, quarter or year"):
        Books.parse(text)


@pytest.mark.parametrize(
    ("day", "quarter"),
    [("2026-01-01", "2026-Q1"), ("2026-03-31", "2026-Q1"), ("2026-12-31", "2026-Q4")],
)
def test_a_day_is_in_one_quarter(day, quarter):
    assert Books.quarter_of(date.fromisoformat(day)) == Books.parse(quarter)


@given(
    minor=st.integers(-(10**9), 10**9),
    hours=st.lists(st.integers(-50, 250), max_size=5),
)
def test_a_draft_cut_by_date_adds_up_and_leaves_no_gap(minor, hours):
    start = utc("2026-11-02 09:00")
    draft = Draft(
        source="standby:shop", kind=Kind.STANDBY, amount=Money(minor, "GBP"),
        charge=Charge(Tag.CAPEX), period=Period(start, start + timedelta(hours=168)),
        evidence="rota shop", reason="on call",
    )  # fmt: skip
    cuts = [start + timedelta(hours=one) for one in hours]
    parts = rules.split_dates(draft=draft, cuts=cuts)
    assert sum(one.amount.minor for one in parts) == minor
    assert parts[0].source == draft.source
    assert (
        len({one.source for one in parts})
        == len(parts)
        == 1 + len({one for one in hours if 0 < one < 168})
    )
    edges = [one.period.starts_at for one in parts] + [parts[-1].period.ends_at]
    assert edges[0] == draft.period.starts_at
    assert edges[1:] == [one.period.ends_at for one in parts]
