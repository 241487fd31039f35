"""Where an alert goes, and whom it asks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from andon.catalogue.types import CoverDecision
from andon.oncall.types import Hours


class RouteVerdict(StrEnum):
    """What a route says to do with an alert."""

    PAGE = "page"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Route:
    """Where an alert goes and why. `trace` holds one sentence per decision, in order."""

    verdict: RouteVerdict
    #: The rota that answers; None pages the owning team's members themselves.
    rota: str | None
    team: str | None
    #: When a held page goes out.
    until: datetime | None
    trace: tuple[str, ...]
    #: The sentence shown first, such as "99.0% target, no cover out of hours: held until ...".
    reason: str
    out_of_hours: bool = False


@dataclass(frozen=True, slots=True)
class Crew:
    """Whom a rota, or a team without one, puts forward at an instant. People are slugs."""

    #: As said aloud: `rota checkout-rota`, `everyone in Team Checkout`.
    label: str
    rota: str | None
    team: str | None
    on_call: str | None
    next_on_call: str | None
    everyone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Everybody who could answer for a service at an instant; None where there is no such crew."""

    team_rota: Crew | None = None
    domain_rota: Crew | None = None
    members: Crew | None = None
    catch_all: Crew | None = None


@dataclass(frozen=True, slots=True)
class WhoAnswers:
    """Who answers for a service at an instant: what a page of it would do."""

    cover: CoverDecision
    hours: Hours
    route: Route
    #: Whom it would ask: a rota's crew, or everyone of a team. None: it is held, or nobody is left.
    crew: Crew | None


@dataclass(frozen=True, slots=True)
class Advance:
    """What the next step of an escalation policy does, after skipping steps that reach nobody."""

    #: The step that pages, counted over all rounds; None when the policy is exhausted.
    step: int | None
    people: tuple[str, ...]
    #: The step that runs after `wait` if nobody acknowledges.
    next_step: int
    wait: timedelta
    reason: str
    #: One sentence per step that was skipped because it reaches nobody.
    skipped: tuple[str, ...] = ()
    #: The sentence of the first step skipped because its people cannot be reached; empty if none.
    unreachable: str = ""
    #: Why it is asked once more; empty the first time.
    again: str = ""
