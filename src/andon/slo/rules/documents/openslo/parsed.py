"""OpenSLO's objects, read and checked in themselves; references still to be followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from andon.slo.rules.documents.openslo.node import Duration, Mapped
from andon.slo.types import Budgeting, Op


@dataclass(frozen=True, slots=True)
class Metadata:
    """What every object has."""

    name: str
    display: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """A query, and where it is to be asked. `spec` is whatever its data source reads."""

    node: Mapped
    type: str
    ref: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """`ratioMetric`."""

    node: Mapped
    counter: bool
    good: Source | None
    bad: Source | None
    total: Source | None
    raw: Source | None
    raw_type: str


@dataclass(frozen=True, slots=True)
class Sli:
    """An indicator, on its own or inside an SLO. One of the two metrics."""

    node: Mapped
    name: str
    ratio: Ratio | None
    threshold: Source | None


@dataclass(frozen=True, slots=True)
class AlertCondition:
    """An `AlertCondition`."""

    node: Mapped
    name: str
    severity: str
    op: Op | None
    threshold: Decimal | None
    lookback: Duration | None
    after: Duration | None


@dataclass(frozen=True, slots=True)
class Policy:
    """An `AlertPolicy`; its condition is there or referred to."""

    node: Mapped
    name: str
    when_breaching: bool
    condition: AlertCondition | None
    #: The node that holds the reference, for its problems.
    condition_ref: Mapped | None
    target_refs: tuple[Mapped, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """One of an SLO's `objectives`. `target` is a share from 0 up to 1."""

    node: Mapped
    display: str
    op: Op | None
    value: Decimal | None
    target: Decimal | None
    slice_target: Decimal | None
    slice_window: Duration | None
    sli: Sli | None
    sli_ref: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Window:
    """`timeWindow[0]`: rolling, or repeating from a wall time in a zone."""

    node: Mapped
    duration: Duration | None
    starts: datetime | None
    timezone: str


@dataclass(frozen=True, slots=True)
class Slo:
    """An `SLO`."""

    node: Mapped
    metadata: Metadata
    description: str
    service: str
    budgeting: Budgeting | None
    window: Window | None
    goals: tuple[Goal, ...]
    sli: Sli | None
    sli_ref: str
    policies: tuple[Policy, ...]
    policy_refs: tuple[Mapped, ...]

    @property
    def is_composite(self) -> bool:
        """Return whether its objectives bring indicators of their own."""
        return any(goal.sli or goal.sli_ref for goal in self.goals)


@dataclass(frozen=True, slots=True)
class Read:
    """Everything that OpenSLO documents hold, by name."""

    slos: Mapping[str, Slo]
    slis: Mapping[str, Sli]
    policies: Mapping[str, Policy]
    conditions: Mapping[str, AlertCondition]
    targets: Mapping[str, Mapped]
    #: The type of each data source.
    sources: Mapping[str, str]
    services: Mapping[str, Mapped]
