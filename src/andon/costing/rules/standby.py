"""Standby pay: for who really was on call, overrides included.

A standby day runs from one hand-over to the next on the local clock and belongs to the month it
begins in. Weeks and days are paid per local period, whatever its elapsed length, so the night the
clocks change costs what any other does; hours and blocks are elapsed time out of hours. People who
share a day share its price by the time each was on call.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from andon.catalogue.types import Pay, Standby, StandbyUnit
from andon.core.money import Money
from andon.core.periods import Period, first_instant, subtract
from andon.core.words import say_count
from andon.costing.rules.allocation import allocate
from andon.costing.rules.units import say, take, total, touches, units
from andon.costing.types import Books, StandbyPay
from andon.oncall import rules as oncall
from andon.oncall.types import Rota, Rotation, Shift

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)
_WEEK = 7
#: Saturday and Sunday.
_WEEKEND = 5


@dataclass(frozen=True, slots=True)
class _StandbyDay:
    """A local day of a rota; `inside` is the part in which the version in question is in force."""

    day: date
    whole: Period
    inside: Period
    rotation: Rotation


@dataclass(frozen=True, slots=True)
class _Tariff:
    """The scheme, and the times that it treats in another way."""

    scheme: Standby
    in_hours: Sequence[Period]
    holidays: Sequence[Period]


@dataclass(slots=True)
class _Account:
    """What one shift has earned so far, exactly."""

    minor: Fraction = Fraction(0)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    working: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def standby_of(pay: Pay) -> Standby:
    """Return the scheme in force: a flat week unless another is declared."""
    return pay.standby or Standby(StandbyUnit.WEEK, pay.standby_per_week)


def standby_pay(
    *,
    pay: Pay,
    rota: Rota,
    books: Books,
    in_hours: Sequence[Period] = (),
    holidays: Sequence[Period] = (),
    until: datetime | None = None,
) -> list[StandbyPay]:
    """Return what each shift of a rota earns in a month, in order, with the working.

    With `until`, only what was over by then: a shift, or its part in the month, as a whole. A rota
    that is asked in working hours only is work, not standby, and earns nothing.
    """
    scheme = standby_of(pay)
    if not rota.answers.out_of_hours or not scheme.rate.minor:
        return []
    accounts: dict[int, _Account] = {}
    days = list(_days(rota, books))
    if not days:
        return []
    tariff = _Tariff(scheme, in_hours, holidays)
    reach = Period(days[0].inside.starts_at, max(day.inside.ends_at for day in days))
    shifts = oncall.turns(rota=rota, period=reach)
    for day in days:
        pieces = _pieces(shifts, day.inside)
        for place, piece in pieces:
            account = accounts.setdefault(place, _Account())
            account.starts_at = account.starts_at or piece.starts_at
            account.ends_at = piece.ends_at
        _earn(tariff, day, pieces, accounts)
    return [
        _settle(scheme, shifts[place], account)
        for place, account in sorted(accounts.items())
        if account.ends_at and (until is None or account.ends_at <= until) and account.minor
    ]


def _days(rota: Rota, books: Books) -> Iterator[_StandbyDay]:
    for timezone, rotation, period in _rhythms(rota):
        day = books.first
        while day < books.until:
            whole = _whole(timezone, rotation.handover, day)
            inside = whole.clip(period)
            if inside is not None:
                yield _StandbyDay(day, whole, inside, rotation)
            day += _DAY


def _rhythms(rota: Rota) -> list[tuple[str, Rotation, Period]]:
    """Return the zone and rotation that days follow, and when.

    An edit of the people alone ends no standby day: it would be priced, and rounded, in two parts.
    Versions from before rotas were carried over keep the days they were paid by.
    """
    found: list[tuple[str, Rotation, Period]] = []
    for one in sorted(rota.versions, key=lambda one: one.period.starts_at):
        period, rhythm = one.period, _rhythm(one.timezone, one.rotation)
        last = found[-1] if found and one.carried else None
        if last and last[2].ends_at == period.starts_at and _rhythm(*last[:2]) == rhythm:
            period = Period(found.pop()[2].starts_at, period.ends_at)
        found.append((one.timezone, one.rotation, period))
    return found


def _rhythm(timezone: str, rotation: Rotation) -> tuple[object, ...]:
    return timezone, rotation.handover, rotation.starts_on


@lru_cache(maxsize=4096)
def _whole(timezone: str, handover: time, day: date) -> Period:
    zone = ZoneInfo(timezone)
    return Period(
        first_instant(day, handover, zone),
        first_instant(day + _DAY, handover, zone),
    )


def _pieces(shifts: Sequence[Shift], inside: Period) -> list[tuple[int, Period]]:
    """Return the parts of shifts in a day, by the shift's place."""
    found = ((place, shift.period.clip(inside)) for place, shift in enumerate(shifts))
    return [(place, piece) for place, piece in found if piece is not None]


