"""What being on call is paid, as the organisation declares it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from andon.core.money import Money


class StandbyUnit(StrEnum):
    """What standby pay is counted in. Weeks and days are local ones, whatever their length."""

    WEEK = "week"
    DAY = "day"
    HOUR = "hour"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Standby:
    """What being available is paid. Hours and blocks count out of hours only."""

    per: StandbyUnit
    #: For a week, a day, an hour, or for a first block of up to `first`.
    rate: Money
    #: Days only: what a weekend day or a bank holiday is paid instead.
    weekend: Money | None = None
    holiday: Money | None = None
    #: Blocks only: after `first`, every started block of `every` is paid `then`, for a day at most.
    first: timedelta = timedelta(hours=8)
    every: timedelta = timedelta(hours=2)
    then: Money | None = None
    #: Bank holidays multiply the rate by this many percent, unless `holiday` says what they pay.
    holiday_percent: int = 100


@dataclass(frozen=True, slots=True)
class Pay:
    """What being on call is paid. Callout-only schemes are refused without a reason."""

    #: Zero under a scheme of another unit; `standby` has them all.
    standby_per_week: Money
    callout_per_hour: Money
    #: A callout is paid at least this long, then in started blocks of `callout_block`.
    minimum_callout: timedelta = timedelta(hours=1)
    callout_block: timedelta = timedelta(minutes=15)
    #: Bank holidays multiply the callout rate by this many percent.
    holiday_percent: int = 200
    standby: Standby | None = None
    #: So much of a callout's work is within standby and paid by it.
    included_in_standby: timedelta = timedelta(0)
    #: The internal rate of work on an incident in working hours.
    response_per_hour: Money | None = None
    #: Standby and callouts of a person in a calendar month come to this at most.
    cap_per_month: Money | None = None
    #: After work out of hours nobody need work for this long.
    rest: timedelta = timedelta(0)
    #: Whether an exercise out of hours is work like any callout: paid, and rest follows it.
    exercises_paid: bool = False
    #: Why only callouts are paid, where standby is not.
    callout_only_reason: str = ""
