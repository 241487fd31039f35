"""The values this package speaks in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from andon.catalogue.types import EscalationPolicy, RotaCovers, WorkingHours
from andon.catalogue.types.rotas import LONGEST_SHIFT as LONGEST_SHIFT
from andon.catalogue.types.rotas import LONGEST_TURN as LONGEST_TURN
from andon.catalogue.types.rotas import Carried as Carried
from andon.catalogue.types.rotas import Rotation as Rotation
from andon.catalogue.types.rotas import RotaVersion as RotaVersion
from andon.core.periods import Period

#: Says the name of the bank holiday on a day, or an empty string.
Holidays = Callable[[date], str]


@dataclass(frozen=True, slots=True)
class Departure:
    """A person named by a rota is gone from an instant on; `at` None: they never were there."""

    person: str
    at: datetime | None


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
class Attendance:
    """When some people are at work: their working hours, without their bank holidays."""

    hours: WorkingHours
    holidays: Holidays


@dataclass(frozen=True, slots=True)
class Peer:
    """What a rota declares to answer for its team or its domain, and while it is in force."""

    slug: str
    covers: RotaCovers
    periods: tuple[Period, ...]

    def is_in_force(self, at: datetime) -> bool:
        """Return whether it is in force at an instant."""
        return any(at in one for one in self.periods)


@dataclass(frozen=True, slots=True)
class Answers:
    """When a rota is asked, as routing does it; without anything said, at all hours.

    A team's rota goes by the hours of that team. A domain's is asked out of hours only, while any
    team with a service in it is not at work. The catch-all rota is asked at all hours.
    """

    in_hours: bool = True
    out_of_hours: bool = True
    #: When those it answers for are at work, each time table once; never empty where it matters.
    at_work: tuple[Attendance, ...] = ()
    #: Who is asked before it, in hours and out of them: rotas of the same team or domain.
    first_in_hours: tuple[Peer, ...] = ()
    first_out_of_hours: tuple[Peer, ...] = ()

    @property
    def always(self) -> bool:
        """Return whether it is asked at every instant."""
        first = self.first_in_hours or self.first_out_of_hours
        return self.in_hours and self.out_of_hours and not first


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a rota is asked at an instant, and why, in words."""

    now: bool
    reason: str


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
    #: People the rota names who are retired or unknown: their turns go to the next participant.
    departures: tuple[Departure, ...] = ()
    answers: Answers = Answers()


@dataclass(frozen=True, slots=True)
class Shift:
    """A person has a rota in a period: a turn of the rotation, or the part of one that is served.

    `override` names the override that put them there. `instead_of` is whose turn the rotation says
    it is, when that is somebody else (replaced by an override, or gone); otherwise empty.
    """

    period: Period
    person: str
    override: int | None = None
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class OnCallNow:
    """Who is on call for a rota at an instant, or that nobody is, and who comes next."""

    rota: Rota
    at: datetime
    #: Whether the rota is asked at this instant. Nobody on call while it is: that is a gap.
    answers: bool
    #: Why it is asked or not, in words.
    reason: str
    shift: Shift | None
    #: The next shift: of somebody else than who is on call now, if anybody is.
    following: Shift | None
    #: Until when whoever is on call now is so without a break: an override of their own goes on.
    until: datetime | None

    @property
    def is_gap(self) -> bool:
        """Return whether somebody should be on call and nobody is."""
        return self.answers and self.shift is None


@dataclass(frozen=True, slots=True)
class ComingTurn:
    """An instant at which somebody takes over a rota, before an edit or after it; None: nobody."""

    starts_at: datetime
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class IdleOverride:
    """An override, running or to come, that takes nobody's shift, and why not, in words.

    Or, of an edit, one that takes the turn of somebody else than it was made for.
    """

    override: Override
    reason: str = ""
    #: Whether it took a shift until the edit.
    until_now: bool = False
    #: Whose turns it took until the edit, and whose it takes now, when they are others.
    took: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


class Happened(StrEnum):
    """What happened to an override."""

    MADE = "made"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class OverrideNews:
    """What happened to an override, for those whom it concerns. People are slugs."""

    override: int
    what: Happened
    rota: str
    rota_title: str
    person: str
    #: Whose shifts it takes, or took.
    displaced: tuple[str, ...]
    #: What of it is yet to come.
    period: Period
    reason: str
    #: Who made it, as it is kept.
    made_by: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to look at again before an override is made, in words; `code` is agreed to."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class RotaChange:
    """What an edit does to who is on call for a rota: now, and in the coming turns side by side."""

    slug: str
    title: str
    timezone: str
    at: datetime
    #: Whose turn it is just before the edit and from it on.
    before: Shift | None
    after: Shift | None
    turns: tuple[ComingTurn, ...]
    #: The first instant to come at which somebody else is on call than without the edit.
    first: ComingTurn | None = None
    idle: tuple[IdleOverride, ...] = ()
    #: Whether the rota is asked at this instant by the hours it covers, before and after the edit.
    answers: tuple[bool, bool] = (True, True)
    #: For whom it answers before and after, such as `team checkout`.
    owners: tuple[str, str] = ("", "")
    is_new: bool = False

    @property
    def replaces(self) -> bool:
        """Return whether somebody who is on call at this instant is not asked any more."""
        if self.before is None or not self.answers[0]:
            return False
        stays = self.after is not None and self.before.person == self.after.person
        return not (stays and self.answers[1] and self.owners[0] == self.owners[1])

    @property
    def matters(self) -> bool:
        """Return whether anything about being on call differs."""
        differs = self.answers[0] != self.answers[1] or self.owners[0] != self.owners[1]
        differs = differs or self.first is not None or self.replaces
        return differs or any(one.until_now for one in self.idle)


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether an instant is in working hours, in words, and when they next begin."""

    working: bool
    reason: str
    #: The next instant that is in working hours; equal to the instant asked for when `working`.
    next_start: datetime


@dataclass(frozen=True, slots=True)
class Served:
    """A turn as far as its rota is asked: from its first such hour to its last."""

    rota: Rota
    shift: Shift
    name: str
    #: What of that time it is, when it is not all of it: `in working hours`.
    within: str


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A secret calendar address as its owner sees it listed: only how its secret begins."""

    id: int
    hint: str
    created_at: datetime
    last_used_at: datetime | None
