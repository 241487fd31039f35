"""Teams and domains with what they hold."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from andon.people.types import Team


class DomainKind(StrEnum):
    """The two accepted ways to group services under one rota."""

    PRODUCT = "product"
    ARCHITECTURAL = "architectural"


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
