"""Overrides, people who left, versions: what is laid over the rotation."""

from itertools import product

import pytest
from hypothesis import strategies as st

from andon.core.periods import Period
from andon.oncall import rules
from andon.oncall.types import Override
from tests.rules.oncall.builders import gone, override, rota, span, told, utc, version

WEEK = ("2026-01-05 09:00", "2026-01-12 09:00")
TUESDAY = ("2026-01-06 00:00", "2026-01-07 00:00")


def week(*overrides, **more):
    return told(rules.shifts(rota=rota(overrides=overrides, **more), period=span(*WEEK)))


def test_an_override_takes_its_period_and_gives_back_the_rest():
    found = rota(overrides=[override("cat", *TUESDAY, number=7)])
    shifts = rules.shifts(rota=found, period=span(*WEEK))
    assert told(shifts) == [
        "ann 2026-01-05 09:00..2026-01-06 00:00",
        "cat 2026-01-06 00:00..2026-01-07 00:00",
        "ann 2026-01-07 00:00..2026-01-12 09:00",
    ]
    assert [(s.override, s.instead_of) for s in shifts] == [(None, ""), (7, "ann"), (None, "")]


def test_an_override_over_a_hand_over_stays_one_shift_a_turn():
    found = rota(overrides=[override("dan", "2026-01-11 00:00", "2026-01-13 00:00")])
    assert told(rules.shifts(rota=found, period=span("2026-01-11 12:00", "2026-01-12 12:00"))) == [
        "dan 2026-01-11 00:00..2026-01-12 09:00",
        "dan 2026-01-12 09:00..2026-01-13 00:00",
    ]


def test_the_newest_of_overlapping_overrides_wins_whatever_their_order():
    older = override("dan", *WEEK, made="2026-01-02 10:00", number=1)
    newer = override("eve", *TUESDAY, made="2026-01-02 11:00", number=2)
    expected = ["dan", "eve", "dan"]
    for order in ((older, newer), (newer, older)):
        assert [line.split()[0] for line in week(*order)] == expected


@pytest.mark.parametrize(
    ("replaces", "expected"), [(None, "eve"), ("ann", "eve"), ("dan", "eve"), ("ben", "dan")]
)
def test_r19_replace_override_replaces(replaces, expected):
    """`dan` stands in for `ann`; who is replaced may be either, and nobody else."""
    found = rota(
        overrides=[
            override("dan", *WEEK, made="2026-01-02 10:00", number=1),
            override("eve", *TUESDAY, made="2026-01-02 11:00", number=2, replaces=replaces),
        ]
    )
    assert rules.who(rota=found, at=utc("2026-01-06 12:00")).person == expected


def test_r19_replacing_somebody_who_is_not_on_call_has_no_effect():
    assert week(override("eve", *TUESDAY, replaces="ben")) == week()


@pytest.mark.parametrize(
    ("name", "person", "at"),
    list(
        product(
            ("checkout", "stock"),
            ("ann", "ben"),
            (
                "2026-01-05 23:59",
                "2026-01-06 00:00",
                "2026-01-06 23:59",
                "2026-01-07 00:00",
                "2026-01-13 12:00",
            ),
        )
    ),
)
def test_r17_override_applies_only_where_made(name, person, at):
    """Only the named rota, the named person's shifts and the named window change."""
    made = override("eve", *TUESDAY, replaces=person)
    rotas = {
        "checkout": rota(overrides=[made]),
        "stock": rota(version(people="ben cat ann"), slug="stock"),
    }
    plain = {"checkout": rota(), "stock": rota(version(people="ben cat ann"), slug="stock")}
    scheduled = rules.who(rota=plain[name], at=utc(at)).person
    inside = name == "checkout" and utc(at) in made.period and scheduled == person
    assert rules.who(rota=rotas[name], at=utc(at)).person == ("eve" if inside else scheduled)


def test_the_turn_of_somebody_retired_goes_to_the_next_and_says_so():
    found = rota(gone=[gone("ben", "2026-01-02 00:00")])
    shifts = rules.shifts(rota=found, period=span("2026-01-05 09:00", "2026-02-02 09:00"))
    assert [s.person for s in shifts] == ["ann", "cat", "cat", "ann"]
    assert shifts[1].instead_of == "ben"


