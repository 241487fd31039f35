"""The values telemetry speaks in: generated rules, dashboards and files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Board(StrEnum):
    """What a generated dashboard is about; short, because its uid must be."""

    SERVICE = "s"
    TEAM = "t"
    DOMAIN = "d"
    ORGANISATION = "org"


@dataclass(frozen=True, slots=True)
class Rule:
    """A recording or an alerting rule."""

    name: str
    expr: str
    is_alert: bool = False
    lasts: timedelta = timedelta(0)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that are evaluated together, in order."""

    name: str
    interval: timedelta
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A generated file: its path inside the output folder, with `/`, and what stands in it."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class RolloutStep:
    """What was found out about one tool while files were brought into force."""

    tool: str
    words: str
    ok: bool


@dataclass(frozen=True, slots=True)
class RolloutRow:
    """One attempt to bring generated files into force."""

    at: datetime
    by: str
    digest: str
    #: `applied`, `rolled-back` or `refused`; `unproven` when there is nothing to go back to.
    outcome: str
    steps: tuple[RolloutStep, ...]
    took_ms: int


@dataclass(frozen=True, slots=True)
class RuleRow:
    """How a live alerting rule behaves, as its engine tells."""

    engine: str
    name: str
    service: str
    error: str
    seen_since: datetime
    firing_since: datetime | None
