"""Editing a rota: the running turn is finished by whoever serves it, and the order goes on."""

from datetime import timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import strategies as st

from andon.core.periods import Period
from andon.oncall import rules
from tests.rules.oncall.builders import edit, override, rota, span, told, utc, version

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
#: Friday night in the third week; `cat` has it until Monday.
FRIDAY = utc("2026-01-23 22:15")
MONDAY = utc("2026-01-26 09:00")


def told_of(found, start, end):
    return told(rules.shifts(rota=found, period=span(start, end)))


def on_call(found, at):
    shift = rules.who(rota=found, at=at)
    return shift.person if shift else None


def coming(found, at, count):
    """Who has the turn that runs, and those after it."""
    people = []
    for _ in range(count):
        shift = rules.who(rota=found, at=at)
        people.append(shift.person)
        at = shift.period.ends_at
    return people


class TestPeople:
    @pytest.mark.parametrize(
        ("people", "expected"),
        [
            ("ann ben cat dan", "cat ann ben cat dan ann"),
            ("ann ben cat dan eve", "cat ann ben cat dan eve ann"),
            ("ann cat", "cat ann cat ann"),
            ("ben cat", "cat ben cat ben"),
            ("ann ben", "cat ann ben ann"),
            ("ann", "cat ann ann"),
            ("ann dan ben cat", "cat ann dan ben cat"),
            ("dan ann ben cat", "cat dan ann ben cat"),
            ("ann ben dan cat", "cat ann ben dan cat ann"),
            ("ben ann cat", "cat ben ann cat"),
            ("cat ben ann", "cat ben ann cat"),
            ("dan eve fay", "cat dan eve fay dan"),
            ("dan ben cat", "cat dan ben cat"),
            ("ann ben dan", "cat ann ben dan ann"),
            ("ann dan cat eve", "cat ann dan cat eve ann"),
            ("ann ann ben cat", "cat ann ann ben cat"),
            ("cat dan", "cat dan cat dan"),
        ],
    )
    def test_the_running_turn_is_finished_and_the_order_goes_on(self, people, expected):
        found = edit(rota(), FRIDAY, people=people)
        assert coming(found, FRIDAY, len(expected.split())) == expected.split()
        assert rules.who(rota=found, at=FRIDAY).period == span(
            "2026-01-19 09:00", "2026-01-26 09:00"
        )

    @pytest.mark.parametrize("size", [6, 7, 8])
    @pytest.mark.parametrize("week", range(8))
    def test_two_people_appended_go_last_whoever_is_on_call(self, size, week):
        people = [f"p{n}" for n in range(size)]
        before = rota(version(people=" ".join(people)))
        at = FRIDAY + week * 7 * DAY
        after = edit(before, at, people=" ".join([*people, "x", "y"]))
        expected = coming(before, at, size + 1)
        assert coming(after, at, size + 4) == [*expected, "x", "y", expected[1]]

    def test_a_leavers_turn_goes_to_the_next_and_nobody_else_changes_places(self):
        before = rota(version(people="ann ben cat dan eve"))
        after = edit(before, FRIDAY, people="ann ben cat eve")
        assert coming(before, FRIDAY, 6) == ["cat", "dan", "eve", "ann", "ben", "cat"]
        assert coming(after, FRIDAY, 6) == ["cat", "eve", "ann", "ben", "cat", "eve"]

    def test_somebody_struck_off_the_list_finishes_the_turn_they_have(self):
        after = edit(rota(), FRIDAY, people="ann ben")
        assert [on_call(after, at) for at in (FRIDAY, MONDAY - TICK, MONDAY)] == [
            "cat",
            "cat",
            "ann",
        ]

    def test_who_left_the_organisation_is_relieved_at_once_and_nobody_else_moves(self):
        """On Friday night less than half a turn is left: it is added to the next turn."""
        after = edit(rota(version(people="ann ben cat dan")), FRIDAY, people="ann ben dan",
                     left=["cat"])  # fmt: skip
        found = rules.shifts(rota=after, period=span("2026-01-19 09:00", "2026-02-09 09:00"))
        assert told(found) == [
            "cat 2026-01-19 09:00..2026-01-23 22:15",
            "dan 2026-01-23 22:15..2026-01-26 09:00",
            "dan 2026-01-26 09:00..2026-02-02 09:00",
            "ann 2026-02-02 09:00..2026-02-09 09:00",
        ]
        assert found[1].instead_of == "cat"

    def test_half_a_turn_taken_over_counts_as_one(self):
        tuesday = utc("2026-01-20 12:00")
        after = edit(rota(version(people="ann ben cat dan")), tuesday, people="ann ben dan",
                     left=["cat"])  # fmt: skip
        assert coming(after, utc("2026-01-19 09:00"), 6) == [
            "cat",
            "dan",
            "ann",
            "ben",
            "dan",
            "ann",
        ]

    def test_nobody_left_but_newcomers_and_the_one_on_call(self):
        after = edit(rota(), FRIDAY, people="cat dan", left=["ann", "ben"])
        assert coming(after, FRIDAY, 4) == ["cat", "dan", "cat", "dan"]
        alone = edit(rota(), FRIDAY, people="cat")
        assert coming(alone, FRIDAY, 3) == ["cat", "cat", "cat"]

    def test_everybody_is_replaced_after_the_turn_that_runs(self):
        after = edit(rota(), FRIDAY, people="dan eve")
        assert coming(after, FRIDAY, 4) == ["cat", "dan", "eve", "dan"]
        gone = edit(rota(), FRIDAY, people="dan eve", left=["ann", "ben", "cat"])
        assert coming(gone, FRIDAY, 4) == ["dan", "dan", "eve", "dan"]


