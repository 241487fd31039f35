"""Read generic JSON: for scripts, cron jobs and tools without a receiver of their own."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from andon.alerts import rules
from andon.alerts.ports import Receiver
from andon.alerts.types import (
    Action,
    KnownKey,
    Link,
    ReceivedAlert,
    Understood,
    UnreadableRequest,
)

_TEXTS = ("summary", "dedup_key", "service", "description", "group_key")
_TIMES = ("starts_at", "ends_at")
_FIELDS = {*_TEXTS, *_TIMES, "action", "severity", "links", "labels", "details", "test"}
_ENDS = (Action.ACKNOWLEDGE, Action.RESOLVE)
_LINK_KINDS = {"runbook", "dashboard", "source", "silence", "image", "other"}


@dataclass(frozen=True, slots=True)
class Rejected:
    """An acknowledgement or resolution in a batch that names no alert, and why, field by field."""

    errors: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """An event whose fields are not ours: the alert about it, and what is wrong with it."""

    alert: ReceivedAlert
    errors: list[tuple[str, str]]


Result = ReceivedAlert | Unmapped | Rejected


def alerts_of(results: Iterable[Result]) -> list[ReceivedAlert]:
    """Return the alerts to store of some results."""
    return [
        one.alert if isinstance(one, Unmapped) else one
        for one in results
        if not isinstance(one, Rejected)
    ]


def parse_each(body: bytes, key: KnownKey, identity: str = "") -> list[Result]:
    """Return one result per element of a body, in order: one malformed element rejects no other.

    `identity` is what the request was given when it came, for changes in it that name none. Raises
    UnreadableRequest when no element can be read.
    """
    document = _document(body)
    value = document.value
    elements = value if isinstance(value, list) else [value]
    if not isinstance(value, dict | list):
        wrong = [("body", "expected an object or a list of them")]
        raise UnreadableRequest("The body is not a JSON object", wrong)
    prefix = "[{}]." if isinstance(value, list) else ""
    results = [
        _received(element, key, prefix.format(at), f"{identity}:{at}")
        for at, element in enumerate(elements)
    ]
    refused = [one for one in results if isinstance(one, Rejected)]
    if refused and len(refused) == len(results):
        errors = [error for one in refused for error in one.errors][:50]
        raise UnreadableRequest("The body holds no readable event", errors, is_alarm=False)
    if document.note:
        rules.noted(alerts_of(results), document.note)
    return results


class GenericReceiver(Receiver):
    """Tells its sender what became of each event."""

    # For changes in it that name none.
    gives_identity = True

    def understand(self, *, body: bytes, key: KnownKey, kind: str, identity: str) -> Understood:  # noqa: ARG002
        """Return the events of a body, and what is said of each."""
        results = parse_each(body, key, identity)
        wrong = [e for one in results if not isinstance(one, ReceivedAlert) for e in one.errors]
        return Understood(alerts_of(results), wrong, [_told(one) for one in results])

    def answer(self, *, understood: Understood, kind: str) -> object:  # noqa: ARG002 - its shape
        """Return one entry for each event, in order."""
        events = understood.told
        if understood.error is not None:
            (alert,) = understood.alerts
            told = {"dedup_key": alert.dedup_key, "action": alert.action.value}
            wrong = _listed(understood.error.errors)
            events = [{**told, "status": "unreadable", "errors": wrong}]
        return {"status": "accepted", "events": events}


RECEIVER = GenericReceiver()


def _told(one: Result) -> dict[str, object]:
    told: dict[str, object] = {}
    if isinstance(one, Rejected):
        told["status"] = "rejected"
    else:
        alert = one.alert if isinstance(one, Unmapped) else one
        told = {"dedup_key": alert.dedup_key, "action": alert.action.value}
        if isinstance(one, Unmapped):
            told["status"] = "unmapped"
    if not isinstance(one, ReceivedAlert):
        told["errors"] = _listed(one.errors)
    return told


def _listed(errors: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"field": field, "message": message} for field, message in errors[:50]]


def _document(body: bytes) -> rules.MendedBody:
    start = body.lstrip()[:1]
    if start not in (b"{", b"[") and b"=" in body[:200]:
        form = _form(body)
        if form is not None:
            return rules.MendedBody(form)
    return rules.read_json(body)


def _form(body: bytes) -> dict[str, Any] | None:
    """Return the fields of a form; None when it is none, and may be JSON behind something else."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=200)
    except ValueError:
        return None
    return {name.replace("\x00", "�"): value.replace("\x00", "�") for name, value in pairs}


