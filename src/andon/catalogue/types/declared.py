"""What the files declare, entity by entity, before anything is written down."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any

from andon.catalogue.types.entity import (
    ALIASES,
    DESCRIPTION,
    DOMAIN,
    GROUP,
    PAYER,
    TITLE,
    Entity,
    note,
    spec,
)
from andon.catalogue.types.forms import TARGET_KEY
from andon.catalogue.types.groups import DomainKind
from andon.catalogue.types.organisations import Cover, Organisation, WorkingHours
from andon.catalogue.types.planning import Insurance
from andon.catalogue.types.rotas import RotaCovers
from andon.catalogue.types.services import Hardness, KeptService
from andon.core.documents import writing
from andon.core.documents.declaring import FileKey
from andon.core.documents.document import Document
from andon.core.documents.problems import DocumentProblem, Gravity
from andon.core.documents.writing import Writing
from andon.core.money import Money
from andon.people.types import Contact

#: The mapping within `spec` that Backstage keeps names and addresses in.
PROFILE = "profile"


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
    name: Annotated[str, FileKey(kind=writing.HAND_TEXT, name="displayName", within=PROFILE)]
    email: Annotated[str, FileKey("Where pages go.", writing.EMAIL, within=PROFILE, kept=True)]
    timezone: Annotated[
        str, note("timezone", "Where they live.", writing.ZONE, kept=True, example="Europe/Paris")
    ]
    contacts: tuple[Contact, ...]


@dataclass(slots=True)
class DeclaredTeam:
    """A `Group`. Its members come from both sides: its own list and the people's."""

    entity: Entity
    slug: str
    title: Annotated[str, TITLE]
    description: Annotated[str, DESCRIPTION]
    email: Annotated[str, FileKey("The team's address.", writing.EMAIL, within=PROFILE, kept=True)]
    channel: Annotated[
        str, note("channel", "Where the team talks.", kept=True, example='"#checkout"')
    ]
    working_hours: Annotated[WorkingHours | None, spec()]
    aliases: Annotated[tuple[str, ...], ALIASES]
    members: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class DeclaredDomain:
    """A `Domain` that services share a rota in."""

    entity: Entity
    slug: str
    title: Annotated[str, TITLE]
    kind: Annotated[
        DomainKind,
        spec("Geographic and technology domains are refused.", name="type", kept=True),
    ]
    owner: Annotated[str, spec("A Group.", GROUP)]
    budget_holder: Annotated[str, PAYER]
    aliases: Annotated[tuple[str, ...], ALIASES]


@dataclass(frozen=True, slots=True)
class DeclaredSystem:
    """A `System`: services find their domain through it."""

    entity: Entity
    slug: str
    domain: Annotated[str, spec("The Domain its services are in.", DOMAIN)]


@dataclass(slots=True)
class DeclaredResource:
    """A `Resource`."""

    entity: Entity
    slug: str
    title: Annotated[str, TITLE]
    kind: Annotated[
        str, spec("A database has exactly one consuming service.", name="type", kept=True)
    ]
    owner: Annotated[str, spec("A Group.", GROUP)]
    aliases: Annotated[tuple[str, ...], ALIASES]
    consumers: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredService(KeptService):
    """A `Component` that runs."""

    entity: Entity
    slug: str
    owner: Annotated[str, spec("The one Group that owns it.", GROUP)]
    domain: Annotated[
        str,
        note(
            "oncall-domain",
            "The Domain whose rota it shares; else its System's.",
            DOMAIN,
            example="fulfilment",
        ),
    ]
    budget_holder: Annotated[str, PAYER]
    exposure: Annotated[
        Money | None,
        note(
            "financial-exposure-per-hour",
            "What an hour of full unavailability costs.",
            example="GBP 200000",
        ),
    ]
    target_ppm: Annotated[
        int,
        note(
            "availability-target",
            "An availability target of the preset, quoted.",
            Writing(TARGET_KEY.schema),
            example='"99.9"',
        ),
    ]
    peaks: Annotated[
        tuple[Peak, ...],
        note(
            "peak-windows",
            "FIRST-DAY/DAY-AFTER=TARGET, separated by commas, in the organisation's zone.",
            writing.several(r"[0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9]{4}-[0-9]{2}-[0-9]{2}=[0-9.]+%?"),
            example="2027-11-25/2027-12-01=99.9",
        ),
    ]
    cover: Cover
    cover_override: Annotated[
        Cover | None,
        note(
            "out-of-hours",
            "Cover out of hours against the target's; needs a reason.",
            example="domain",
        ),
    ]
    links: tuple[dict[str, str], ...]
    aliases: Annotated[tuple[str, ...], ALIASES]
    insurance: Insurance = field(default_factory=Insurance)
    insurance_document: dict[str, str] = field(default_factory=dict)
    #: The annotations that generated telemetry is made from, as they were written.
    telemetry_document: dict[str, str] = field(default_factory=dict)
    #: What it needs: (`service` or `resource`, slug) and how hard.
    needs: Annotated[
        dict[tuple[str, str], Hardness],
        note(
            "soft-dependencies",
            "References in dependsOn that it survives without, separated by commas. "
            "All others are hard.",
            writing.HAND,
            example="component:stock-1",
        ),
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeclaredRota:
    """A `Rota`."""

    entity: Entity
    slug: str
    title: Annotated[str, TITLE]
    team: Annotated[str, spec("The Group it answers for; or `domain`.", GROUP)]
    domain: Annotated[str, spec("The Domain it answers for; or `team`.", DOMAIN)]
    covers: Annotated[RotaCovers, spec(kept=True)]
    participants: Annotated[
        tuple[str, ...],
        spec(
            "Users, in the order they take turns.",
            writing.references("user", least=1),
            required=True,
        ),
    ]
    #: `timezone`, `rotation` and `escalation`, as `RotaVersion.document` keeps them.
    document: dict[str, Any]
    aliases: Annotated[tuple[str, ...], ALIASES]


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
    problems: tuple[DocumentProblem, ...]
    #: Documents of other packages, unread, such as OpenSLO's.
    foreign: tuple[Document, ...] = ()
    #: Alerts of teams' own: their metadata is checked, their `spec` is for `slo.rules.documents`.
    alert_rules: tuple[Entity, ...] = ()

    @property
    def errors(self) -> tuple[DocumentProblem, ...]:
        """Return what keeps the folder from being applied."""
        return tuple(one for one in self.problems if one.gravity is Gravity.ERROR)

    @property
    def warnings(self) -> tuple[DocumentProblem, ...]:
        """Return what is worth mending."""
        return tuple(one for one in self.problems if one.gravity is Gravity.WARNING)
