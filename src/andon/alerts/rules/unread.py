"""Alerts about what could not be understood: a monitor that cannot say what is wrong has said so.

They are told apart by key and cause, so that a stream of garbage is one alert with a count.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from andon.alerts.rules.normalise import (
    DEFAULT_SEVERITY,
    NOTE,
    cut_dedup_key,
    cut_description,
    cut_line,
    read_severity,
)
from andon.alerts.types import Action, ReceivedAlert, UnreadableRequest

#: So long after alerts were lost it counts as going on. Alertmanager sends what was refused again
#: at its next flush, by default after five minutes.
LOSING = timedelta(hours=1)
#: How the identities begin that Andon makes for alerts of its own: no sender knows them.
OWN = "andon:"
#: Of an unreadable body, as much is shown.
_BEGINNING = 4096
#: And so much to whoever is woken by it.
_SHOWN = 600


def unreadable(body: bytes, name: str, error: UnreadableRequest) -> ReceivedAlert:
    """Return an alert about a body that its receiver cannot read."""
    beginning = body[:_BEGINNING].decode("utf-8", "replace").replace("\x00", "\ufffd")
    return ReceivedAlert(
        action=Action.TRIGGER,
        dedup_key=_identity("unreadable", error.message),
        summary=cut_line(f"Unreadable alert from {name}: {error.message}"),
        severity=DEFAULT_SEVERITY,
        description=_description(error.errors, beginning),
        details={"errors": _errors(error.errors), "beginning": beginning},
    )


def unreadable_entry(entry: object, name: str, why: str) -> ReceivedAlert:
    """Return an alert about one entry of a notification; its resolved entry ends it."""
    known = entry if isinstance(entry, dict) else {}
    identity = known.get("fingerprint")
    return ReceivedAlert(
        action=Action.RESOLVE if known.get("status") == "resolved" else Action.TRIGGER,
        dedup_key=_identity("entry", identity if isinstance(identity, str) else why),
        summary=cut_line(f"Unreadable alert from {name}: {why}"),
        severity=DEFAULT_SEVERITY,
        description=_description((), _text(entry)),
        details={"received": entry},
    )


def unmapped(document: object, name: str, errors: Iterable[tuple[str, str]]) -> ReceivedAlert:
    """Return an alert about an event whose fields are not ours; what it does say is kept.

    With a `dedup_key` of its own it is that alert, so that its resolve finds it.
    """
    known = document if isinstance(document, dict) else {}
    identity, service = known.get("dedup_key"), known.get("service")
    errors = list(errors)
    own = isinstance(identity, str) and bool(identity)
    said = known.get("summary")
    said = f": {said}" if isinstance(said, str) and said else ""
    cause = "; ".join(f"{field}: {why}" for field, why in errors)
    return ReceivedAlert(
        action=Action.TRIGGER,
        dedup_key=cut_dedup_key(str(identity)) if own else _identity("unmapped", cause),
        summary=cut_line(f"Unmapped event from {name}{said}"),
        severity=read_severity(known.get("severity")) or DEFAULT_SEVERITY,
        service_ref=service[:512] if isinstance(service, str) else "",
        description=_description(errors, _text(document)),
        details={"errors": _errors(errors), "received": document},
    )


def is_own(dedup_key: str) -> bool:
    """Return whether an identity was made by Andon, so that no sender can resolve it."""
    return dedup_key.startswith(OWN)


def losing_since(*, last: datetime | None, since: datetime | None, now: datetime) -> datetime:
    """Return when alerts of a key began to be lost, now that they were lost again."""
    return since if last and since and now - last < LOSING else now


def noted(alerts: list[ReceivedAlert], note: str) -> list[ReceivedAlert]:
    """Return alerts of which the first, and the first of each service, carry a note."""
    services: set[str] = set()
    for alert in alerts:
        if alert.service_ref not in services or not services:
            services.add(alert.service_ref)
            before = alert.labels.get(NOTE, "")
            alert.labels = {**alert.labels, NOTE: f"{before} {note}".strip()}
    return alerts


def _description(errors: Iterable[tuple[str, str]], received: str) -> str:
    """Return what is wrong and what came, as far as whoever is woken needs to see it."""
    lines = [f"{field}: {message}" for field, message in list(errors)[:5]]
    received = received[:_SHOWN] + ("…" if len(received) > _SHOWN else "")
    return cut_description("\n".join([*lines, f"It begins: {received}"]))


def _text(document: object) -> str:
    return msgspec.json.encode(document).decode()


def _identity(kind: str, cause: str) -> str:
    digest = hashlib.sha256(cause.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{OWN}{kind}:{digest}"


def _errors(errors: Iterable[tuple[str, str]]) -> list[Mapping[str, Any]]:
    return [{"field": field, "message": message} for field, message in list(errors)[:50]]
