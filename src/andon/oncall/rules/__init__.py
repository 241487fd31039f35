"""Decisions about rotas and working hours: pure functions of values and instants."""

from andon.oncall.rules.choosing import answered, answering, asked, at_work, placed
from andon.oncall.rules.editing import closed, compare, departed, edited, idle_overrides
from andon.oncall.rules.schedule import (
    displaced,
    next_on_call,
    on_call_at,
    shifts,
    turn_at,
    turns,
    who,
)
from andon.oncall.rules.serving import is_on_call, served
from andon.oncall.rules.slips import doubts
from andon.oncall.rules.telling import change_document, say_answers, say_change, say_idle, why_idle
from andon.oncall.rules.wall import (
    Occurrence,
    UnableToReadTime,
    find_zone,
    instant_from_wall,
)
from andon.oncall.rules.working_hours import (
    holiday_periods,
    hours,
    no_holidays,
    say_day,
    say_hours,
    say_instant,
    working_periods,
)

__all__ = [
    "Occurrence",
    "UnableToReadTime",
    "answered",
    "answering",
    "asked",
    "at_work",
    "change_document",
    "closed",
    "compare",
    "departed",
    "displaced",
    "doubts",
    "edited",
    "find_zone",
    "holiday_periods",
    "hours",
    "idle_overrides",
    "instant_from_wall",
    "is_on_call",
    "next_on_call",
    "no_holidays",
    "on_call_at",
    "placed",
    "say_answers",
    "say_change",
    "say_day",
    "say_hours",
    "say_idle",
    "say_instant",
    "served",
    "shifts",
    "turn_at",
    "turns",
    "who",
    "why_idle",
    "working_periods",
]
