"""The values this package speaks in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from andon.core.addresses import AddressForm
from andon.core.kinds import Kinds


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds before the second and each further attempt; there are no more attempts than that."""

    #: Of messages that page somebody.
    pages: tuple[float, ...]
    #: Of those that tell of a recovery or an override.
    notices: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ContactKind:
    """How a person can be reached: all that is known of it outside its folder in `integrations`."""

    #: As rows, catalogues and metrics have it.
    name: str
    #: What a message is called, and several.
    one: str
    many: str
    #: What an address is, for whoever writes one.
    what: str
    form: AddressForm
    #: Threads that send at the same time.
    workers: int
    delays: Delays
    #: Wakes whoever sleeps.
    rings: bool = True
    #: A server that everybody's messages leave by: what it refuses is nobody's address.
    shared: bool = True
    #: What all messages leave by, where that is one server; else each address names its own.
    server: str = ""
    #: Shows a link that can be opened, so that a page can be acknowledged from it.
    carries_link: bool = True
    #: Knowing an address opens nothing: it is shown whole where people are listed.
    is_public: bool = False
    #: Addresses are the same in any case.
    is_case_blind: bool = False


#: Every kind there is. `andon.integrations` declares them, before anything else is done.
CONTACT_KINDS = Kinds[ContactKind]("kind of contact")
#: The kind of the addresses in an organisation's directory: sign-in links go to no other.
EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Contact:
    """One address of one person, in the order they want to be reached."""

    kind: str
    #: Whole only where something is sent to it (`people.rules.listed`); never in a traceback.
    address: str = field(repr=False)
    #: None for one that is no person's, such as the fallback.
    id: int | None = field(default=None, compare=False)

    @property
    def mailto(self) -> str:
        """Return the link that writes to it, where it is a mail address."""
        return f"mailto:{self.address}" if self.kind == EMAIL else ""


@dataclass(frozen=True, slots=True)
class ContactMethod:
    """An address of a person as a page lists it, and why it does not work, if it does not."""

    id: int
    kind: str
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
class StoredEntity:
    """A person or a team as it is stored, to be compared with what the files declare."""

    id: int
    slug: str
    columns: Mapping[str, Any] = field(repr=False)
    #: A person's addresses from the files, a team's members.
    linked: tuple[str, ...] = field(repr=False)
    is_retired: bool


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A person as programs list them: how they are reached is there, and opens nothing."""

    slug: str
    name: str
    timezone: str
    teams: tuple[Team, ...]
    contacts: tuple[ContactMethod, ...]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A line of the list of people."""

    slug: str
    name: str
    timezone: str
    teams: tuple[Team, ...]


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
