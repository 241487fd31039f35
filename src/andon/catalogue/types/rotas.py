"""What a rota declares: people who take turns, from when to when, and where their order goes on."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

from andon.catalogue.types.escalation import EscalationPolicy
from andon.core.documents import writing
from andon.core.documents.declaring import FileKey
from andon.core.periods import Period

#: The longest shift a rotation may have; a longer one is a mistake in the file.
LONGEST_SHIFT = timedelta(weeks=8)
#: The longest turn: the first one after another hand-over was declared may be half as long again.
LONGEST_TURN = LONGEST_SHIFT * 3 / 2


class RotationUnit(StrEnum):
    """What a declared rotation counts in."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


class RotaCovers(StrEnum):
    """Which hours a rota answers for."""

    ALWAYS = "always"
    WORKING_HOURS = "working-hours"
    OUT_OF_HOURS = "out-of-hours"


@dataclass(frozen=True, slots=True)
class Asked:
    """The hours of a week in which a rota is asked: working hours, or those outside of them.

    Kept with the rotation, so that other working hours are an edit of it and move nobody. Bank
    holidays are left out: a proclaimed one would move everybody.
    """

    days: frozenset[int]
    starts: time
    ends: time
    working: bool


@dataclass(frozen=True, slots=True)
class Rotation:
    """People take turns of `every` units, handing over at a local wall time.

    `starts_on` is the local day of the first hand-over; for weeks its weekday is the hand-over day.
    The first participant serves the shift that starts there; the rotation also runs backwards.
    """

    unit: Annotated[RotationUnit, FileKey()]
    every: Annotated[int, FileKey(kind=writing.whole(1))]
    handover: Annotated[time, FileKey("Wall time.")]
    starts_on: Annotated[date, FileKey("The day of the first hand-over.", required=True)]
    participants: tuple[str, ...]
    #: Set when some slots lie wholly outside these hours: they are nobody's turn, and not counted.
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """What an edited rota takes over: the turn that ran, and in which order it goes on from there.

    `person` finishes the running turn `[since, until)`; `since` lies before the edit. Then `order`
    takes turns, its first from `until`. An empty order means the document's own, by its first
    hand-over. A period without length means that no turn had begun.
    """

    since: datetime
    until: datetime
    person: str
    order: tuple[str, ...]
    #: Whose turn it was, when `person` serves it for somebody who is gone; otherwise empty.
    turn: str = ""


@dataclass(frozen=True, slots=True)
class RotaVersion:
    """What a rota says in a period: its rotation in one IANA zone."""

    period: Period
    timezone: str
    rotation: Rotation
    #: How it takes over from the version before it; None begins by the first hand-over.
    carried: Carried | None = None


@dataclass(frozen=True, slots=True)
class RotaName:
    """What a rota is called, for what only has to refer to it."""

    id: int
    slug: str
    title: str
    covers: RotaCovers


@dataclass(frozen=True, slots=True)
class StandingRota:
    """A rota as it stood in a period: whose it is, and its versions, each with its escalation."""

    id: int
    slug: str
    title: str
    covers: RotaCovers
    team: str | None
    domain: str | None
    versions: tuple[tuple[RotaVersion, EscalationPolicy | None], ...]


@dataclass(frozen=True, slots=True)
class RotaPlace:
    """For whom a rota answers, and in which hours; all by slug."""

    slug: str
    team: str | None
    domain: str | None
    covers: RotaCovers