def _received(element: object, key: KnownKey, prefix: str, own: str) -> Result:
    if not isinstance(element, dict):
        wrong = [((prefix or "body.").rstrip("."), "expected an object")]
        return Unmapped(rules.unmapped(element, key.name, wrong), wrong)
    wrong = _errors(element)
    if wrong:
        errors = [(prefix + name, why) for name, why in wrong]
        if element.get("action") in (*_ENDS, Action.CHANGE):
            return Rejected(errors)
        return Unmapped(rules.unmapped(element, key.name, wrong), errors)
    service = element.get("service") or ""
    labels = _labels(element)
    severity = rules.read_severity(element.get("severity"))
    starts_at, ends_at = _time(element, "starts_at", labels), _time(element, "ends_at", labels)
    summary = rules.cut_line(element.get("summary") or "") or f"Alert from {key.name}"
    action = Action(element.get("action") or "trigger")
    # The same words on two days are two changes, but one alert that is still open.
    default = own if action is Action.CHANGE else _identity(service, summary)
    test = element.get("test") in (True, "true", "1")
    kind, summary = rules.read_kind(summary=summary, labels=labels, test=test)
    return ReceivedAlert(
        action=action,
        dedup_key=rules.cut_dedup_key(element.get("dedup_key") or default),
        summary=summary,
        severity=severity or rules.DEFAULT_SEVERITY,
        starts_at=starts_at,
        ends_at=ends_at,
        service_ref=service[:512],
        description=rules.cut_description(element.get("description") or ""),
        labels=rules.cut_labels(labels),
        links=_links(element.get("links")),
        details=_details(element),
        group_key=(element.get("group_key") or "")[:4096],
        kind=kind,
    )


def _identity(service: str, summary: str) -> str:
    return hashlib.sha256(f"{service}\x00{summary}".encode()).hexdigest()


def _errors(element: dict[str, Any]) -> list[tuple[str, str]]:
    found = [
        (name, "expected a text") for name in _TEXTS if not isinstance(element.get(name) or "", str)
    ]
    action = element.get("action") or "trigger"
    if not isinstance(action, str) or action not in set(Action):
        found.append(("action", "expected trigger, acknowledge, resolve or change"))
    elif action in ("trigger", "change") and not _has_text(element.get("summary")):
        found.append(("summary", "required"))
    elif action in _ENDS and not (element.get("dedup_key") or element.get("summary")):
        found.append(("dedup_key", "required to acknowledge or resolve"))
    return found + _shape_errors(element)


def _shape_errors(element: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    if not isinstance(element.get("labels") or {}, dict):
        found.append(("labels", "expected an object of texts"))
    if not isinstance(element.get("links") or [], list):
        found.append(("links", "expected a list of links"))
    return found


def _has_text(value: object) -> bool:
    # Of another type than text is another error, already named.
    return bool(value) and (not isinstance(value, str) or bool(rules.cut_line(value)))


def _labels(element: dict[str, Any]) -> dict[str, str]:
    labels = {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in (element.get("labels") or {}).items()
    }
    word = element.get("severity")
    if word and rules.read_severity(word) is None:
        labels["source_severity"] = str(word)[:200]
    return labels


def _time(element: dict[str, Any], name: str, labels: dict[str, str]) -> datetime | None:
    try:
        return rules.read_time(element.get(name))
    except rules.UnreadableTime:
        labels["andon_bad_time"] = str(element[name])[:200]
        return None


def _links(given: list[Any] | None) -> list[Link]:
    found: list[Link | None] = []
    for link in given or ():
        if isinstance(link, str):
            found.append(rules.http_link(link, link, "other"))
        elif isinstance(link, dict):
            kind = link.get("kind")
            kind = kind if isinstance(kind, str) and kind in _LINK_KINDS else "other"
            text = link.get("text")
            found.append(
                rules.http_link(link.get("href"), text if isinstance(text, str) else "", kind)
            )
    return rules.tidy_links(found)


def _details(element: dict[str, Any]) -> dict[str, Any]:
    details = element.get("details")
    if details is None:
        details = {}
    elif not isinstance(details, dict):
        details = {"details": details}
    rest = {name: value for name, value in element.items() if name not in _FIELDS}
    return {**rest, **details}
