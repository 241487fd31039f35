"""What a rota earns in a year: the ledger's own rules of pay, over weeks of every kind.

Nothing of the schemes is repeated here. A week without bank holidays and one of each kind with some
are put to the ledger as if somebody had been on call in them; a year is a sum of such weeks.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

from andon.catalogue.types import Pay, RotaCovers, RotationUnit, WorkingHours
from andon.core.money import Money
from andon.core.periods import Period
from andon.costing.rules import standby_of, standby_pay
from andon.costing.types import Books
from andon.oncall.rules import holiday_periods, working_periods
from andon.oncall.types import Rota, Rotation, RotaVersion
from andon.planning.types import YEAR, Holidays

_WEEK = timedelta(days=7)
#: Three weeks from a Monday in which no clock changes; the one in the middle may have holidays,
#: whose nights reach into its neighbours.
_FIRST = date(2026, 6, 1)
_WEEKS = 3
_ANY_TIME = Period(datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))
_HANDOVER = time(9, 0)


def standby_per_year(
    *, pay: Pay, working_hours: WorkingHours, holidays: Holidays = (), length: timedelta = YEAR
) -> Money:
    """Return the pay of one person on call at all hours, for a year or another length of time.

    `holidays` are those of that time.
    """
    plain = _earned(pay, working_hours, frozenset())
    minor = Fraction(plain, _WEEKS) * Fraction(length // timedelta(days=1), _WEEK.days)
    for days, often in holidays:
        minor += Fraction(often) * (_earned(pay, working_hours, days) - plain)
    return Money(round(minor), standby_of(pay).rate.currency)


def _earned(pay: Pay, hours: WorkingHours, off: frozenset[int]) -> int:
    """Return the pay of three weeks, with bank holidays on some days of the second one."""
    calendar = _calendar(off)
    found = standby_pay(
        pay=pay,
        rota=_rota(hours.timezone),
        books=Books(_FIRST, _FIRST + _WEEKS * _WEEK),
        in_hours=working_periods(working_hours=hours, period=_ANY_TIME, holidays=calendar),
        holidays=holiday_periods(working_hours=hours, period=_ANY_TIME, holidays=calendar),
    )
    return sum(one.pay.minor for one in found)


def _calendar(off: frozenset[int]) -> Callable[[date], str]:
    days = {_FIRST + _WEEK + timedelta(days=day) for day in off}
    return lambda day: "bank holiday" if day in days else ""


def _rota(timezone: str) -> Rota:
    rotation = Rotation(RotationUnit.WEEK, 1, _HANDOVER, _FIRST, ("anybody",))
    version = RotaVersion(_ANY_TIME, timezone, rotation)
    return Rota(0, "rota", "rota", RotaCovers.OUT_OF_HOURS, None, None, (version,))
