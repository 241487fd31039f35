"""What a body comes to, by the kind of its key: alerts to store, and what its sender is told.

What no receiver understands becomes an alert about that. The same is made of a stored body when it
is replayed, so that the raw log says all there is to say.
"""

from dataclasses import dataclass, field

import msgspec

from andon.alerts import rules
from andon.alerts.types import Fault, Key, KeyKind, RawRequest, ReceivedAlert, UnreadableRequest
from andon.integrations.alertmanager import receiver as alertmanager
from andon.integrations.generic import receiver as generic
from andon.integrations.pagerduty import receiver as pagerduty

#: How the raw log names a change event of PagerDuty's API, which no field of it tells.
CHANGE = "pagerduty_change"


@dataclass(slots=True)
class Understood:
    """What a body came to."""

    alerts: list[ReceivedAlert]
    #: Why its receiver cannot read it.
    error: UnreadableRequest | None = None
    #: One for each event of a generic body.
    results: list[generic.Result] = field(default_factory=list)

    @property
    def is_lost(self) -> bool:
        """Return whether there is nothing to store: a malformed end, which takes no page away."""
        return self.error is not None and not self.alerts

    def fault(self, key: Key, body: bytes) -> Fault | None:
        """Return what to show as a fault of the key, if anything was out of the ordinary."""
        if self.error is not None:
            return Fault(key.id, "unreadable", self.error.why, body)
        wrong = [
            e for one in self.results if not isinstance(one, ReceivedAlert) for e in one.errors
        ]
        if wrong:
            why = UnreadableRequest("Some events could not be read", wrong).why
            return Fault(key.id, "unmapped", why, body)
        notes = {one.labels[rules.NOTE]: None for one in self.alerts if rules.NOTE in one.labels}
        return Fault(key.id, "note", " ".join(notes)) if notes else None


def understand(kind: str, body: bytes, key: Key, identity: str = "") -> Understood:
    """Return what a body of a kind comes to; `identity` is what Andon gave an event without one."""
    try:
        if kind == CHANGE:
            return Understood(pagerduty.parse_change(body, identity))
        if kind == KeyKind.GENERIC:
            results = generic.parse_each(body, key, identity)
            return Understood(generic.alerts_of(results), results=results)
        if kind == KeyKind.PAGERDUTY:
            return Understood(pagerduty.parse(body, key, identity))
        return Understood(alertmanager.parse(body, key))
    except UnreadableRequest as error:
        found = [rules.unreadable(body, key.name, error)] if error.is_alarm else []
        return Understood(found, error)


def parse(raw: RawRequest, key: Key) -> list[ReceivedAlert]:
    """Return the alerts of a stored request, as replaying needs them."""
    return understand(raw.kind, raw.body, key, raw.identity).alerts


def generic_answer(understood: Understood) -> bytes:
    """Return what the sender of generic events is told: one entry for each, in order."""
    events: list[dict[str, object]] = []
    for one in understood.results:
        told: dict[str, object] = {}
        if isinstance(one, generic.Rejected):
            told["status"] = "rejected"
        else:
            alert = one.alert if isinstance(one, generic.Unmapped) else one
            told = {"dedup_key": alert.dedup_key, "action": alert.action.value}
            if isinstance(one, generic.Unmapped):
                told["status"] = "unmapped"
        if not isinstance(one, ReceivedAlert):
            told["errors"] = _errors(one.errors)
        events.append(told)
    if understood.error is not None:
        (alert,) = understood.alerts
        told = {"dedup_key": alert.dedup_key, "action": alert.action.value, "status": "unreadable"}
        events.append({**told, "errors": _errors(understood.error.errors)})
    return msgspec.json.encode({"status": "accepted", "events": events})


def pagerduty_answer(understood: Understood) -> bytes:
    """Return what the sender of an event is told once it is stored."""
    (alert,) = understood.alerts
    said = "Event stored, but it is no JSON object" if understood.error else "Event processed"
    return msgspec.json.encode({"status": "success", "message": said, "dedup_key": alert.dedup_key})


def change_answer() -> bytes:
    """Return what the sender of a change event is told once it is stored."""
    return msgspec.json.encode({"status": "success", "message": "Change event processed"})


def _errors(errors: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"field": field, "message": message} for field, message in errors[:50]]
