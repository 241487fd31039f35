"""Read PagerDuty Events API v2 requests, so that a sender need only change its URL."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field

from andon.alerts import rules
from andon.alerts.ports import KeyInBody
from andon.alerts.types import (
    Action,
    KnownKey,
    Link,
    ReceivedAlert,
    Severity,
    Understood,
    UnreadableRequest,
)
from andon.core import masking
from andon.integrations.pagerduty import refusals
from andon.integrations.pagerduty.kind import CHANGE

ROUTING_KEY_LENGTH = 32
MAX_DEDUP_KEY = 255
_SEVERITIES = "critical, error, warning or info"


class Envelope(Struct, gc=False):
    """One request, its parts not yet checked: each wrong one must be named in the answer."""

    routing_key: Any = None
    event_action: Any = None
    dedup_key: Any = None
    payload: Any = None
    images: Any = None
    links: Any = None
    client: Any = None
    client_url: Any = None


class _Payload(Struct, gc=False):
    summary: Any = None
    source: Any = None
    severity: Any = None
    timestamp: Any = None
    component: Any = None
    group: Any = None
    kind: Any = field(default=None, name="class")
    custom_details: Any = None


_decode = msgspec.json.Decoder(Envelope).decode
#: Finds the key in a body that cannot be read, or not to its end.
KEY_PATTERN = re.compile(rb'"routing_key"\s{0,20}:\s{0,20}"([0-9a-zA-Z]{32})"')


@dataclass(frozen=True, slots=True)
class Event:
    """A decoded request, and what had to be mended to read it, in words."""

    envelope: Envelope
    note: str = ""


def read(body: bytes) -> Event:
    """Decode a request. Raises UnreadableRequest without fields when it is not a JSON object."""
    try:
        envelope = _decode(body.replace(b"\\u0000", b"\\ufffd"))
        if rules.depth([envelope.payload]) <= rules.MAX_DEPTH:
            return Event(envelope)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    try:
        document = rules.read_json(body)
    except UnreadableRequest as error:
        raise UnreadableRequest("Event object format is unrecognized") from error
    if not isinstance(document.value, dict):
        raise UnreadableRequest("Event object format is unrecognized")
    return Event(msgspec.convert(document.value, Envelope), document.note)


def routing_key(event: Event) -> str:
    """Return the key a request carries. Raises UnreadableRequest with the API's own words."""
    key = event.envelope.routing_key
    if key is None or key == "":
        raise _invalid([("routing_key", "'routing_key' is missing or blank")])
    if not isinstance(key, str) or len(key) != ROUTING_KEY_LENGTH:
        wrong = "Length of 'routing_key' is incorrect (should be 32 characters)"
        raise _invalid([("routing_key", wrong)])
    return key


def find_key(body: bytes) -> str:
    """Return the key that stands in a body which cannot be read; empty when there is none."""
    found = KEY_PATTERN.search(body)
    return found.group(1).decode() if found else ""


def masked(body: bytes, secret: str) -> bytes:
    """Return a body without its key, for the raw log: the id of the key is kept beside it.

    All else stays as it came, unless the key was written with escapes.
    """
    found = masking.secret(body, plain=secret)
    try:
        if read(found).envelope.routing_key != secret:
            return found
        document = rules.read_json(found).value
    except UnreadableRequest:
        return found
    return masking.secret(msgspec.json.encode(document), plain=secret)


def needs_identity(event: Event) -> bool:
    """Return whether it is a trigger that names no identity, so that it must be given one.

    One made from the text would fold a new problem into an old alert that nobody can resolve, since
    nobody knows its key.
    """
    envelope = event.envelope
    return envelope.dedup_key in (None, "") and envelope.event_action == Action.TRIGGER


def parse(body: bytes, key: KnownKey, identity: str = "") -> list[ReceivedAlert]:
    """Return the one event of a request; raises UnreadableRequest, which names each wrong field.

    `identity` is what a trigger that names none was given when it came.
    """
    event = read(body)
    found = [_received(event.envelope, body, key, identity)]
    return rules.noted(found, event.note) if event.note else found


