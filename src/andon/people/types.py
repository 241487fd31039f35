"""The values this package speaks in."""

from dataclasses import dataclass
from enum import StrEnum


class ContactKind(StrEnum):
    """How a person can be reached. One transport under `integrations/` answers for each kind."""

    EMAIL = "email"
    NTFY = "ntfy"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Contact:
    """One address of one person, in the order they want to be reached."""

    kind: ContactKind
    address: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person as paging and the rotas know them."""

    id: int
    slug: str
    name: str
    timezone: str
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """A team that owns services."""

    id: int
    slug: str
    title: str