class TestInstants:
    def test_at_the_instant_of_a_hand_over_the_turn_that_begins_is_served(self):
        after = edit(rota(), MONDAY, people="ann ben cat dan")
        assert [on_call(after, at) for at in (MONDAY - TICK, MONDAY)] == ["cat", "ann"]
        assert coming(after, MONDAY, 6) == ["ann", "ben", "cat", "ann", "dan", "ben"]

    def test_whose_turn_would_begin_with_the_edit_that_strikes_them_off_does_not_begin(self):
        after = edit(rota(), MONDAY, people="ben cat dan")
        assert coming(after, MONDAY - TICK, 5) == ["cat", "ben", "cat", "dan", "ben"]
        # `ann` had it until now, and is not asked again while somebody else is there.
        two = edit(rota(version(people="ann cat dan")), utc("2026-02-02 09:00"), people="ann eve")
        assert coming(two, utc("2026-01-26 09:00"), 4) == ["ann", "eve", "ann", "eve"]

    def test_two_edits_in_one_turn_add_up(self):
        once = edit(rota(), FRIDAY, people="ann ben cat dan")
        twice = edit(once, FRIDAY + DAY, people="ann ben cat dan eve")
        assert coming(twice, FRIDAY, 7) == ["cat", "ann", "ben", "cat", "dan", "eve", "ann"]
        back = edit(once, FRIDAY + DAY, people="ann ben cat")
        assert coming(back, FRIDAY, 5) == coming(rota(), FRIDAY, 5)
        assert rules.who(rota=twice, at=FRIDAY).period == span(
            "2026-01-19 09:00", "2026-01-26 09:00"
        )

    def test_two_edits_at_one_instant_are_the_last_one(self):
        once = edit(rota(), FRIDAY, people="dan eve")
        twice = edit(once, FRIDAY, people="ann ben cat dan")
        assert coming(twice, FRIDAY, 6) == ["cat", "ann", "ben", "cat", "dan", "ann"]

    def test_an_edit_before_the_declared_start_changes_nobodys_coming_turn(self):
        early = rota(version(starts_on="2026-03-02"))
        expected = coming(early, FRIDAY, 4)
        after = edit(early, FRIDAY, people="ann ben cat dan")
        assert coming(after, FRIDAY, 5) == [*expected, "dan"]

    def test_a_start_moved_to_a_day_to_come_begins_the_list_there(self):
        after = edit(rota(), FRIDAY, people="dan cat ann ben", starts_on="2026-02-09")
        assert coming(after, FRIDAY, 5) == ["cat", "ann", "ben", "dan", "cat"]


class TestHandovers:
    def test_another_hand_over_time_moves_no_turn_and_makes_no_turn_of_an_hour(self):
        after = edit(rota(), FRIDAY, handover="10:00")
        assert told(rules.shifts(rota=after, period=Period(FRIDAY, MONDAY + 8 * DAY)))[:3] == [
            "cat 2026-01-19 09:00..2026-01-26 09:00",
            "ann 2026-01-26 09:00..2026-02-02 10:00",
            "ben 2026-02-02 10:00..2026-02-09 10:00",
        ]

    def test_another_day_another_length_another_zone(self):
        thursdays = edit(rota(), FRIDAY, starts_on="2026-01-08")
        assert told_of(thursdays, "2026-01-24 00:00", "2026-02-06 00:00") == [
            "cat 2026-01-19 09:00..2026-01-26 09:00",
            "ann 2026-01-26 09:00..2026-02-05 09:00",
            "ben 2026-02-05 09:00..2026-02-12 09:00",
        ]  # fmt: skip
        daily = edit(rota(), FRIDAY, unit="day")
        assert coming(daily, FRIDAY, 4) == ["cat", "ann", "ben", "cat"]
        assert on_call(daily, MONDAY + DAY) == "ben"
        abroad = edit(rota(), FRIDAY, zone="America/New_York")
        assert told(rules.shifts(rota=abroad, period=Period(MONDAY, MONDAY + DAY))) == [
            "ann 2026-01-26 09:00..2026-02-02 14:00"
        ]