def parse_change(body: bytes, identity: str = "") -> list[ReceivedAlert]:
    """Return what a change event tells; raises UnreadableRequest, which names each wrong field.

    One that names no time was told at a time of its own: `identity` is what it was given when it
    came. No page is lost with one that cannot be read.
    """
    try:
        event = read(body)
    except UnreadableRequest as error:
        raise UnreadableRequest(error.message, is_alarm=False) from error
    payload = _payload(event.envelope.payload)
    if not isinstance(payload.summary, str) or not rules.cut_line(payload.summary):
        wrong = "'payload.summary' is missing or blank"
        raise _invalid([("payload.summary", wrong)], is_alarm=False)
    stamp, bad = _time(payload.timestamp)
    own = identity if stamp is None else ""
    found = [
        ReceivedAlert(
            action=Action.CHANGE,
            dedup_key=own or hashlib.sha256(body).hexdigest(),
            summary=rules.cut_line(payload.summary),
            severity=Severity.INFO,
            starts_at=stamp,
            service_ref=_service(payload.custom_details, payload),
            labels=rules.cut_labels(_labels(event.envelope, payload, bad)),
            links=_links(event.envelope),
        )
    ]
    return rules.noted(found, event.note) if event.note else found


class PagerDutyReceiver(KeyInBody):
    """Answers as Events API v2 does, with what it documents."""

    key_pattern = KEY_PATTERN

    def opened(self, *, body: bytes, kind: str) -> tuple[str, bool]:
        """Return the routing key; of a body that cannot be read, what looks like one."""
        try:
            event = read(body)
            return routing_key(event), kind == CHANGE or needs_identity(event)
        except UnreadableRequest as error:
            secret = find_key(body)
            if error.errors or not secret:
                raise
            return secret, False

    def masked(self, *, body: bytes, secret: str) -> bytes:
        """Return a body without its routing key."""
        return masked(body, secret)

    def understand(self, *, body: bytes, key: KnownKey, kind: str, identity: str) -> Understood:
        """Return the event or the change of a request."""
        if kind == CHANGE:
            return Understood(parse_change(body, identity))
        return Understood(parse(body, key, identity))

    def answer(self, *, understood: Understood, kind: str) -> object:
        """Return what its API answers to an event that is taken.

        Raises UnreadableRequest for one that is stored as an alert about it: its documented
        contract says that who sent it is told which fields are wrong.
        """
        if understood.error is not None and understood.error.errors:
            raise understood.error
        if kind == CHANGE:
            return {"status": "success", "message": "Change event processed"}
        (alert,) = understood.alerts
        said = "Event processed"
        if understood.error:
            said = "Event stored, but it is no JSON object"
        return {"status": "success", "message": said, "dedup_key": alert.dedup_key}

    def refusal(
        self, *, status: int, code: str, title: str, errors: list[tuple[str, str]]
    ) -> dict[str, object]:
        """Return the shapes of its API; those of 413 and of an unknown key are not documented."""
        return refusals.worded(status=status, code=code, title=title, errors=errors)


RECEIVER = PagerDutyReceiver()


def _received(envelope: Envelope, body: bytes, key: KnownKey, identity: str) -> ReceivedAlert:
    action = _action(envelope)
    payload = _payload(envelope.payload)
    errors = _errors(envelope, payload, action)
    if errors:
        # A page may be lost with a malformed trigger, none with a malformed end.
        ends = action in (Action.ACKNOWLEDGE, Action.RESOLVE)
        raise _invalid(errors, is_alarm=not ends)
    assert action is not None  # noqa: S101 - _errors has refused it
    stamp, bad = _time(payload.timestamp)
    details = payload.custom_details
    labels = _labels(envelope, payload, bad)
    severity = rules.read_severity(payload.severity)
    if payload.severity and severity is None:
        labels["source_severity"] = _text(payload.severity)
    summary = rules.cut_line(_text(payload.summary)) or f"Alert from {key.name}"
    kind, summary = rules.read_kind(summary=summary, labels=labels)
    dedup_key = envelope.dedup_key or identity or hashlib.sha256(body).hexdigest()
    return ReceivedAlert(
        action=action,
        dedup_key=rules.cut_dedup_key(dedup_key),
        summary=summary,
        severity=severity or rules.DEFAULT_SEVERITY,
        starts_at=stamp if action is Action.TRIGGER else None,
        ends_at=stamp if action is Action.RESOLVE else None,
        service_ref=_service(details, payload),
        labels=rules.cut_labels(labels),
        links=_links(envelope),
        details={"custom_details": details} if details is not None else {},
        kind=kind,
    )


