"""On call now answers hours too: who is, or nobody until when and then who."""

from datetime import timedelta

from andon.catalogue.types import WorkingHours
from andon.oncall import rules
from andon.oncall.types import Attendance
from tests.rules.oncall.builders import (
    answering,
    gone,
    override,
    rota,
    span,
    told,
    utc,
    version,
)

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LONDON = WorkingHours(holidays="")
#: A Friday evening; the rota's turn is ann's since Monday, and ben's from Monday 09:00.
FRIDAY = utc("2026-01-09 22:03")
MONDAY = utc("2026-01-12 09:00")


def founders_day(day):
    return "Founders' Day" if (day.month, day.day) == (1, 12) else ""


def days(**more):
    return rota(covers="working-hours", hours=LONDON, **more)


class TestNow:
    def test_a_rota_for_working_hours_names_nobody_on_friday_night_but_monday_and_who_then(self):
        found = rules.on_call_at(rota=days(), at=FRIDAY)
        assert (found.shift, found.answers, found.is_gap) == (None, False, False)
        assert (found.following.person, found.following.period.starts_at) == ("ben", MONDAY)
        assert found.reason == (
            "Fri 9 Jan 2026 22:03 Europe/London is after working hours end at 17:00"
        )

    def test_in_its_hours_it_names_who_until_the_end_of_the_day_and_who_follows_when(self):
        found = rules.on_call_at(rota=days(), at=utc("2026-01-07 10:00"))
        assert told([found.shift]) == ["ann 2026-01-07 09:00..2026-01-07 17:00"]
        assert told([found.following]) == ["ben 2026-01-12 09:00..2026-01-12 17:00"]

    def test_a_bank_holiday_moves_the_next_start(self):
        (found,) = answering(
            rota(covers="working-hours"), hours=LONDON, holidays=founders_day
        ).values()
        now = rules.on_call_at(rota=found, at=FRIDAY)
        assert now.following.period.starts_at == MONDAY + DAY

    def test_a_rota_for_out_of_hours_names_nobody_at_noon(self):
        found = rota(covers="out-of-hours", hours=LONDON)
        noon = rules.on_call_at(rota=found, at=utc("2026-01-09 12:00"))
        assert noon.shift is None
        assert told([noon.following]) == ["ann 2026-01-09 17:00..2026-01-12 09:00"]
        night = rules.on_call_at(rota=found, at=FRIDAY)
        assert told([night.shift]) == ["ann 2026-01-09 17:00..2026-01-12 09:00"]
        assert told([night.following]) == ["ben 2026-01-12 17:00..2026-01-13 09:00"]

    def test_nobody_left_in_its_hours_is_a_gap_and_outside_of_them_is_none(self):
        left = days(gone=[gone(person) for person in ("ann", "ben", "cat")])
        assert rules.on_call_at(rota=left, at=MONDAY).is_gap
        assert not rules.on_call_at(rota=left, at=FRIDAY).is_gap
        assert rules.on_call_at(rota=left, at=FRIDAY).following is None

    def test_a_rota_that_always_answers_has_no_hours(self):
        found = rules.on_call_at(rota=rota(hours=LONDON), at=FRIDAY)
        assert told([found.shift]) == ["ann 2026-01-05 09:00..2026-01-12 09:00"]

    def test_an_override_of_ones_own_makes_it_one_time_on_call(self):
        """Ann's turn ends on Monday at 09:00; she takes one more day of Ben's."""
        more = rota(overrides=[override("ann", "2026-01-12 09:00", "2026-01-13 09:00")])
        found = rules.on_call_at(rota=more, at=FRIDAY)
        assert found.until == found.following.period.starts_at == utc("2026-01-13 09:00")
        assert rules.on_call_at(rota=rota(hours=LONDON), at=FRIDAY).until == MONDAY
        alone = rules.on_call_at(rota=rota(version(people="ann")), at=FRIDAY)
        assert (alone.until, alone.following) == (MONDAY, None)
        noon = rules.on_call_at(rota=days(), at=utc("2026-01-07 12:00"))
        assert noon.until == utc("2026-01-07 17:00"), "a night in between ends it"

    def test_the_next_shift_is_found_however_far_ahead(self):
        closed = WorkingHours(days=frozenset({0}), holidays="")
        later = rota(version(since=utc("2026-06-01 00:00")), covers="working-hours", hours=closed)
        found = rules.on_call_at(rota=later, at=FRIDAY)
        assert found.following.period.starts_at == utc("2026-06-01 08:00")


