"""What alerts need from outside: somebody who reads what senders post."""

import re
from typing import Protocol, runtime_checkable

from andon.alerts.types import KnownKey, ReceivedAlert, Understood


class Receiver(Protocol):
    """Reads what the senders of a kind post, and says what they are told.

    Pure: no clock, no chance, no database. `kind` is the name under which the raw log keeps what
    came by one of its paths.
    """

    #: Every request is given an identity, for what in it names none.
    gives_identity: bool = False

    def understand(self, *, body: bytes, key: KnownKey, kind: str, identity: str) -> Understood:
        """Return what a body comes to. Raises UnreadableRequest, which names the field.

        `identity` is what Andon gave an event that names none; empty where none was needed.
        """
        ...

    def answer(self, *, understood: Understood, kind: str) -> object:  # noqa: ARG002 - its shape
        """Return what its sender is told as JSON once it is stored; None: nothing."""
        return None

    def refusal(
        self,
        *,
        status: int,  # noqa: ARG002 - its shape
        code: str,  # noqa: ARG002 - its shape
        title: str,  # noqa: ARG002 - its shape
        errors: list[tuple[str, str]],  # noqa: ARG002 - its shape
    ) -> dict[str, object] | None:
        """Return how its API words a refusal; None: as a problem document."""
        return None


@runtime_checkable
class Ordinary(Protocol):
    """A receiver whose ordinary requests are answered without a body, by the thousand."""

    def parse_ordinary(self, body: bytes) -> list[ReceivedAlert] | None:
        """Return the alerts of a body; None where there is more to say about it than they do."""
        ...


class KeyInBody(Receiver, Protocol):
    """A receiver whose senders write their key into the body, and expect answers of their own."""

    #: Finds the key, as its first group, in a body that cannot be read, or not to its end.
    key_pattern: re.Pattern[bytes]

    def opened(self, *, body: bytes, kind: str) -> tuple[str, bool]:
        """Return the key of a body, and whether what it says must be given an identity.

        Raises UnreadableRequest, in the API's own words, for one without a key.
        """
        ...

    def masked(self, *, body: bytes, secret: str) -> bytes:
        """Return a body without its key, for the raw log: the id of the key is kept beside it."""
        ...
