"""The values the catalogue speaks in."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from andon.catalogue.types.pay import Pay as Pay
from andon.catalogue.types.pay import Standby as Standby
from andon.catalogue.types.pay import StandbyUnit as StandbyUnit
from andon.catalogue.types.telemetry import WORKBOOK as WORKBOOK
from andon.catalogue.types.telemetry import AlertSeverity as AlertSeverity
from andon.catalogue.types.telemetry import BurnTier as BurnTier
from andon.catalogue.types.telemetry import Closures as Closures
from andon.catalogue.types.telemetry import TelemetryRules as TelemetryRules
from andon.core.documents.problems import Gravity
from andon.core.money import Money
from andon.people.types import Contact, Team


class Cover(StrEnum):
    """What happens to a service's pages out of hours."""

    NONE = "none"
    DOMAIN = "domain"
    TEAM = "team"


class DomainKind(StrEnum):
    """The two accepted ways to group services under one rota."""

    PRODUCT = "product"
    ARCHITECTURAL = "architectural"


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
class WorkingHours:
    """When a team is at work: local wall time in an IANA zone, without the bank holidays.

    `days` counts from Monday = 0. `holidays` names a calendar: an ISO 3166 country with an optional
    subdivision, such as `GB-ENG`; empty means no bank holidays.
    """

    timezone: str = "Europe/London"
    days: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    starts: time = time(9, 0)
    ends: time = time(17, 0)
    holidays: str = "GB-ENG"


class EscalationTarget(StrEnum):
    """Whom a step pages."""

    ON_CALL = "on-call"
    NEXT_ON_CALL = "next-on-call"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """Page the target, then wait for an acknowledgement before the next step."""

    target: EscalationTarget
    wait: timedelta


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    """Steps in order, run `repeats` more times when nobody answers; then the page is UNANSWERED."""

    steps: tuple[EscalationStep, ...] = (
        EscalationStep(EscalationTarget.ON_CALL, timedelta(minutes=5)),
        EscalationStep(EscalationTarget.NEXT_ON_CALL, timedelta(minutes=5)),
        EscalationStep(EscalationTarget.EVERYONE, timedelta(minutes=5)),
    )
    repeats: int = 1


@dataclass(frozen=True, slots=True)
class Level:
    """An availability target of the organisation's preset, and the cover it buys."""

    target_ppm: int
    cover: Cover


@dataclass(frozen=True, slots=True)
class SeverityClass:
    """A class of incidents: those that put at least this much money at risk per hour."""

    name: str
    at_least_per_hour: Money
    update_every: timedelta
    major: bool = False


@dataclass(frozen=True, slots=True)
class ExposureBand:
    """Services that lose up to `ceiling_per_hour` get this target (preset `playbook`)."""

    ceiling_per_hour: Money
    target_ppm: int


@dataclass(frozen=True, slots=True)
class MinimumLoss:
    """The least loss over a target's whole allowance that justifies it (preset `fruits-r-us`)."""

    target_ppm: int
    loss: Money


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """A way to run production support as the files price it; None where they say nothing."""

    rota_per_month: Money | None = None
    time_to_restore: timedelta | None = None
    rotas: int | None = None
    #: Entry rules of a central SRE team.
    least_target_ppm: int | None = None
    most_incidents_per_year: Decimal | None = None
    least_years_seen: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PlanningRules:
    """The organisation's assumptions for the insurance model; None where it makes none."""

    you_run_it: PolicyRule | None = None
    ops_run_it: PolicyRule | None = None
    sre_run_it: PolicyRule | None = None
    incidents_per_year: Decimal | None = None
    prior_years: Decimal | None = None
    sigma: Decimal | None = None
    equality_tolerance: Decimal | None = None
    callout: Money | None = None
    risk_weight: Decimal | None = None
    services_per_rota: int | None = None
    people_per_rota: int | None = None


@dataclass(frozen=True, slots=True)
class Insurance:
    """What a service's files say for the insurance model; None where they say nothing."""

    incidents_per_year: Decimal | None = None
    time_to_restore: timedelta | None = None
    sigma: Decimal | None = None
    #: Share of users an incident affects, 0 to 1.
    fraction: Decimal | None = None
    cap: Money | None = None
    fixed_cost: Money | None = None
    #: Share of the loss that remains while shuttered, 0 to 1.
    shuttered_share: Decimal | None = None
    #: (first minute, minute after, weight) since Monday 00:00 local, the whole week or nothing.
    week: tuple[tuple[int, int, Decimal], ...] = ()
    #: (first day, day after, factor), days of the year from 1.
    seasons: tuple[tuple[int, int, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisation's own rules, from its one `Organisation` document."""

    slug: str
    title: str
    currency: str
    working_hours: WorkingHours
    preset: str
    #: The period an availability target is measured over.
    period: timedelta
    levels: tuple[Level, ...]
    team_requires_demand: bool
    severities: tuple[SeverityClass, ...]
    escalation: EscalationPolicy
    pay: Pay | None = None
    exposure_bands: tuple[ExposureBand, ...] = ()
    minimum_losses: tuple[MinimumLoss, ...] = ()
    #: Reached when a page is UNANSWERED and when Andon itself is in trouble.
    fallback: tuple[Contact, ...] = ()
    #: The rota that answers for alerts of services nobody has declared.
    catch_all_rota: str = ""
    #: What disappears from the files is retired, and kept this long.
    retirement_grace: timedelta = timedelta(days=90)
    #: What an out-of-hours rota of fewer than three people is.
    small_rotas: Gravity = Gravity.WARNING
    planning: PlanningRules = PlanningRules()
    telemetry: TelemetryRules = field(default_factory=TelemetryRules)


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


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A line of the list of teams."""

    id: int
    slug: str
    title: str
    description: str
    email: str
    channel: str
    services: int
    members: int
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A line of the list of domains."""

    id: int
    slug: str
    title: str
    kind: DomainKind
    owner: Team | None
    services: int
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A problem of the last `check` inside `apply`, as an entity's page shows it."""

    kind: str
    slug: str
    gravity: Gravity
    rule: str
    message: str
    fix: str
    where: str
    seen_at: datetime
