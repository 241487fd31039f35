"""The values this package speaks in."""

from dataclasses import dataclass, field
from datetime import datetime
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
    #: Whole only where something is sent to it (`people.rules.listed`); never in a traceback.
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ContactMethod:
    """An address of a person as a page lists it, and why it does not work, if it does not."""

    kind: ContactKind
    address: str
    fault: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person as paging and the rotas know them."""

    id: int
    slug: str
    name: str
    timezone: str
    contacts: tuple[Contact, ...] = ()
    #: Addresses that were refused before. Used only for a page that reached nobody otherwise.
    marked: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """A team that owns services."""

    id: int
    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A person as programs list them: how they are reached is there, and opens nothing."""

    slug: str
    name: str
    timezone: str
    teams: tuple[Team, ...]
    contacts: tuple[ContactMethod, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A key for the REST API as people list it: never the key itself, only how it begins."""

    id: int
    name: str
    hint: str
    #: False for a key of the organisation, which acts for nobody.
    personal: bool
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody whom a session or a key stands for: who they are, and what they may do."""

    id: int
    slug: str
    name: str
    timezone: str
    is_staff: bool


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A key for the REST API that opens it now, and whom it acts for."""

    name: str
    hint: str
    #: None for a key of the organisation.
    person: SignedIn | None


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key for the REST API as whoever runs this installation lists it, with whose it is."""

    key: Key
    #: Their slug; None for a key of the organisation.
    person: str | None
    is_administrator: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as their own page shows them, also after they have left."""

    id: int
    slug: str
    name: str
    timezone: str
    is_active: bool
    has_password: bool


class Door(StrEnum):
    """What somebody tries to come in by; each is counted apart."""

    PASSWORD = "password"  # noqa: S105 - a word, none itself
    #: Asking for a sign-in link by mail.
    LINK = "link"


class LinkPurpose(StrEnum):
    """What a link that opens an account is for."""

    #: Makes the first administrator, whoever that will be.
    SET_UP = "set-up"
    #: Signs one person in.
    SIGN_IN = "sign-in"


@dataclass(frozen=True, slots=True)
class Named:
    """An active person by all that they may call themselves when they sign in."""

    slug: str
    name: str
    #: Theirs in the directory, and those that messages go to.
    emails: tuple[str, ...] = ()

    def is_called(self, text: str) -> bool:
        """Return whether a text is all of what they are called, in any case."""
        plain = " ".join(text.split()).casefold()
        called = (self.slug, " ".join(self.name.split()), *self.emails)
        return plain in {one.casefold() for one in called}


@dataclass(frozen=True, slots=True)
class DoorLink:
    """A link that opens an account once, for a while."""

    purpose: LinkPurpose
    #: Slug and name of whom it signs in; empty in a set-up link.
    person: str
    name: str
    expires_at: datetime
    #: Since when it opens nothing: it was used, or another was.
    ended_at: datetime | None
    #: Where it leads afterwards, a path of the portal; empty for the first page.
    next_path: str = ""


@dataclass(frozen=True, slots=True)
class SignInTry:
    """A try to sign in that has not succeeded, as far as limits go."""

    at: datetime
    #: As it was typed, in lower case; nobody need be called that.
    name: str
    #: Where it came from (`rules.network_of`).
    network: str
    #: A browser in which this name has signed in before; empty for any other.
    device: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A try to sign in is refused until an instant, and why, in words."""

    until: datetime
    reason: str