class TestWho:
    """Which rota is asked when several belong to one team, and for a domain."""

    def test_a_domains_rota_is_asked_out_of_hours_only_whatever_it_declares(self):
        shared = rota(team=None, domain="stores", hours=LONDON)
        assert rules.on_call_at(rota=shared, at=MONDAY + HOUR).shift is None
        assert rules.on_call_at(rota=shared, at=FRIDAY).shift is not None
        never = rota(team=None, domain="stores", covers="working-hours", hours=LONDON)
        assert rules.shifts(rota=never, period=span("2026-01-01 00:00", "2026-02-01 00:00")) == []
        assert rules.say_answers(never.answers, at=FRIDAY).startswith("never: in working hours")

    def test_a_domains_rota_is_asked_while_any_owner_in_it_is_not_at_work(self):
        tokyo = WorkingHours(timezone="Asia/Tokyo", holidays="")
        found = rules.placed(
            rotas={"s": rota(slug="s", team=None, domain="stores")},
            at_work={"s": [Attendance(one, rules.no_holidays) for one in (LONDON, tokyo)]},
            catch_all="",
        )["s"]
        assert rules.who(rota=found, at=MONDAY + HOUR) is not None
        assert "Europe/London and of Mon-Fri 09:00-17:00 Asia/Tokyo" in rules.say_answers(
            found.answers, at=FRIDAY
        )

    def test_the_catch_all_rota_is_asked_at_all_hours(self):
        found = answering(rota(covers="working-hours"), hours=LONDON, catch_all="checkout")
        assert rules.who(rota=found["checkout"], at=FRIDAY).person == "ann"

    def test_a_rota_made_for_the_hour_goes_before_one_that_always_answers(self):
        found = answering(
            rota(slug="a"), rota(slug="n", covers="out-of-hours", gone=()), hours=LONDON
        )
        night = rules.on_call_at(rota=found["a"], at=FRIDAY)
        assert night.shift is None
        assert night.reason.endswith("and rota n is asked before it")
        assert night.following.period.starts_at == MONDAY
        assert rules.who(rota=found["n"], at=FRIDAY).person == "ann"
        assert rules.say_answers(found["a"].answers, at=FRIDAY) == (
            "at all hours; out of hours rota n is asked before it"
        )

    def test_a_rota_that_is_not_in_force_any_more_answers_nobody(self):
        """A retired rota is remembered for weeks, and must not keep pages from the one in force."""
        old = rota(version(until=utc("2026-01-08 12:00")), slug="a")
        new = rota(version(since=utc("2026-01-08 12:00")), slug="b")
        found = answering(old, new, hours=LONDON)

        def asked(at):
            return rules.answering(rotas=found.values(), working=True, at=at, team="checkout").slug

        assert (asked(utc("2026-01-08 11:00")), asked(utc("2026-01-08 13:00"))) == ("a", "b")
        assert rules.who(rota=found["b"], at=FRIDAY) is not None


class TestShifts:
    def test_the_shifts_of_a_week_are_five_days_and_an_override_takes_only_those(self):
        week = span("2026-01-05 09:00", "2026-01-12 09:00")
        assert told(rules.shifts(rota=days(), period=week)) == [
            f"ann 2026-01-0{day} 09:00..2026-01-0{day} 17:00" for day in range(5, 10)
        ]
        taken = days(overrides=[override("dan", "2026-01-08 12:00", "2026-01-11 12:00")])
        assert told(rules.shifts(rota=taken, period=week))[3:] == [
            "ann 2026-01-08 09:00..2026-01-08 12:00",
            "dan 2026-01-08 12:00..2026-01-08 17:00",
            "dan 2026-01-09 09:00..2026-01-09 17:00",
        ]

    def test_an_override_in_hours_in_which_the_rota_is_not_asked_is_reported(self):
        weekend = days(overrides=[override("dan", "2026-01-10 09:00", "2026-01-11 09:00")])
        (idle,) = rules.idle_overrides(rota=weekend, at=utc("2026-01-07 10:00"))
        assert idle.reason == "the rota is not asked in that time"

    def test_turns_go_on_in_hours_in_which_it_is_not_asked(self):
        assert rules.turn_at(rota=days(), at=FRIDAY).person == "ann"
        assert rules.next_on_call(rota=days(), at=FRIDAY) == "ben"
