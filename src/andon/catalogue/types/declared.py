"""What the files declare, entity by entity, before anything is written down."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from andon.catalogue.types import (
    Cover,
    DomainKind,
    Hardness,
    Insurance,
    Organisation,
    RotaCovers,
    WorkingHours,
)
from andon.catalogue.types.entity import Entity
from andon.core.documents.document import Document
from andon.core.documents.problems import Gravity, Problem
from andon.core.money import Money
from andon.people.types import Contact


@dataclass(frozen=True, slots=True)
class Peak:
    """A window in which another target is in force."""

    target_ppm: int
    starts_at: datetime
    ends_at: datetime
    #: The local days it was written with.
    written: tuple[date, date]


@dataclass(frozen=True, slots=True)
class DeclaredPerson:
    """A `User`."""

    entity: Entity
    slug: str
    name: str
    email: str
    timezone: str
    contacts: tuple[Contact, ...]


@dataclass(slots=True)
class DeclaredTeam:
    """A `Group`. Its members come from both sides: its own list and the people's."""

    entity: Entity
    slug: str
    title: str
    description: str
    email: str
    channel: str
    working_hours: WorkingHours | None
    aliases: tuple[str, ...]
    members: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class DeclaredDomain:
    """A `Domain` that services share a rota in."""

    entity: Entity
    slug: str
    title: str
    kind: DomainKind
    owner: str
    budget_holder: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeclaredSystem:
    """A `System`: services find their domain through it."""

    entity: Entity
    slug: str
    domain: str


@dataclass(slots=True)
class DeclaredResource:
    """A `Resource`."""

    entity: Entity
    slug: str
    title: str
    kind: str
    owner: str
    aliases: tuple[str, ...]
    consumers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class DeclaredService:
    """A `Component` that runs."""

    entity: Entity
    slug: str
    title: str
    description: str
    kind: str
    lifecycle: str
    system: str
    owner: str
    domain: str
    budget_holder: str
    funding: str
    exposure: Money | None
    deployment_target: str
    target_ppm: int
    peaks: tuple[Peak, ...]
    cover: Cover
    cover_override: Cover | None
    cover_reason: str
    runbook_url: str
    dashboard_url: str
    links: tuple[dict[str, str], ...]
    tags: tuple[str, ...]
    aliases: tuple[str, ...]
    insurance: Insurance = field(default_factory=Insurance)
    insurance_document: dict[str, str] = field(default_factory=dict)
    #: The annotations that generated telemetry is made from, as they were written.
    telemetry_document: dict[str, str] = field(default_factory=dict)
    #: What it needs: (`service` or `resource`, slug) and how hard.
    needs: dict[tuple[str, str], Hardness] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeclaredRota:
    """A `Rota`."""

    entity: Entity
    slug: str
    title: str
    team: str
    domain: str
    covers: RotaCovers
    participants: tuple[str, ...]
    #: As `RotaVersion.document` keeps it.
    document: dict[str, Any]
    aliases: tuple[str, ...]


@dataclass(slots=True)
class Catalogue:
    """Everything a folder declares."""

    organisation: Organisation
    organisation_document: dict[str, Any]
    organisation_entity: Entity
    people: dict[str, DeclaredPerson] = field(default_factory=dict)
    teams: dict[str, DeclaredTeam] = field(default_factory=dict)
    domains: dict[str, DeclaredDomain] = field(default_factory=dict)
    systems: dict[str, DeclaredSystem] = field(default_factory=dict)
    services: dict[str, DeclaredService] = field(default_factory=dict)
    resources: dict[str, DeclaredResource] = field(default_factory=dict)
    rotas: dict[str, DeclaredRota] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a folder declares, and what is wrong with it; nothing without an organisation."""

    catalogue: Catalogue | None
    problems: tuple[Problem, ...]
    #: Documents of other packages, unread, such as OpenSLO's.
    foreign: tuple[Document, ...] = ()
    #: Alerts of teams' own: their metadata is checked, their `spec` is for `slo.documents`.
    alert_rules: tuple[Entity, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return what keeps the folder from being applied."""
        return tuple(one for one in self.problems if one.gravity is Gravity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Return what is worth mending."""
        return tuple(one for one in self.problems if one.gravity is Gravity.WARNING)
