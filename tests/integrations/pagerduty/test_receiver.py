"""A captured request of Alertmanager's PagerDuty receiver, and the documented rules of the API."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from andon.alerts.types import Action, KnownKey, Link, Severity, UnreadableRequest
from andon.integrations.pagerduty import receiver

CAPTURED = (Path(__file__).parent / "trigger.json").read_bytes()
KEY = KnownKey(1, "pagerduty", "monitoring", None, None, 1200)


def parse(**changes: Any):
    document = json.loads(CAPTURED) | changes
    document = {name: value for name, value in document.items() if value is not ...}
    (alert,) = receiver.parse(json.dumps(document).encode(), KEY)
    return alert


def payload(**changes: Any) -> dict[str, Any]:
    found = json.loads(CAPTURED)["payload"] | changes
    return {name: value for name, value in found.items() if value is not ...}


def test_the_captured_trigger():
    (alert,) = receiver.parse(CAPTURED, KEY)
    assert alert.action is Action.TRIGGER
    assert alert.dedup_key == "97510b418c30a6bc221ab8cd7f4d49d287215a8f33fc7173ad6f03934114edfb"
    assert alert.summary == "[FIRING:1] HighErrorRate checkout (a critical)"
    assert alert.severity is Severity.CRITICAL
    assert alert.starts_at is None
    assert alert.links == [
        Link("https://runbook", "runbook", "runbook"),
        Link("http://am.example:9093/#/alerts?receiver=r", "Alertmanager", "source"),
    ]
    assert alert.labels["source"] == "Alertmanager"
    assert alert.labels["num_firing"] == "1"


def test_the_captured_resolve_repeats_the_payload():
    alert = parse(event_action="resolve", payload=payload(summary="[RESOLVED] x"))
    assert alert.action is Action.RESOLVE
    assert alert.starts_at is None


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_the_minimal_requests(action):
    body = {"event_action": action, "dedup_key": "db1/disk", "routing_key": "0" * 32}
    (alert,) = receiver.parse(json.dumps(body).encode(), KEY)
    assert (alert.action, alert.dedup_key) == (action, "db1/disk")


def test_the_service_is_named_in_the_details_the_component_or_the_group():
    named = {"component": "db", "group": "prod", "custom_details": {"service": "checkout", "n": 3}}
    alert = parse(payload=payload(**named))
    assert alert.service_ref == "checkout"
    assert alert.labels["n"] == "3"
    assert parse(payload=payload(component="db", group="prod")).service_ref == "db"
    assert parse(payload=payload(group="prod")).service_ref == "prod"


@pytest.mark.parametrize("details", ["a text", None, 7, [1]])
def test_custom_details_may_be_anything(details):
    assert parse(payload=payload(custom_details=details)).action is Action.TRIGGER


@pytest.mark.parametrize("severity", ["CRITICAL", "Critical "])
def test_severities_in_capitals_are_accepted(severity):
    assert parse(payload=payload(severity=severity)).severity is Severity.CRITICAL


def test_an_unknown_severity_pages():
    alert = parse(payload=payload(severity="spicy"))
    assert (alert.severity, alert.labels["source_severity"]) == (Severity.ERROR, "spicy")


def test_a_time_with_offset_and_z_is_read():
    alert = parse(payload=payload(timestamp="2026-01-01T00:00:00+00:00Z"))
    assert alert.starts_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_long_summary_is_cut_and_not_refused():
    assert len(parse(payload=payload(summary="x" * 1025)).summary) == 1024
    assert parse(payload=payload(summary="x" * 1024)).summary == "x" * 1024


def test_keys_of_255_characters_fit_and_256_do_not():
    assert parse(dedup_key="k" * 255).dedup_key == "k" * 255
    with pytest.raises(UnreadableRequest) as caught:
        parse(dedup_key="k" * 256)
    assert caught.value.errors[0][0] == "dedup_key"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"event_action": "explode"}, "event_action"),
        ({"event_action": ...}, "event_action"),
        ({"event_action": ["trigger"]}, "event_action"),
        ({"event_action": "resolve", "dedup_key": ...}, "dedup_key"),
        ({"dedup_key": 7}, "dedup_key"),
        ({"payload": ...}, "payload"),
        ({"payload": "text"}, "payload"),
        ({"payload": payload(summary="  ")}, "payload.summary"),
        ({"payload": payload(source=...)}, "payload.source"),
        ({"payload": payload(severity=...)}, "payload.severity"),
    ],
)
def test_what_the_api_requires_is_named_when_missing(changes, field):
    with pytest.raises(UnreadableRequest) as caught:
        parse(**changes)
    assert [name for name, _ in caught.value.errors] == [field]


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_object_names_no_field(body):
    with pytest.raises(UnreadableRequest) as caught:
        receiver.parse(body, KEY)
    assert caught.value.errors == []


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("short", "Length of 'routing_key' is incorrect (should be 32 characters)"),
        (None, "'routing_key' is missing or blank"),
        (7, "Length of 'routing_key' is incorrect (should be 32 characters)"),
    ],
)
def test_the_routing_key_is_checked_in_the_apis_words(key, text):
    with pytest.raises(UnreadableRequest) as caught:
        receiver.routing_key(receiver.read(json.dumps({"routing_key": key}).encode()))
    assert caught.value.errors == [("routing_key", text)]


def test_a_trigger_without_a_key_gets_one_that_replays_the_same():
    document = json.loads(CAPTURED)
    del document["dedup_key"]
    body = json.dumps(document).encode()
    assert receiver.needs_identity(receiver.read(body))
    assert [one.dedup_key for one in receiver.parse(body, KEY, "made-up")] == ["made-up"]
    assert not receiver.needs_identity(receiver.read(CAPTURED))
    assert receiver.parse(CAPTURED, KEY, "made-up") == receiver.parse(CAPTURED, KEY)


def test_deep_details_are_cut_and_the_event_is_taken():
    nested: dict[str, Any] = {}
    for _ in range(80):
        nested = {"a": nested}
    alert = parse(payload=payload(custom_details=nested))
    assert alert.summary == "[FIRING:1] HighErrorRate checkout (a critical)"
    assert "levels of nesting" in alert.labels["andon_note"]


SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.encode(),
        lambda text: text.replace(SECRET, "\\u0030" + SECRET[1:]).encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-be"),
        lambda text: (text + " trailing").encode(),
    ],
    ids=["plain", "escaped", "utf-16", "utf-16-be", "mended"],
)
def test_the_key_is_masked_and_the_event_says_the_same(write):
    document = json.loads(CAPTURED) | {"routing_key": SECRET}
    document["payload"]["custom_details"] = {"sent with": f"key {SECRET}"}
    body = write(json.dumps(document))
    assert receiver.routing_key(receiver.read(body)) == SECRET
    found = receiver.masked(body, SECRET)
    for encoding in ("ascii", "utf-16-le", "utf-16-be"):
        assert SECRET[6:].encode(encoding) not in found
    (alert,) = receiver.parse(found, KEY)
    assert SECRET[6:] not in str(alert)
    (before,) = receiver.parse(body, KEY)
    assert (alert.dedup_key, alert.summary) == (before.dedup_key, before.summary)


def test_the_key_of_an_unreadable_body_is_found():
    assert receiver.find_key(b'{"a": ,,, "routing_key" : "%s"' % SECRET.encode()) == SECRET
    assert receiver.find_key(b'{"routing_key": "short"') == ""
