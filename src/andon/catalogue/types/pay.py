"""What being on call is paid, as the organisation declares it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from andon.catalogue.types.forms import SUM_OR_NOTHING
from andon.core.documents import writing
from andon.core.documents.declaring import FileKey
from andon.core.money import Money

_PERCENT = writing.whole(100)


class StandbyUnit(StrEnum):
    """What standby pay is counted in. Weeks and days are local ones, whatever their length."""

    WEEK = "week"
    DAY = "day"
    HOUR = "hour"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Standby:
    """What being available is paid. Hours and blocks count out of hours only."""

    per: Annotated[
        StandbyUnit,
        FileKey(
            "Days and weeks are local ones; hours and blocks count out of hours.", required=True
        ),
    ]
    rate: Annotated[Money, FileKey("For one of these; for blocks, the first.", required=True)]
    weekend: Annotated[Money | None, FileKey("Days: on Saturday and Sunday.")] = None
    holiday: Annotated[Money | None, FileKey("Days: on a bank holiday.")] = None
    first: Annotated[timedelta, FileKey("Blocks: how long the first one is.")] = timedelta(hours=8)
    every: Annotated[
        timedelta, FileKey("Blocks: how long the further ones are, started ones count.")
    ] = timedelta(hours=2)
    then: Annotated[Money | None, FileKey("Blocks: for every further one, for a day at most.")] = (
        None
    )
    holiday_percent: Annotated[
        int, FileKey("What bank holidays multiply the rate by, unless `holiday` says.", _PERCENT)
    ] = 100


@dataclass(frozen=True, slots=True)
class Pay:
    """What being on call is paid. Callout-only schemes are refused without a reason."""

    #: Zero under a scheme of another unit; `standby` has them all.
    standby_per_week: Annotated[Money, FileKey("Being available.", SUM_OR_NOTHING)]
    callout_per_hour: Annotated[Money, FileKey("Answering.", SUM_OR_NOTHING)]
    minimum_callout: Annotated[timedelta, FileKey("The least that is paid.")] = timedelta(hours=1)
    callout_block: Annotated[timedelta, FileKey("Paid in started blocks.")] = timedelta(minutes=15)
    holiday_percent: Annotated[
        int, FileKey("What bank holidays multiply the callout rate by.", _PERCENT)
    ] = 200
    standby: Annotated[
        Standby | None, FileKey("Being available, paid otherwise than by a flat week.")
    ] = None
    included_in_standby: Annotated[
        timedelta, FileKey("So much of a callout's work is paid by standby.")
    ] = timedelta(0)
    response_per_hour: Annotated[
        Money | None, FileKey("Internal rate of work on incidents in working hours.")
    ] = None
    cap_per_month: Annotated[
        Money | None, FileKey("The most a person is paid for on call in a month.")
    ] = None
    rest: Annotated[timedelta, FileKey("Nobody need work so long after work out of hours.")] = (
        timedelta(0)
    )
    exercises_paid: Annotated[
        bool, FileKey("Whether an exercise is paid as a callout is. Default: no; tests never are.")
    ] = False
    callout_only_reason: Annotated[str, FileKey("Why standby is not paid.")] = ""