def _invalid(errors: list[tuple[str, str]], *, is_alarm: bool = True) -> UnreadableRequest:
    return UnreadableRequest("Event object is invalid", errors, is_alarm=is_alarm)


def _action(envelope: Envelope) -> Action | None:
    """Return what an event asks for; a change has an address of its own."""
    try:
        found = Action(envelope.event_action)
    except ValueError:
        return None
    return None if found is Action.CHANGE else found


def _payload(value: object) -> _Payload:
    return msgspec.convert(value, _Payload) if isinstance(value, dict) else _Payload()


def _errors(envelope: Envelope, payload: _Payload, action: Action | None) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if action is None:
        wrong = "'event_action' must be one of trigger, acknowledge or resolve"
        found.append(("event_action", wrong))
    found += _identity_errors(envelope.dedup_key, required=action not in (None, Action.TRIGGER))
    if action is Action.TRIGGER:
        found += _trigger_errors(envelope.payload, payload)
    return found


def _identity_errors(value: object, *, required: bool) -> list[tuple[str, str]]:
    if value in (None, ""):
        wrong = "'dedup_key' is missing or blank"
        return [("dedup_key", wrong)] if required else []
    if not isinstance(value, str):
        return [("dedup_key", "'dedup_key' must be a string")]
    if len(value) > MAX_DEDUP_KEY:
        return [("dedup_key", "'dedup_key' is too long (maximum is 255 characters)")]
    return []


def _trigger_errors(given: object, payload: _Payload) -> list[tuple[str, str]]:
    if not isinstance(given, dict):
        return [("payload", "'payload' is missing or blank")]
    found = []
    for name in ("summary", "source", "severity"):
        value = getattr(payload, name)
        if not isinstance(value, str) or not value.strip():
            found.append((f"payload.{name}", f"'payload.{name}' is missing or blank"))
    word = payload.severity
    # An unknown word pages at the default severity: refusing it would lose the alert.
    if isinstance(word, str) and len(word) > 1024:
        found.append(("payload.severity", f"'payload.severity' must be one of {_SEVERITIES}"))
    return found


def _time(value: object) -> tuple[datetime | None, str]:
    try:
        return rules.read_time(value), ""
    except rules.UnreadableTime:
        return None, _text(value) or "not a text"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _scalar(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return msgspec.json.encode(value).decode()
    return None


def _labels(envelope: Envelope, payload: _Payload, bad_time: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    details = payload.custom_details
    if isinstance(details, dict):
        for name, value in details.items():
            text = _scalar(value)
            if text is not None:
                labels[name] = text
    own = {
        "source": payload.source,
        "component": payload.component,
        "group": payload.group,
        "class": payload.kind,
        "client": envelope.client,
    }
    labels.update({name: value for name, value in own.items() if isinstance(value, str) and value})
    if bad_time:
        labels["andon_bad_time"] = bad_time[:200]
    return labels


def _service(details: object, payload: _Payload) -> str:
    named = details.get("service") if isinstance(details, dict) else None
    return (_text(named) or _text(payload.component) or _text(payload.group))[:512]


def _links(envelope: Envelope) -> list[Link]:
    found: list[Link | None] = []
    links = envelope.links if isinstance(envelope.links, list) else []
    found.extend(
        _link(_text(link.get("href")), _text(link.get("text")))
        for link in links
        if isinstance(link, dict)
    )
    found.append(rules.http_link(envelope.client_url, _text(envelope.client) or "Source", "source"))
    images = envelope.images if isinstance(envelope.images, list) else []
    found.extend(
        rules.http_link(image.get("src"), _text(image.get("alt")), "image")
        for image in images
        if isinstance(image, dict)
    )
    return rules.tidy_links(found)


def _link(href: str, text: str) -> Link | None:
    kind = "runbook" if "runbook" in (href + text).lower() else "other"
    return rules.http_link(href, text or href, kind)