def test_somebody_retired_during_their_turn_serves_until_then_and_the_past_stays():
    found = rota(gone=[gone("ben", "2026-01-14 12:00")])
    shifts = rules.shifts(rota=found, period=span("2025-12-22 09:00", "2026-01-19 09:00"))
    assert told(shifts) == [
        "ben 2025-12-22 09:00..2025-12-29 09:00",
        "cat 2025-12-29 09:00..2026-01-05 09:00",
        "ann 2026-01-05 09:00..2026-01-12 09:00",
        "ben 2026-01-12 09:00..2026-01-14 12:00",
        "cat 2026-01-14 12:00..2026-01-19 09:00",
    ]


def test_a_rota_of_nobody_has_no_shifts_but_those_of_overrides():
    nobody = [gone("ann"), gone("ben"), gone("cat")]
    assert week(gone=nobody) == []
    assert week(override("dan", *TUESDAY), gone=nobody) == [
        "dan 2026-01-06 00:00..2026-01-07 00:00"
    ]
    assert rules.who(rota=rota(gone=nobody), at=utc("2026-01-06 12:00")) is None


def test_an_override_ends_when_its_person_leaves():
    assert week(override("dan", *TUESDAY), gone=[gone("dan", "2026-01-06 06:00")])[1:] == [
        "dan 2026-01-06 00:00..2026-01-06 06:00",
        "ann 2026-01-06 06:00..2026-01-12 09:00",
    ]


def test_versions_keep_the_past_as_worked():
    change = utc("2026-01-07 15:00")
    before = version(until=change)
    after = version(
        people="dan eve", unit="day", starts_on="2026-01-07", handover="08:00", since=change
    )
    shifts = rules.shifts(
        rota=rota(before, after), period=span("2026-01-05 09:00", "2026-01-09 08:00")
    )
    assert told(shifts) == [
        "ann 2026-01-05 09:00..2026-01-07 15:00",
        "dan 2026-01-07 15:00..2026-01-08 08:00",
        "eve 2026-01-08 08:00..2026-01-09 08:00",
    ]


def test_next_on_call_is_the_next_different_person():
    at = utc("2026-01-06 12:00")
    assert rules.next_on_call(rota=rota(), at=at) == "ben"
    assert rules.next_on_call(rota=rota(version(people="ann ann ben")), at=at) == "ben"
    assert rules.next_on_call(rota=rota(version(people="ann")), at=at) is None
    covered = rota(overrides=[override("dan", *TUESDAY)])
    assert rules.next_on_call(rota=covered, at=at) == "ann"
    long_away = rota(overrides=[override("ann", "2026-01-12 09:00", "2026-01-26 09:00")])
    assert rules.next_on_call(rota=long_away, at=at) == "ben"
    later = rota(version(since=utc("2026-02-02 09:00")))
    assert rules.who(rota=later, at=at) is None
    assert rules.next_on_call(rota=later, at=at) == "ben"


def test_which_rota_answers():
    always = rota(slug="a")
    nights = rota(slug="n", covers="out-of-hours")
    days = rota(slug="d", covers="working-hours")
    shared = rota(slug="s", covers="out-of-hours", team=None, domain="fulfilment")
    other = rota(slug="o", team="stock")
    rotas = [other, shared, days, nights, always]

    def answer(**asked):
        found = rules.answering(rotas=rotas, at=utc("2026-01-06 12:00"), **asked)
        return found.slug if found else None

    assert answer(team="checkout", working=True) == "d"
    assert answer(team="checkout", working=False) == "n"
    assert answer(team="stock", working=False) == "o"
    assert answer(team="nobody", domain="fulfilment", working=False) == "s"
    assert answer(team="checkout", domain="fulfilment", working=False) == "n"
    assert answer(domain="fulfilment", working=True) is None
    assert answer(working=True) is None


@st.composite
def overrides(draw):
    made = []
    for number in range(draw(st.integers(0, 6))):
        start, length = draw(st.integers(0, 600)), draw(st.integers(1, 400))
        begins = utc("2026-01-05 00:00").timestamp() + start * 3600
        period = Period(
            *(
                utc("1970-01-01 00:00").fromtimestamp(t, utc("1970-01-01 00:00").tzinfo)
                for t in (begins, begins + length * 3600)
            )
        )
        replaces = draw(st.sampled_from([None, "ann", "ben", "dan"]))
        person = draw(st.sampled_from(["ann", "dan", "eve"]))
        created = utc(f"2026-01-01 00:{draw(st.integers(0, 59)):02}")
        made.append(Override(number, period, person, replaces, "swap", created))
    return made
