"""The values telemetry speaks in: generated rules, dashboards and files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
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
class Group:
    """Rules that are evaluated together, in order."""

    name: str
    interval: timedelta
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A generated file: its path inside the output folder, with `/`, and what stands in it."""

    path: str
    text: str
