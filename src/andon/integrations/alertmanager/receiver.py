"""Read what Alertmanager posts to a webhook: version 4 of its format."""

from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from andon.alerts import rules
from andon.alerts.ports import Receiver
from andon.alerts.types import (
    Action,
    KnownKey,
    Link,
    ReceivedAlert,
    Severity,
    Understood,
    UnreadableRequest,
)
from andon.core.words import say_count

# Looking up a member of an enum costs more than a name of this module.
_TRIGGER, _RESOLVE = Action.TRIGGER, Action.RESOLVE
BAD_TIME = "andon_bad_time"
SOURCE_SEVERITY = "source_severity"


class _Alert(Struct, gc=False):
    labels: dict[str, str]
    status: str = ""
    annotations: dict[str, str] = field(default_factory=dict)
    starts_at: str | None = field(default=None, name="startsAt")
    ends_at: str | None = field(default=None, name="endsAt")
    generator_url: str = field(default="", name="generatorURL")
    fingerprint: str = ""


class _Group(Struct, gc=False):
    alerts: list[_Alert]
    common_labels: dict[str, str] = field(default_factory=dict, name="commonLabels")
    external_url: str = field(default="", name="externalURL")
    group_key: str = field(default="", name="groupKey")
    truncated: int = field(default=0, name="truncatedAlerts")


class _Loose(Struct, gc=False):
    """The same with anything in it, for bodies of which some entries are malformed."""

    alerts: Any = UNSET
    common_labels: Any = field(default=None, name="commonLabels")
    external_url: Any = field(default="", name="externalURL")
    group_key: Any = field(default="", name="groupKey")
    truncated: Any = field(default=0, name="truncatedAlerts")


_decode = msgspec.json.Decoder(_Group).decode


def parse(body: bytes, key: KnownKey) -> list[ReceivedAlert]:
    """Return the alerts of one notification; raises UnreadableRequest, which names the field.

    An entry that is malformed becomes an alert that says so, and does not reject the others. A
    body that JSON forbids is mended if it can be, and its alerts say so.
    """
    rules.refuse_too_many_parts(body)
    group = _read(body)
    return _parse_loosely(body, key) if group is None else _all(group)


def parse_ordinary(body: bytes) -> list[ReceivedAlert] | None:
    """Return the alerts of a notification, or None when there is more to say about it than they do.

    That is one that is malformed, or from which alerts were left out: `parse` reads it.
    """
    group = _read(body)
    if group is None or group.truncated:
        return None
    return [_received(alert, group) for alert in group.alerts]


class AlertmanagerReceiver(Receiver):
    """Most of what comes in: ordinary notifications are read on the short way."""

    parse_ordinary = staticmethod(parse_ordinary)

    def understand(self, *, body: bytes, key: KnownKey, kind: str, identity: str) -> Understood:  # noqa: ARG002
        """Return the alerts of a notification."""
        return Understood(parse(body, key))


RECEIVER = AlertmanagerReceiver()


