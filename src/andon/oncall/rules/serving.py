"""Turns as far as their rota is asked in them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from andon.core.periods import Period
from andon.oncall.rules.choosing import answered
from andon.oncall.rules.schedule import turns, who
from andon.oncall.types import Rota, Served


def served(*, rota: Rota, period: Period, names: Mapping[str, str]) -> list[Served]:
    """Return the turns of a rota in a period in which it is asked, in order."""
    found = []
    for turn in turns(rota=rota, period=period):
        parts = answered(answers=rota.answers, period=turn.period)
        if not parts:
            continue
        whole = Period(parts[0].starts_at, parts[-1].ends_at)
        within = "in working hours" if rota.answers.in_hours else "out of hours"
        found.append(
            Served(
                rota=rota,
                shift=replace(turn, period=whole),
                name=names.get(turn.person, turn.person),
                within=within if len(parts) > 1 else "",
            )
        )
    return [one for one in found if one.shift.period.overlaps(period)]


def is_on_call(*, served: Served, now: datetime) -> bool:
    """Return whether somebody is on call at an instant in which a turn of theirs runs."""
    found = who(rota=served.rota, at=now)
    return found is not None and found.person == served.shift.person and now in served.shift.period
