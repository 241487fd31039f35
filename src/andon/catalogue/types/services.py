"""A service, its targets and what it needs, as everybody above speaks of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from andon.catalogue.types.organisations import Cover, WorkingHours
from andon.core.money import Money
from andon.people.types import Team


class Hardness(StrEnum):
    """Whether a service fails when what it depends on fails."""

    HARD = "hard"
    SOFT = "soft"


class DeploymentTarget(StrEnum):
    """How often a service wants to be deployed: how its demand is said (operating model 2.1)."""

    MONTHLY = "monthly"
    FORTNIGHTLY = "fortnightly"
    WEEKLY = "weekly"
    DAILY = "daily"


#: Deployment targets that mean low demand; everything else, unsaid too, counts as high.
LOW_DEMAND = frozenset({DeploymentTarget.MONTHLY, DeploymentTarget.FORTNIGHTLY})


class Funding(StrEnum):
    """Which budget pays for a service's cover."""

    CAPEX = "capex"
    OPEX = "opex"


@dataclass(frozen=True, slots=True)
class TargetWindow:
    """An availability target in parts per million, in force until another instant or for good."""

    target_ppm: int
    starts_at: datetime
    ends_at: datetime | None
    #: `base` for the service's ordinary target, `peak` for a declared peak window.
    kind: str = "base"


@dataclass(frozen=True, slots=True)
class Service:
    """A service as paging, incidents and the portal need it."""

    id: int
    slug: str
    title: str
    owner: Team
    domain: str | None
    exposure_per_hour: Money | None
    targets: tuple[TargetWindow, ...]
    working_hours: WorkingHours
    runbook_url: str = ""
    dashboard_url: str = ""
    #: The cover declared against the target's, with the reason; None follows the target.
    cover_override: Cover | None = None
    cover_reason: str = ""
    high_demand: bool = True
    aliases: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ServiceName:
    """What a service is called, for what only has to lead to it."""

    id: int
    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class CoverDecision:
    """The cover in force for a service at an instant, and why, in words."""

    cover: Cover
    target_ppm: int
    reason: str


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A line of the list of services."""

    id: int
    slug: str
    title: str
    owner: Team
    domain: str | None
    target_ppm: int | None
    exposure_per_hour: Money | None
    retired_at: datetime | None = None
    errors: int = 0
    warnings: int = 0


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service of which something is missing: whose it is, and where it is declared."""

    slug: str
    title: str
    owner: Team
    declared_at: str


@dataclass(frozen=True, slots=True)
class ServiceDetails:
    """What is declared about a service beyond what paging needs: for its page and the API."""

    id: int
    slug: str
    description: str
    kind: str
    lifecycle: str
    system: str
    deployment_target: str
    funding: str
    budget_holder: str
    links: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    declared_at: str
    updated_at: datetime | None
    retired_at: datetime | None
    lapsed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DependencyLink:
    """One end of a dependency: what is needed, or who needs it; `kind` says what it is."""

    kind: str
    slug: str
    title: str
    hardness: Hardness
