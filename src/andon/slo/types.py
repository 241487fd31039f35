"""The values telemetry speaks in: objectives, what they are measured by, and generated rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from andon.catalogue.types import AlertSeverity, BurnTier, Cover, TargetWindow, TelemetryRules
from andon.core.documents.problems import DocumentProblem
from andon.core.money import Money
from andon.core.periods import Period


class Evaluator(StrEnum):
    """Who evaluates the rules. They differ in more than their flags (docs/slo.md)."""

    VMALERT = "vmalert"
    PROMETHEUS = "prometheus"


class Budgeting(StrEnum):
    """What an error budget counts (OpenSLO v1)."""

    OCCURRENCES = "occurrences"
    TIMESLICES = "timeslices"
    RATIO_TIMESLICES = "ratio-timeslices"


class Op(StrEnum):
    """How a measured value is compared with the threshold of a good one."""

    LTE = "lte"
    GTE = "gte"
    LT = "lt"
    GT = "gt"

    @property
    def sign(self) -> str:
        """Return the operator as PromQL writes it."""
        return {"lte": "<=", "gte": ">=", "lt": "<", "gt": ">"}[self.value]


class IndicatorKind(StrEnum):
    """The ways to measure."""

    #: Good (or bad) events of all events, as counters.
    RATIO = "ratio"
    #: A ratio somebody else has computed.
    RAW = "raw"
    #: A gauge against a threshold: a probe, a queue's age.
    THRESHOLD = "threshold"
    #: Several indicators, weighted.
    COMPOSITE = "composite"


@dataclass(frozen=True, slots=True)
class CompositePart:
    """A member of a composite indicator."""

    name: str
    weight: Decimal
    indicator: "Indicator"


@dataclass(frozen=True, slots=True)
class Indicator:
    """How good is told from bad. Which fields count depends on `kind`.

    Queries are PromQL. With `counter`, `good`/`bad`/`total` are selectors of counters, to which the
    range is added, or expressions that say where the range goes with `$window`.
    """

    kind: IndicatorKind
    #: RATIO: `total` and exactly one of `good` and `bad`.
    good: str = ""
    bad: str = ""
    total: str = ""
    counter: bool = True
    #: RAW: `query` is a ratio from 0 to 1, of failures or of successes.
    #: THRESHOLD: a sample of `query` is good when it stands in `op` to `value`.
    query: str = ""
    is_failure: bool = True
    op: Op | None = None
    value: Decimal | None = None
    parts: tuple[CompositePart, ...] = ()
    #: A query of it is MetricsQL, which Prometheus cannot read: one such rule costs it the file.
    metricsql: bool = False

    def is_for(self, engine: Evaluator) -> bool:
        """Return whether an engine can read every query of it."""
        if engine is Evaluator.VMALERT:
            return True
        return not self.metricsql and all(part.indicator.is_for(engine) for part in self.parts)


@dataclass(frozen=True, slots=True)
class CalendarWindow:
    """A window that starts anew: local wall time of one start, the zone, and what it repeats by."""

    starts: datetime  # naive: wall time in `timezone`
    timezone: str
    #: `day`, `week`, `month`, `quarter` or `year`, and how many of them.
    unit: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class TimeSlice:
    """The slice of time that is good or bad as a whole, and the ratio that makes it good."""

    window: timedelta
    target_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    """A service level objective, checked, with the target the catalogue gives it."""

    #: Unique; a DNS label. The short form's is the service's slug.
    slug: str
    title: str
    service: str
    indicator: Indicator
    #: The ordinary target and those of peak windows, in parts per million, as the catalogue has it.
    target_ppm: int
    #: The target period; with `calendar` its nominal length.
    window: timedelta
    peaks: tuple[TargetWindow, ...] = ()
    calendar: CalendarWindow | None = None
    budgeting: Budgeting = Budgeting.OCCURRENCES
    slices: TimeSlice | None = None
    description: str = ""
    #: Tiers of its own (OpenSLO alert policies); empty for the organisation's.
    tiers: tuple[BurnTier, ...] = ()
    #: Names of tiers that it wants left out.
    without: frozenset[str] = frozenset()
    #: Why its target is not the service's availability target; empty when it is.
    target_reason: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    declared_at: str = ""


class AlertSource(StrEnum):
    """What an alert of a team's own looks at."""

    METRICS = "metrics"
    LOGS = "logs"


@dataclass(frozen=True, slots=True)
class OwnAlert:
    """An alert a team declares beside the generated ones."""

    slug: str
    service: str
    #: PromQL, or LogsQL with `stats` for logs.
    expr: str
    severity: AlertSeverity
    summary: str
    runbook_url: str
    lasts: timedelta = timedelta(0)
    description: str = ""
    source: AlertSource = AlertSource.METRICS
    labels: Mapping[str, str] = field(default_factory=dict)
    declared_at: str = ""


@dataclass(frozen=True, slots=True)
class CloudWatchMetric:
    """A CloudWatch metric that a service names, for those whose metrics are there."""

    namespace: str
    bad: str
    total: str
    dimensions: tuple[tuple[str, str], ...] = ()
    region: str = ""
    topic_arn: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """A service as generated telemetry needs it."""

    slug: str
    title: str
    team: str
    team_title: str
    domain: str
    target_ppm: int
    cover: Cover
    exposure_per_hour: Money | None = None
    runbook_url: str = ""
    dashboard_url: str = ""
    #: The rota that answers for it out of hours, by slug, where there is one.
    rota: str = ""
    #: Services it fails with, by slug.
    needs: tuple[str, ...] = ()
    #: The scrape job whose `up` says whether its targets answer; empty: no such alert.
    scrape_job: str = ""
    #: Planned closures, announced in the files.
    closures: tuple[Period, ...] = ()
    cloudwatch: CloudWatchMetric | None = None
    declared_at: str = ""


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything telemetry is generated from, sorted by slug. The same from files and database."""

    organisation: str
    title: str
    currency: str
    rules: TelemetryRules
    #: Andon's own address, for links; and where Alertmanager sends its webhooks.
    andon_url: str
    subjects: tuple[Subject, ...]
    objectives: tuple[Objective, ...]
    alerts: tuple[OwnAlert, ...]
    problems: tuple[DocumentProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class NewChange:
    """A change that a sender tells, to be kept."""

    #: The same however often it is told.
    identity: str
    at: datetime
    summary: str
    source: str
    told_by: str
    service_id: int | None
    service_ref: str
    links: tuple[Mapping[str, str], ...]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KnownChange:
    """A change of a service as pages show it: without secrets."""

    at: datetime
    summary: str
    source: str
    #: The key by which it was told; empty when it was read in metrics.
    told_by: str
    #: (text, address)
    links: tuple[tuple[str, str], ...]
    #: The service by slug and title; None when the catalogue knows none by what the sender wrote.
    service: tuple[str, str] | None
    service_ref: str


@dataclass(frozen=True, slots=True)
class MeasuredObjective:
    """An objective in force with the service it is of, and whose that is."""

    id: int
    slug: str
    document: Mapping[str, Any]
    service: str
    service_title: str
    exposure: Money | None
    team: str
    team_title: str
    domain: str