class TestOverrides:
    def test_an_override_of_the_running_turn_stays_over_an_edit(self):
        taken = override("eve", "2026-01-22 00:00", "2026-01-24 12:00", replaces="cat")
        after = edit(rota(overrides=[taken]), FRIDAY, people="ann ben cat dan")
        assert told_of(after, "2026-01-20 00:00", "2026-01-26 09:00") == [
            "cat 2026-01-19 09:00..2026-01-22 00:00",
            "eve 2026-01-22 00:00..2026-01-24 12:00",
            "cat 2026-01-24 12:00..2026-01-26 09:00",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("people", "left", "said"),
        [
            ("ann ben cat dan", (), ""),
            ("ann cat", (), "ben is not on call in that time"),
            ("ben ann cat", (), "ben is not on call in that time"),
            ("ann ben cat", ("eve",), "eve has left"),
        ],
    )
    def test_an_override_that_no_longer_meets_its_shift_is_named(self, people, left, said):
        before = rota(
            overrides=[override("eve", "2026-02-03 09:00", "2026-02-04 09:00", replaces="ben")]
        )
        assert rules.idle_overrides(rota=before, at=FRIDAY) == []
        change = rules.compare(
            before=before, after=edit(before, FRIDAY, people=people, left=left), at=FRIDAY
        )
        assert [(one.reason, one.until_now) for one in change.idle] == (
            [(said, True)] if said else []
        )


class TestCompared:
    def test_on_call_now_and_the_coming_turns_side_by_side(self):
        before = rota()
        after = edit(before, FRIDAY, people="ann cat dan")
        change = rules.compare(before=before, after=after, at=FRIDAY)
        assert (change.before.person, change.after.person, change.replaces) == ("cat", "cat", False)
        assert [(one.before, one.after) for one in change.turns] == [
            ("ann", "ann"),
            ("ben", "cat"),
            ("cat", "dan"),
            ("ann", "ann"),
            ("ben", "cat"),
            ("cat", "dan"),
        ]
        assert (change.first.starts_at, change.first.after) == (utc("2026-02-02 09:00"), "cat")

    def test_a_difference_beyond_the_turns_shown_is_found(self):
        people = "p0 p1 p2 p3 p4 p5 p6 p7"
        before = rota(version(people=people))
        change = rules.compare(
            before=before, after=edit(before, FRIDAY, people=f"{people} x"), at=FRIDAY
        )
        assert all(one.before == one.after for one in change.turns)
        assert (change.first.before, change.first.after) == ("p3", "x")

    def test_a_retired_rota_replaces_whoever_is_on_call_by_nobody(self):
        before = rota()
        change = rules.compare(before=before, after=rules.closed(rota=before, at=FRIDAY), at=FRIDAY)
        assert (change.before.person, change.after, change.replaces) == ("cat", None, True)

    def test_a_new_rota_replaces_nobody(self):
        change = rules.compare(before=None, after=rota(version(since=FRIDAY)), at=FRIDAY)
        assert (change.before, change.after.person, change.replaces) == (None, "cat", False)


zones = st.sampled_from(sorted(available_timezones() - {"Factory", "localtime"}))
rhythms = st.one_of(
    st.tuples(st.just("hour"), st.sampled_from([5, 6, 12, 24, 36])),
    st.tuples(st.just("day"), st.integers(1, 5)),
    st.tuples(st.just("week"), st.integers(1, 3)),
)
walls = st.times().map(lambda t: f"{t:%H:%M}")
moments = st.datetimes(
    min_value=utc("2024-01-01 00:00").replace(tzinfo=None),
    max_value=utc("2029-01-01 00:00").replace(tzinfo=None),
).map(lambda t: utc(str(t)))
lists = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=6, unique=True)


@st.composite
def rotas(draw):
    unit, every = draw(rhythms)
    return rota(
        version(
            draw(zones),
            unit=unit,
            every=every,
            handover=draw(walls),
            starts_on=draw(st.sampled_from(["2023-11-27", "2026-01-05", "2028-02-29"])),
            people=" ".join(draw(lists)),
        )
    )


@st.composite
def edits(draw):
    """A rota with up to three edits of its people, an instant after them, and a further list.

    An edit at the very instant of the one before it takes that one's place.
    """
    found, at = draw(rotas()), draw(moments)
    for _ in range(draw(st.integers(0, 3))):
        found = edit(found, at, people=" ".join(draw(lists)))
        at += draw(st.timedeltas(min_value=timedelta(0), max_value=30 * DAY))
    if draw(st.booleans()):
        # The instant of a hand-over.
        at = rules.who(rota=found, at=at).period.ends_at
    return found, at, draw(lists)
