"""The values this package speaks in."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from andon.catalogue.types import EscalationPolicy, RotaCovers
from andon.core.periods import Period


class Unit(StrEnum):
    """What a rotation counts in."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Rotation:
    """People take turns of `every` units, handing over at a local wall time.

    `starts_on` is the local day of the first hand-over; for weeks its weekday is the hand-over day. The
    first participant serves the shift that starts there; the rotation also runs backwards from it.
    """

    unit: Unit
    every: int
    handover: time
    starts_on: date
    participants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RotaVersion:
    """What a rota says in a period: its rotation in one IANA zone."""

    period: Period
    timezone: str
    rotation: Rotation


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody takes a rota for a period, in place of whoever the rotation names."""

    id: int
    period: Period
    person: str
    #: Only shifts of this person are replaced; None replaces whoever is on.
    replaces: str | None
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Rota:
    """Everything needed to say who is on call for one rota, at any instant."""

    id: int
    slug: str
    title: str
    covers: RotaCovers
    team: str | None
    domain: str | None
    versions: tuple[RotaVersion, ...]
    overrides: tuple[Override, ...] = ()
    escalation: EscalationPolicy | None = None


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """A person is on call for a rota in a period. `override` names the override that put them there."""

    period: Period
    person: str
    override: int | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether an instant is in working hours, in words, and when they next begin."""

    working: bool
    reason: str
    #: The next instant that is in working hours; equal to the instant asked for when `working`.
    next_start: datetime


#: The longest rotation shift accepted; a longer one is a mistake in the file.
LONGEST_SHIFT = timedelta(weeks=8)