def _earn(
    tariff: _Tariff,
    day: _StandbyDay,
    pieces: Sequence[tuple[int, Period]],
    accounts: dict[int, _Account],
) -> None:
    scheme, holidays = tariff.scheme, tariff.holidays
    if scheme.per in (StandbyUnit.WEEK, StandbyUnit.DAY):
        price, word = _price(scheme, day, holidays)
        for place, earned in _shared(price, day.whole, pieces).items():
            accounts[place].minor += earned.minor
            accounts[place].working[word] += 1
        return
    earn = _by_the_hour if scheme.per is StandbyUnit.HOUR else _by_blocks
    for place, piece in pieces:
        outside = list(subtract([piece], tariff.in_hours))
        earn(scheme, outside, holidays, accounts[place])


def _price(scheme: Standby, day: _StandbyDay, holidays: Sequence[Period]) -> tuple[Money, str]:
    """Return what a local day is worth. A week's seven days add up to the week, to the penny."""
    holiday = touches([Period(day.whole.starts_at, day.whole.starts_at + _INSTANT)], holidays)
    weekend = day.day.weekday() >= _WEEKEND
    if scheme.per is StandbyUnit.WEEK:
        place = (day.day - day.rotation.starts_on).days % _WEEK
        minor = scheme.rate.minor * (place + 1) // _WEEK - scheme.rate.minor * place // _WEEK
    else:
        special = scheme.holiday if holiday else scheme.weekend if weekend else None
        if special is not None:
            return special, "bank holiday" if holiday else "weekend day"
        minor = scheme.rate.minor
    if holiday:
        return _percent(minor, scheme), "bank holiday"
    return Money(minor, scheme.rate.currency), "weekend day" if weekend else "weekday"


def _percent(minor: int, scheme: Standby) -> Money:
    return Money(round(Fraction(minor * scheme.holiday_percent, 100)), scheme.rate.currency)


def _shared(price: Money, whole: Period, pieces: Sequence[tuple[int, Period]]) -> dict[int, Money]:
    """Split a day's price by time; what nobody was on call for is nobody's."""
    if len(pieces) == 1 and pieces[0][1] == whole:
        return {pieces[0][0]: price}
    weights: dict[int, int] = defaultdict(int)
    for place, piece in pieces:
        weights[place] += piece.length // _INSTANT
    nobody = -1
    weights[nobody] = max(0, whole.length // _INSTANT - sum(weights.values()))
    parts = allocate(amount=price, weights=weights)
    del parts[nobody]
    return parts


def _by_the_hour(
    scheme: Standby, outside: Sequence[Period], holidays: Sequence[Period], account: _Account
) -> None:
    ordinary = total(list(subtract(outside, holidays)))
    holiday = total(outside) - ordinary
    for length, percent, word in (
        (ordinary, 100, "min"),
        (holiday, scheme.holiday_percent, "min of bank holidays"),
    ):
        hours = Fraction(length // _INSTANT, _HOUR // _INSTANT)
        account.minor += scheme.rate.minor * hours * percent / 100
        account.working[word] += length // timedelta(minutes=1)


def _by_blocks(
    scheme: Standby, outside: Sequence[Period], holidays: Sequence[Period], account: _Account
) -> None:
    """Pay the first block, then every started one, for 24 hours of a local day at most."""
    paid, _ = take(outside, _DAY)
    for place, (_, pieces) in enumerate(units(paid, first=scheme.first, block=scheme.every)):
        rate = scheme.rate if not place else scheme.then or Money.zero(scheme.rate.currency)
        holiday = touches(pieces, holidays)
        account.minor += _percent(rate.minor, scheme).minor if holiday else rate.minor
        word = "first block" if not place else "further block"
        account.working[f"{word} of a bank holiday" if holiday else word] += 1


def _settle(scheme: Standby, shift: Shift, account: _Account) -> StandbyPay:
    assert account.starts_at and account.ends_at  # noqa: S101, PT018 - set with the first piece
    period = Period(account.starts_at, account.ends_at)
    # Fractions round half to even, once, at the minor unit.
    earned = Money(round(account.minor), scheme.rate.currency)
    counted = ", ".join(
        say_count(count, word, word if "min" in word else "")
        for word, count in account.working.items()
        if count
    )
    instead = f", instead of {shift.instead_of}" if shift.instead_of else ""
    words = f"on call {say(period.length)}{instead}: {counted} at {_say_rate(scheme)}"
    return StandbyPay(shift.person, period, earned, words)


def _say_rate(scheme: Standby) -> str:
    if scheme.per is StandbyUnit.BLOCK:
        then = (scheme.then or Money.zero(scheme.rate.currency)).exact
        return (
            f"{scheme.rate.exact} up to {say(scheme.first)}, then {then} every {say(scheme.every)}"
        )
    return f"{scheme.rate.exact} a {scheme.per}"
