"""Reads: rotas, working hours and calendars as values."""

from andon.oncall.queries.holidays import (
    UnableToFindHolidays,
    find_holidays,
    hours_at,
    working_periods,
)
from andon.oncall.queries.rotas import load_rotas, on_call_now

__all__ = [
    "UnableToFindHolidays",
    "find_holidays",
    "hours_at",
    "load_rotas",
    "on_call_now",
    "working_periods",
]
