"""Editing a rota: the running turn is finished by whoever serves it, and the order goes on."""

import itertools
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from andon.core.periods import Period
from andon.oncall import rules
from andon.oncall.types import Departure
from tests.rules.oncall.builders import edit, rota
from tests.rules.oncall.test_editing import (
    DAY,
    FRIDAY,
    TICK,
    coming,
    edits,
    on_call,
    rhythms,
    walls,
    zones,
)


@settings(max_examples=300, deadline=None)
@given(case=edits())
def test_whoever_is_on_call_stays_and_the_past_is_unchanged(case):
    found, at, people = case
    assume(found.versions[-1].period.starts_at < at)
    after = edit(found, at, people=" ".join(people))
    running = rules.who(rota=found, at=at)
    if running.period.starts_at < at or running.person in people:
        assert rules.who(rota=after, at=at) == running
    past = Period(at - 60 * DAY, at - TICK)
    clipped = [
        [
            (one.person, one.instead_of, one.period.clip(past))
            for one in rules.shifts(rota=each, period=past)
        ]
        for each in (found, after)
    ]
    assert clipped[0] == clipped[1]


@settings(max_examples=300, deadline=None)
@given(case=edits())
def test_no_gap_no_empty_turn_and_nobody_twice_in_a_row(case):
    found, at, people = case
    after = edit(found, at, people=" ".join(people))
    length = rules.who(rota=found, at=at).period.length
    shifts = rules.shifts(rota=after, period=Period(at, at + 15 * length))
    for earlier, later in pairwise(shifts):
        assert earlier.period.ends_at == later.period.starts_at
        assert later.period.length > timedelta(0)
        assert earlier.person != later.person or len(people) == 1
    assert {one.person for one in shifts[1:]} <= set(people)
    assert {one.person for one in shifts[1 : len(people) + 1]} == set(people)


@settings(max_examples=300, deadline=None)
@given(case=edits(), newcomers=st.integers(1, 3))
def test_people_appended_come_after_everybodys_coming_turn(case, newcomers):
    found, at, _ = case
    assume(found.versions[-1].period.starts_at < at)
    people = found.versions[-1].rotation.participants
    new = [f"new{n}" for n in range(newcomers)]
    after = edit(found, at, people=" ".join([*people, *new]))
    if len(people) > 1:
        expected = coming(found, at, len(people) + 1)
    else:
        # Nobody serves twice in a row as soon as there are two.
        expected = coming(found, at, 1 + (on_call(found, at) not in people))
    assert coming(after, at, len(expected) + len(new)) == [*expected, *new]


@settings(max_examples=300, deadline=None)
@given(case=edits(), data=st.data())
def test_a_leaver_leaves_the_order_and_every_hand_over_of_the_others(case, data):
    found, at, _ = case
    assume(found.versions[-1].period.starts_at < at)
    people = found.versions[-1].rotation.participants
    leaver = data.draw(st.sampled_from(people))
    rest = [one for one in people if one != leaver]
    if not rest:
        return
    after = edit(found, at, people=" ".join(rest))
    before = coming(found, at, 3 * len(people))
    started = rules.who(rota=found, at=at).period.starts_at < at
    first = before[:1] if started or before[0] != leaver else []
    expected = first + [one for one in before[1 - (not first) :] if one != leaver]
    # Nobody serves twice in a row: where the leaver stood between two turns of one person, who had
    # just served comes last, and the order is another.
    is_twice = any(one == after_it for one, after_it in itertools.pairwise(expected))
    if len(rest) > 1 and not is_twice:
        got = coming(after, at, len(expected))
        assert got == expected
    edges = [
        {one.period.starts_at for one in rules.shifts(rota=each, period=Period(at, at + 99 * DAY))}
        for each in (found, after)
    ]
    assert edges[0] == edges[1]


