"""Reads: rotas, working hours and calendars as values."""

from andon.core.calendars import UnableToFindHolidays
from andon.oncall.queries.calendars import feed, find_feed, list_feeds
from andon.oncall.queries.foresight import foresee, rota_changes
from andon.oncall.queries.holidays import (
    find_holidays,
    holiday_periods,
    hours_at,
    working_periods,
)
from andon.oncall.queries.overrides import doubts_about, has_news, rotas_naming
from andon.oncall.queries.rotas import load_rotas, on_call_now
from andon.oncall.queries.turns import coming_shifts, names_on

__all__ = [
    "UnableToFindHolidays",
    "coming_shifts",
    "doubts_about",
    "feed",
    "find_feed",
    "find_holidays",
    "foresee",
    "has_news",
    "holiday_periods",
    "hours_at",
    "list_feeds",
    "load_rotas",
    "names_on",
    "on_call_now",
    "rota_changes",
    "rotas_naming",
    "working_periods",
]
