"""What an edit does to a rota, in words and in plain values: told once, for plan, API and pages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from andon.core import wire
from andon.oncall.rules.editing import idle_overrides
from andon.oncall.rules.working_hours import say_day, say_hours
from andon.oncall.types import Answers, ComingTurn, IdleOverride, Rota, RotaChange, Shift

#: People's names by slug; an unknown slug stands for itself.
Names = Mapping[str, str]


def say_change(change: RotaChange, names: Names) -> str:
    """Return a sentence: who is on call now before and after, and from when it differs."""
    parts = [f"{change.slug}: on call now: {_say_now(change, names)}"]
    if change.answers[0] != change.answers[1]:
        parts.append("it answers now" if change.answers[1] else "it does not answer now any more")
    if change.owners[0] != change.owners[1]:
        parts.append(f"it answers for {change.owners[1]} and no longer for {change.owners[0]}")
    if change.first is not None:
        parts.append(f"from {_say_turn(change, change.first, names)}")
    elif not change.is_new:
        parts.append("the coming turns stay as they are")
    return f"{'; '.join(parts)} ({change.timezone})"


def say_idle(one: IdleOverride, timezone: str, names: Names) -> str:
    """Return a sentence about an override that misses its shift, and what to do."""
    made = one.override
    whom = f" for {_name(made.replaces, names)}" if made.replaces else ""
    start, end = (_say(at, timezone) for at in (made.period.starts_at, made.period.ends_at))
    return (
        f"The override of {_name(made.person, names)}{whom} from {start} to {end} {timezone} "
        f"takes {_why(one, names)}. Cancel it, or make one that meets the shift."
    )


def why_idle(*, rota: Rota, at: datetime, names: Names) -> dict[int, str]:
    """Return why overrides that run or come take nobody's shift, in a sentence each, by id."""
    zone = rota.versions[-1].timezone if rota.versions else "UTC"
    found = idle_overrides(rota=rota, at=at)
    return {one.override.id: say_idle(one, zone, names) for one in found}


def _why(one: IdleOverride, names: Names) -> str:
    if one.takes:
        took, takes = (
            " and ".join(_name(p, names) for p in side) for side in (one.took, one.takes)
        )
        return f"the turn of {takes} now; it was made over that of {took}"
    reason = one.reason
    for slug in (one.override.person, one.override.replaces):
        if slug and reason.startswith(f"{slug} "):
            reason = _name(slug, names) + reason.removeprefix(slug)
    return f"nobody's shift: {reason}"


def say_answers(answers: Answers, *, at: datetime) -> str:
    """Return when a rota is asked, in words; `at` decides which other rota goes before it."""
    tables = " and of ".join(say_hours(one.hours) for one in answers.at_work)
    if answers.in_hours and answers.out_of_hours:
        said = "at all hours"
    elif answers.in_hours:
        said = f"in working hours ({tables})"
    elif answers.out_of_hours:
        said = f"out of hours (outside {tables})"
    else:
        return "never: in working hours the teams of a domain are asked, not its rota"
    for when, peers in (
        ("in working hours", answers.first_in_hours),
        ("out of hours", answers.first_out_of_hours),
    ):
        first = next((one.slug for one in peers if one.is_in_force(at)), "")
        said += f"; {when} rota {first} is asked before it" if first else ""
    return said


def change_document(change: RotaChange, names: Names) -> dict[str, Any]:
    """Return a change in plain values, for the plan as JSON and the revision that is kept."""
    return {
        "rota": change.slug,
        "title": change.title,
        "timezone": change.timezone,
        "at": wire.instant(change.at),
        "words": say_change(change, names),
        "on_call_now": {
            "before": _asked_person(change.before, names, asked=change.answers[0]),
            "after": _asked_person(change.after, names, asked=change.answers[1]),
            "until": wire.instant(change.after.period.ends_at) if change.after else None,
            "answers_before": change.answers[0],
            "answers_after": change.answers[1],
        },
        "replaces": change.replaces,
        "matters": change.matters,
        "first_change": _turn(change.first, change, names) if change.first else None,
        "turns": [_turn(one, change, names) for one in change.turns],
        "idle_overrides": [_idle(one, change.timezone, names) for one in change.idle],
    }


def _asked_person(turn: Shift | None, names: Names, *, asked: bool) -> dict[str, str] | None:
    return _person(turn.person if turn and asked else None, names)


def _say_now(change: RotaChange, names: Names) -> str:
    turn = _say_whose(change, names)
    if change.after is None or change.answers[1]:
        return turn
    return f"nobody, it is not asked at this hour; whose turn it is: {turn}"


def _say_whose(change: RotaChange, names: Names) -> str:
    before, after = change.before, change.after
    was = _name(before.person if before else None, names)
    if after is None:
        return "nobody" if before is None else f"nobody (was {was})"
    until = f"until {_say(after.period.ends_at, change.timezone)}"
    if before is not None and before.person == after.person:
        moved = before.period.ends_at != after.period.ends_at
        note = f", was until {_say(before.period.ends_at, change.timezone)}" if moved else ""
        return f"no change ({was} {until}{note})"
    note = "" if change.is_new else f" (was {was})"
    return f"{_name(after.person, names)} {until}{note}"


def _say_turn(change: RotaChange, turn: ComingTurn, names: Names) -> str:
    when = _say(turn.starts_at, change.timezone)
    return f"{when} {_name(turn.after, names)} (was {_name(turn.before, names)})"


def _turn(turn: ComingTurn, change: RotaChange, names: Names) -> dict[str, Any]:
    return {
        "starts_at": wire.instant(turn.starts_at),
        "local": _say(turn.starts_at, change.timezone),
        "before": _person(turn.before, names),
        "after": _person(turn.after, names),
    }


def _idle(one: IdleOverride, timezone: str, names: Names) -> dict[str, Any]:
    return {
        "override": one.override.id,
        "person": _person(one.override.person, names),
        "replaces": _person(one.override.replaces, names),
        **wire.period(one.override.period),
        "took_a_shift_until_now": one.until_now,
        "words": say_idle(one, timezone, names),
    }


def _person(slug: str | None, names: Names) -> dict[str, str] | None:
    return None if slug is None else {"slug": slug, "name": _name(slug, names)}


def _name(slug: str | None, names: Names) -> str:
    return "nobody" if slug is None else names.get(slug, slug)


def _say(at: datetime, timezone: str) -> str:
    local = at.astimezone(ZoneInfo(timezone))
    return f"{say_day(local.date())} {local:%H:%M}"
