"""Generic JSON: the documented example, batches, forms, and what is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from andon.alerts.types import Action, KnownKey, Link, Severity, UnreadableRequest
from andon.integrations.generic import receiver

KEY = KnownKey(1, "generic", "cron", None, None, 1200)
EXAMPLE = {
    "action": "trigger",
    "dedup_key": "backup/db1",
    "service": "billing",
    "summary": "Backup failed on db1",
    "severity": "error",
    "description": "exit 2",
    "starts_at": "2026-11-20T03:00:00Z",
    "links": [{"href": "https://wiki.example/backup", "text": "Runbook", "kind": "runbook"}],
    "labels": {"host": "db1", "attempt": 3},
    "details": {"exit": 2},
    "colour": "red",
}


def parse(document: Any):
    return receiver.alerts_of(receiver.parse_each(json.dumps(document).encode(), KEY))


def test_the_documented_example():
    (alert,) = parse(EXAMPLE)
    assert (alert.action, alert.dedup_key) == (Action.TRIGGER, "backup/db1")
    assert (alert.summary, alert.severity) == ("Backup failed on db1", Severity.ERROR)
    assert (alert.service_ref, alert.description) == ("billing", "exit 2")
    assert alert.starts_at == datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert alert.links == [Link("https://wiki.example/backup", "Runbook", "runbook")]
    assert alert.labels == {"host": "db1", "attempt": "3"}
    assert alert.details == {"exit": 2, "colour": "red"}


def test_only_a_summary_is_required_and_the_same_text_folds_together():
    (one,), (again,), (other,) = (
        parse({"summary": "it broke"}),
        parse({"summary": "it broke", "severity": "info"}),
        parse({"summary": "it broke", "service": "stock-1"}),
    )
    assert one.dedup_key == again.dedup_key != other.dedup_key
    assert (one.action, one.severity) == (Action.TRIGGER, Severity.ERROR)


def test_a_form_of_curl_is_an_event():
    (alert,) = receiver.alerts_of(
        receiver.parse_each(b"summary=it+broke&service=stock-1&severity=warning", KEY)
    )
    assert (alert.summary, alert.service_ref) == ("it broke", "stock-1")


def test_a_batch_gives_one_result_per_element():
    body = json.dumps([{"summary": "a"}, {"summary": ""}, 7, {"summary": "b"}]).encode()
    one, two, three, four = receiver.parse_each(body, KEY)
    assert (one.summary, four.summary) == ("a", "b")
    assert two.errors == [("[1].summary", "required")]
    assert three.errors == [("[2]", "expected an object")]
    assert {two.alert.summary, three.alert.summary} == {"Unmapped event from cron"}
    assert three.alert.details["received"] == 7


def test_an_empty_batch_is_nothing():
    assert parse([]) == []


def test_resolve_needs_an_identity():
    (alert,) = parse({"action": "resolve", "dedup_key": "x"})
    assert alert.action is Action.RESOLVE
    (by_text,) = parse({"action": "resolve", "summary": "it broke"})
    assert by_text.dedup_key == parse({"summary": "it broke"})[0].dedup_key


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"action": "resolve"}, "dedup_key"),
        ({"action": "acknowledge", "labels": {"a": "b"}}, "dedup_key"),
        (7, "body"),
        ([{"action": "resolve"}] * 2, "[0].dedup_key"),
    ],
)
def test_an_end_that_names_no_alert_is_refused_and_what_is_wrong_is_named(document, field):
    with pytest.raises(UnreadableRequest) as caught:
        parse(document)
    assert caught.value.errors[0][0] == field


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "summary"),
        ({"severity": "critical", "service": "billing"}, "summary"),
        ({"summary": "\u0001 "}, "summary"),
        ({"summary": 7}, "summary"),
        ({"summary": "x", "action": "explode"}, "action"),
        ({"summary": "x", "action": ["trigger"]}, "action"),
        ({"summary": "x", "labels": "text"}, "labels"),
        ({"summary": "x", "links": {"a": 1}}, "links"),
        ({"summary": "x", "service": ["a"]}, "service"),
    ],
)
def test_an_event_that_cannot_be_mapped_is_an_alert_that_says_what_is_wrong(document, field):
    (result,) = receiver.parse_each(json.dumps(document).encode(), KEY)
    assert result.errors[0][0] == field
    (alert,) = parse(document)
    assert alert.summary.startswith("Unmapped event from cron")
    assert (alert.action, alert.service_ref) == (
        Action.TRIGGER,
        document.get("service") if isinstance(document.get("service"), str) else "",
    )
    assert alert.details["received"] == document
    assert alert.details["errors"] == [{"field": field, "message": result.errors[0][1]}]


def test_unmapped_events_of_one_cause_are_one_alert_and_a_key_of_their_own_is_kept():
    (one,), (two,), (other,) = parse({"a": 1}), parse({"b": 2}), parse({"summary": 7})
    assert one.dedup_key == two.dedup_key != other.dedup_key
    (own,) = parse({"dedup_key": "db1", "state": "down"})
    assert own.dedup_key == "db1"


def test_a_batch_of_many_events_is_read_whole():
    assert len(parse([{"summary": "x"}] * 5000)) == 5000


@pytest.mark.parametrize("body", [b"", b"{", b'"text"', b"[" * 100_000])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(UnreadableRequest):
        receiver.alerts_of(receiver.parse_each(body, KEY))


def test_a_bad_time_is_noted():
    (alert,) = parse({"summary": "x", "starts_at": "soon"})
    assert (alert.starts_at, alert.labels["andon_bad_time"]) == (None, "soon")
