"""What a body comes to, by where it was posted: alerts to store, and what its sender is told.

What no receiver understands becomes an alert about that. The same is made of a stored body when it
is replayed, so that the raw log says all there is to say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from andon.alerts import rules
from andon.alerts.ports import Ordinary, Receiver
from andon.alerts.types import (
    KEY_KINDS,
    KeyFault,
    KeyKind,
    KnownKey,
    RawRequest,
    ReceivedAlert,
    Understood,
    UnreadableRequest,
)
from andon.integrations import registry


@dataclass(frozen=True, slots=True, eq=False)
class Entrance:
    """Where senders of a kind post, and who reads it."""

    kind: KeyKind
    #: How the raw log calls what comes by it.
    name: str
    receiver: Receiver
    #: Reads an ordinary body that is answered without one; None where every answer has one.
    ordinary: Callable[[bytes], list[ReceivedAlert] | None] | None


@cache
def entrances() -> dict[str, Entrance]:
    """Return where Andon is posted to, by path without a slash at its end; made once."""
    found = {}
    for kind in KEY_KINDS:
        receiver = registry.receiver(kind.name)
        ordinary = receiver.parse_ordinary if isinstance(receiver, Ordinary) else None
        for path, name in kind.doors:
            found[path] = Entrance(kind, name, receiver, ordinary)
    return found


@cache
def _by_name() -> dict[str, Entrance]:
    return {one.name: one for one in entrances().values()}


def understand(kind: str, body: bytes, key: KnownKey, identity: str = "") -> Understood:
    """Return what a body of a kind comes to; `identity` is what Andon gave an event without one."""
    receiver = _by_name()[kind].receiver
    try:
        return receiver.understand(body=body, key=key, kind=kind, identity=identity)
    except UnreadableRequest as error:
        found = [rules.unreadable(body, key.name, error)] if error.is_alarm else []
        return Understood(found, error=error)


def parse(raw: RawRequest, key: KnownKey) -> list[ReceivedAlert]:
    """Return the alerts of a stored request, as replaying needs them."""
    return understand(raw.kind, raw.body, key, raw.identity).alerts


def fault(understood: Understood, key: KnownKey, body: bytes) -> KeyFault | None:
    """Return what to show as a fault of the key, if anything was out of the ordinary."""
    if understood.error is not None:
        return KeyFault(key.id, "unreadable", understood.error.why, body)
    if understood.wrong:
        why = UnreadableRequest("Some events could not be read", understood.wrong).why
        return KeyFault(key.id, "unmapped", why, body)
    notes = {one.labels[rules.NOTE]: None for one in understood.alerts if rules.NOTE in one.labels}
    return KeyFault(key.id, "note", " ".join(notes)) if notes else None
