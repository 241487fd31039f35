"""A service, its targets and what it needs, as everybody above speaks of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from andon.catalogue.types.entity import DESCRIPTION, METADATA, SYSTEM, TITLE, note, spec
from andon.catalogue.types.groups import DomainKind
from andon.catalogue.types.organisations import Cover, WorkingHours
from andon.core.documents import writing
from andon.core.documents.declaring import FileKey
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


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptService:
    """What files say of a service that is kept and shown as it was said.

    A field here is read, told to editors, compared, stored in the column of its name, and given to
    the service's page and to the API.
    """

    title: Annotated[str, TITLE]
    description: Annotated[str, DESCRIPTION]
    kind: Annotated[
        str,
        spec(
            "service, website ...; library and documentation are not run.", name="type", kept=True
        ),
    ]
    lifecycle: Annotated[str, spec(kept=True)]
    system: Annotated[str, spec("", SYSTEM, kept=True)] = ""
    deployment_target: Annotated[
        str,
        note(
            "deployment-target",
            "How often it wants to be deployed; weekly and daily mean high demand.",
            writing.word(DeploymentTarget),
            kept=True,
            example="weekly",
        ),
    ] = ""
    #: Empty where the cover is the target's.
    cover_reason: Annotated[
        str,
        note(
            "out-of-hours-reason",
            "Why the cover is not the target's.",
            kept=True,
            example="regulator asks",
        ),
    ] = ""
    funding: Annotated[
        str,
        note("funding", "Which budget pays.", writing.word(Funding), kept=True, example="capex"),
    ] = ""
    runbook_url: Annotated[
        str,
        note(
            "runbook",
            "Where to read what to do.",
            writing.URL,
            kept=True,
            example="https://runbooks.example/checkout",
        ),
    ] = ""
    dashboard_url: Annotated[
        str,
        note(
            "dashboard",
            "Where to look.",
            writing.URL,
            kept=True,
            example="https://grafana.example/d/checkout",
        ),
    ] = ""
    tags: Annotated[tuple[str, ...], FileKey(kind=writing.HAND, within=METADATA, kept=True)] = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDetails(KeptService):
    """What is declared about a service beyond what paging needs: for its page and the API."""

    id: int
    slug: str
    budget_holder: str
    links: tuple[tuple[str, str], ...]
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


@dataclass(frozen=True, slots=True)
class StandingService:
    """A service in force with what its cover and its risk hang on."""

    slug: str
    title: str
    team: str
    team_title: str
    domain: str | None
    domain_kind: DomainKind | None
    exposure: Money | None
    #: The base target in force, and peaks that are not over.
    targets: tuple[TargetWindow, ...]
    cover_override: Cover | None
    deployment_target: str
    #: The working hours of its team, insurance and telemetry, as they are stored.
    working_hours: Mapping[str, Any]
    insurance: Mapping[str, Any]
    telemetry: Mapping[str, Any]
    runbook_url: str
    dashboard_url: str
    #: Services it cannot do without, by slug.
    needs: tuple[str, ...]
    declared_at: str


@dataclass(frozen=True, slots=True)
class ServiceFunding:
    """Who pays for a service, and from what; all by slug."""

    slug: str
    team: str
    domain: str | None
    budget_holder: str | None
    domain_budget_holder: str | None
    funding: str