def _read(body: bytes) -> _Group | None:
    try:
        # Text with NUL cannot be stored everywhere; the raw log keeps the body as it came.
        return _decode(body.replace(b"\\u0000", b"\\ufffd"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _all(group: _Group) -> list[ReceivedAlert]:
    return _noted([_received(alert, group) for alert in group.alerts], group)


def _noted(found: list[ReceivedAlert], group: _Group) -> list[ReceivedAlert]:
    if group.truncated <= 0:
        return found
    left_out = say_count(group.truncated, "alert")
    return rules.noted(found, f"Alertmanager left out {left_out} of this group: max_alerts.")


def _received(alert: _Alert, group: _Group) -> ReceivedAlert:
    labels, notes = rules.cut_labels(alert.labels), alert.annotations
    word = labels.get("severity") or labels.get("priority")
    severity = rules.read_severity(word)
    if word and severity is None:
        labels = {**labels, SOURCE_SEVERITY: word}
    starts_at, bad = _time(alert.starts_at)
    resolved = alert.status == "resolved"
    ends_at, bad_end = _time(alert.ends_at) if resolved else (None, "")
    if bad or bad_end:
        labels = {**labels, BAD_TIME: (bad or bad_end)[:200]}
    name = notes.get("summary") or notes.get("title") or notes.get("message")
    summary = rules.cut_line(name or labels.get("alertname", "")) or "Alert from Alertmanager"
    text = notes.get("description") or notes.get("message")
    kind, summary = rules.read_kind(summary=summary, labels=labels)
    return ReceivedAlert(
        action=_RESOLVE if resolved else _TRIGGER,
        dedup_key=rules.cut_dedup_key(alert.fingerprint or rules.fingerprint(alert.labels)),
        summary=summary,
        severity=severity or rules.DEFAULT_SEVERITY,
        starts_at=starts_at,
        ends_at=ends_at,
        service_ref=(labels.get("service") or group.common_labels.get("service", ""))[:512],
        description=rules.cut_description(text) if text else "",
        labels=labels,
        links=[*_links_of(alert, notes, group.external_url)],
        details={"annotations": notes} if notes else {},
        group_key=group.group_key[:4096],
        kind=kind,
    )


def _time(text: str | None) -> tuple[datetime | None, str]:
    try:
        return rules.read_time(text), ""
    except rules.UnreadableTime:
        return None, text or ""


def _links_of(alert: _Alert, notes: dict[str, str], external_url: str) -> tuple[Link, ...]:
    runbook = notes.get("runbook_url") or notes.get("runbook") or ""
    dashboard = notes.get("dashboard_url") or notes.get("dashboard") or ""
    return _links(runbook, dashboard, alert.generator_url, external_url)


@lru_cache(maxsize=2048)
def _links(runbook: str, dashboard: str, source: str, alertmanager: str) -> tuple[Link, ...]:
    found = [
        (runbook, "Runbook", "runbook"),
        (dashboard, "Dashboard", "dashboard"),
        (source, "Source", "source"),
        (alertmanager, "Alertmanager", "source"),
    ]
    links = [rules.http_link(href, text, kind) for href, text, kind in found if href]
    return tuple(rules.tidy_links(links))


def _parse_loosely(body: bytes, key: KnownKey) -> list[ReceivedAlert]:
    document = rules.read_json(body)
    found = _of_document(document.value, key)
    return rules.noted(found, document.note) if document.note else found


def _of_document(document: Any, key: KnownKey) -> list[ReceivedAlert]:
    if not isinstance(document, dict):
        raise UnreadableRequest("The body is not a JSON object", [("body", "expected an object")])
    loose = msgspec.convert(document, _Loose)
    if isinstance(loose.alerts, UnsetType):
        return [_custom(document, key)]
    if not isinstance(loose.alerts, list):
        raise UnreadableRequest("`alerts` is not a list", [("alerts", "expected a list")])
    group = _Group(
        alerts=[],
        common_labels=_texts(loose.common_labels),
        external_url=_text(loose.external_url),
        group_key=_text(loose.group_key),
        truncated=loose.truncated if isinstance(loose.truncated, int) else 0,
    )
    return _noted([_entry(entry, group, key) for entry in loose.alerts], group)


def _entry(entry: object, group: _Group, key: KnownKey) -> ReceivedAlert:
    """Return the alert of an entry, or one about it: dropping it could drop a page."""
    if not isinstance(entry, dict):
        return rules.unreadable_entry(entry, key.name, "an entry of `alerts` is no object")
    labels = entry.get("labels")
    if not isinstance(labels, dict) or not labels:
        return rules.unreadable_entry(entry, key.name, "it has no labels")
    alert = _Alert(
        labels=_texts(labels),
        status=_text(entry.get("status")),
        annotations=_texts(entry.get("annotations")),
        starts_at=_text(entry.get("startsAt")),
        ends_at=_text(entry.get("endsAt")),
        generator_url=_text(entry.get("generatorURL")),
        fingerprint=_text(entry.get("fingerprint")),
    )
    return _received(alert, group)


def _custom(document: dict[str, Any], key: KnownKey) -> ReceivedAlert:
    """Read a body whose shape its owner made (`payload`, since 0.32), by our generic names."""
    summary = document.get("summary") or document.get("title") or document.get("message")
    if not isinstance(summary, str) or not rules.cut_line(summary):
        wrong = [("alerts", "required, or a summary")]
        return rules.unmapped(document, key.name, wrong)
    service = _text(document.get("service"))
    identity = _text(document.get("dedup_key")) or f"{service}\x00{summary}"
    done = _text(document.get("action") or document.get("status")) in ("resolve", "resolved")
    severity: Severity | None = rules.read_severity(document.get("severity"))
    labels, line = rules.cut_labels(_texts(document.get("labels"))), rules.cut_line(summary)
    kind, line = rules.read_kind(summary=line, labels=labels)
    return ReceivedAlert(
        action=Action.RESOLVE if done else Action.TRIGGER,
        dedup_key=rules.cut_dedup_key(identity),
        summary=line,
        severity=severity or rules.DEFAULT_SEVERITY,
        service_ref=service[:512],
        labels=labels,
        details=document,
        kind=kind,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> dict[str, str]:
    """Return a map of texts from what should be one; numbers and the like are written out."""
    if not isinstance(value, dict):
        return {}
    return {
        name: item if isinstance(item, str) else msgspec.json.encode(item).decode()
        for name, item in value.items()
    }