@settings(max_examples=200, deadline=None)
@given(case=edits(), data=st.data())
def test_a_leaver_of_the_organisation_is_never_on_call_again(case, data):
    found, at, _ = case
    assume(found.versions[-1].period.starts_at < at)
    people = found.versions[-1].rotation.participants
    running = rules.who(rota=found, at=at)
    leaver = data.draw(st.sampled_from([*people, running.person]))
    rest = [one for one in people if one != leaver]
    if not rest:
        return
    after = edit(found, at, people=" ".join(rest), left=[leaver])
    ahead = rules.shifts(rota=after, period=Period(at, at + 200 * DAY))
    assert leaver not in {one.person for one in ahead if one.period.starts_at >= at}
    assert rules.who(rota=after, at=at).person == (
        running.person if running.person != leaver else rules.who(rota=after, at=at).person
    )
    assert rules.who(rota=after, at=at).period.ends_at == running.period.ends_at
    if running.period.starts_at < at:
        assert rules.who(rota=after, at=at - TICK).person == running.person


@settings(max_examples=200, deadline=None)
@given(case=edits(), rhythm=rhythms, wall=walls, zone=zones)
@example(case=(rota(), FRIDAY, ["a"]), rhythm=("hour", 5), wall="09:00", zone="Europe/London")
def test_another_rhythm_never_changes_the_running_turn_or_the_order(case, rhythm, wall, zone):
    found, at, _ = case
    assume(found.versions[-1].period.starts_at < at)
    after = edit(found, at, unit=rhythm[0], every=rhythm[1], handover=wall, zone=zone)
    assert rules.who(rota=after, at=at) == rules.who(rota=found, at=at)
    assert coming(after, at, 8) == coming(found, at, 8)
    step = timedelta(**{f"{rhythm[0]}s": rhythm[1]})
    first = rules.who(rota=after, at=rules.who(rota=after, at=at).period.ends_at).period.length
    assert step / 2 - 25 * timedelta(hours=1) <= first <= step * 3 / 2 + 25 * timedelta(hours=1)


@settings(max_examples=150, deadline=None)
@given(case=edits())
def test_r18_who_is_the_shift_that_holds_the_instant_over_edits(case):
    found, at, people = case
    after = edit(found, at, people=" ".join(people))
    around = rules.shifts(rota=after, period=Period(at - 3 * DAY, at + 3 * DAY))
    for one in around:
        for instant in (one.period.starts_at, one.period.ends_at - TICK):
            assert rules.who(rota=after, at=instant) == one


def served(found, period):
    """Who served which part of a period, however many shifts it took."""
    parts = []
    for one in rules.shifts(rota=found, period=period):
        part = one.period.clip(period)
        if parts and parts[-1][0] == one.person and parts[-1][1].ends_at == part.starts_at:
            part = Period(parts.pop()[1].starts_at, part.ends_at)
        parts.append((one.person, part))
    return parts


@settings(max_examples=300, deadline=None)
@given(case=edits(), data=st.data())
def test_people_who_left_before_or_leave_with_an_edit_keep_their_past_and_get_no_turn(case, data):
    found, at, people = case
    assume(found.versions[-1].period.starts_at < at)
    names = sorted({one for each in found.versions for one in each.rotation.participants})
    ago = st.one_of(st.none(), st.timedeltas(timedelta(0), 20 * DAY))
    gone = data.draw(st.dictionaries(st.sampled_from(names), ago, max_size=3))
    departures = (Departure(who, None if when is None else at - when) for who, when in gone.items())
    found = replace(found, departures=tuple(departures))
    left = data.draw(st.sets(st.sampled_from(names), max_size=2)) - {*people}
    after = edit(found, at, people=" ".join(people), left=left)
    past = Period(at - 40 * DAY, at - TICK)
    assert served(found, past) == served(after, past)
    running = rules.who(rota=found, at=at)
    stays = running is not None and running.person not in left
    whose = running and (running.instead_of or running.person)
    if stays and (running.period.starts_at < at or whose in people):
        assert on_call(after, at) == running.person
    ahead = rules.shifts(rota=after, period=Period(at, at + 60 * DAY))
    assert not left & {one.person for one in ahead if one.period.ends_at > at}
