"""The captured bodies of Alertmanager 0.25, and what can be wrong with a body."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from andon.alerts.types import (
    Action,
    KnownKey,
    Link,
    ReceivedAlert,
    Severity,
    UnreadableRequest,
)
from andon.integrations.alertmanager import receiver

HERE = Path(__file__).parent
KEY = KnownKey(1, "alertmanager", "production", None, None, 1200)


def captured(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((HERE / name).read_bytes())
    return document


def parse(document: object) -> list[ReceivedAlert]:
    return receiver.parse(json.dumps(document).encode(), KEY)


def test_the_captured_firing_body():
    (alert,) = receiver.parse((HERE / "firing.json").read_bytes(), KEY)
    assert alert == ReceivedAlert(
        action=Action.TRIGGER,
        dedup_key="dd8da78792863335",
        summary="5xx above 1%",
        severity=Severity.CRITICAL,
        starts_at=datetime(2026, 11, 20, 20, 51, 19, 507085, UTC),
        ends_at=None,
        service_ref="checkout",
        labels={
            "alertname": "HighErrorRate",
            "instance": "a",
            "service": "checkout",
            "severity": "critical",
        },
        links=[
            Link("https://rb/checkout", "Runbook", "runbook"),
            Link("http://am.example:9093", "Alertmanager", "source"),
        ],
        details={"annotations": {"runbook_url": "https://rb/checkout", "summary": "5xx above 1%"}},
        group_key='{}:{alertname="HighErrorRate", service="checkout"}',
    )


def test_the_captured_resolved_body():
    (alert,) = receiver.parse((HERE / "resolved.json").read_bytes(), KEY)
    assert alert.action is Action.RESOLVE
    assert alert.dedup_key == "dd8da78792863335"
    assert alert.starts_at == datetime(2026, 11, 20, 20, 51, 19, 507085, UTC)
    assert alert.ends_at == datetime(2026, 11, 20, 20, 51, 24, tzinfo=UTC)


def test_each_alert_of_a_group_has_its_own_status():
    document = captured("firing.json")
    one = document["alerts"][0]
    document["alerts"] = [
        {**one, "fingerprint": "a"},
        {**one, "fingerprint": "b", "status": "resolved"},
        {**one, "fingerprint": "c"},
    ]
    got = [(alert.dedup_key, alert.action) for alert in parse(document)]
    assert got == [("a", Action.TRIGGER), ("b", Action.RESOLVE), ("c", Action.TRIGGER)]


def test_unknown_fields_of_later_versions_are_ignored():
    document = captured("firing.json")
    document |= {"notification_reason": "new alerts added", "routeLabels": {"a": "b"}, "x": [1]}
    document["alerts"][0]["later"] = {"deep": [1, 2]}
    assert len(parse(document)) == 1


def test_a_group_without_alerts_is_no_alert():
    assert parse({"version": "4", "alerts": []}) == []


def test_a_missing_fingerprint_is_computed():
    document = captured("firing.json")
    del document["alerts"][0]["fingerprint"]
    assert parse(document)[0].dedup_key == "dd8da78792863335"


@pytest.mark.parametrize(
    ("severity", "expected"), [("warning", Severity.WARNING), ("spicy", Severity.ERROR)]
)
def test_an_unknown_severity_pages_and_is_kept(severity, expected):
    document = captured("firing.json")
    document["alerts"][0]["labels"]["severity"] = severity
    alert = parse(document)[0]
    assert alert.severity is expected
    assert (alert.labels.get("source_severity") == severity) is (severity == "spicy")


def test_a_missing_severity_pages():
    document = captured("firing.json")
    del document["alerts"][0]["labels"]["severity"]
    assert parse(document)[0].severity is Severity.ERROR


def test_the_summary_falls_back():
    document = captured("firing.json")
    document["alerts"][0]["annotations"] = {}
    assert parse(document)[0].summary == "HighErrorRate"
    document["alerts"][0]["labels"] = {"x": "y"}
    assert parse(document)[0].summary == "Alert from Alertmanager"


def test_the_service_may_stand_in_the_common_labels():
    document = captured("firing.json")
    del document["alerts"][0]["labels"]["service"]
    assert parse(document)[0].service_ref == "checkout"


def test_a_bad_time_is_noted_and_the_alert_accepted():
    document = captured("firing.json")
    document["alerts"][0]["startsAt"] = "soon"
    (alert,) = parse(document)
    assert (alert.starts_at, alert.labels["andon_bad_time"]) == (None, "soon")


def test_nul_and_hostile_text_are_harmless():
    document = captured("firing.json")
    document["alerts"][0]["annotations"]["summary"] = "a\u0000b\r\n\u202ec"
    document["alerts"][0]["labels"]["x"] = "n\u0000l"
    document["alerts"][0]["generatorURL"] = "javascript:alert(1)"
    (alert,) = parse(document)
    assert alert.summary == "a�b c"
    assert alert.labels["x"] == "n�l"
    assert all(link.href.startswith("http") for link in alert.links)


def test_one_malformed_entry_does_not_reject_the_others():
    document = captured("firing.json")
    good = document["alerts"][0]
    document["alerts"] = [
        good,
        "nonsense",
        None,
        {**good, "fingerprint": "n", "labels": {"alertname": "N", "count": 7, "up": True}},
        {"status": "firing"},
        {**good, "fingerprint": "z", "startsAt": 7},
    ]
    got = parse(document)
    assert [alert.dedup_key for alert in got if not alert.dedup_key.startswith("andon:")] == [
        "dd8da78792863335",
        "n",
        "z",
    ]
    assert got[3].labels == {"alertname": "N", "count": "7", "up": "true"}
    assert got[4].summary == "Unreadable alert from production: it has no labels"
    assert got[1].summary == got[2].summary
    assert got[1].details == {"received": "nonsense"}


def test_a_thousand_alerts_in_a_body():
    document = captured("firing.json")
    one = document["alerts"][0]
    document["alerts"] = [{**one, "fingerprint": f"{n:016x}"} for n in range(1000)]
    assert len({alert.dedup_key for alert in parse(document)}) == 1000


def test_what_alertmanager_left_out_is_noted_where_it_can_be_seen():
    """The first alert of each service carries the note, so that each page shows it once."""
    document = captured("firing.json")
    one = document["alerts"][0]
    others = [{**one, "fingerprint": f"{n}", "labels": {"service": f"s{n % 2}"}} for n in range(4)]
    document |= {"truncatedAlerts": 50, "alerts": [one, *others]}
    noted = [alert.labels.get("andon_note") for alert in parse(document)]
    told = "Alertmanager left out 50 alerts of this group: max_alerts."
    assert noted == [told, told, told, None, None]
    assert receiver.parse_ordinary(json.dumps(document).encode()) is None
    document["truncatedAlerts"] = 0
    ordinary = receiver.parse_ordinary(json.dumps(document).encode())
    assert ordinary == parse(document)
    assert not any("andon_note" in alert.labels for alert in ordinary)


def test_a_custom_payload_that_cannot_be_mapped_is_an_alert_all_the_same():
    (alert,) = parse({"host": "db1", "severity": "critical"})
    assert (alert.action, alert.severity) == (Action.TRIGGER, Severity.CRITICAL)
    assert alert.summary == "Unmapped event from production"
    assert alert.details["received"] == {"host": "db1", "severity": "critical"}


def test_a_group_with_half_an_emoji_in_one_alert_is_read_and_says_so():
    document = captured("firing.json")
    document["alerts"][0]["annotations"]["summary"] = "Temp 61 \udcc2\udcb0C \ud83d"
    body = json.dumps(document).encode()
    (alert,) = receiver.parse(body, KEY)
    assert alert.summary == "Temp 61 °C \ufffd"
    assert alert.dedup_key == "dd8da78792863335"
    assert "half a character" in alert.labels["andon_note"]
    assert receiver.parse_ordinary(body) is None


def test_a_custom_payload_with_a_summary_is_an_alert():
    (alert,) = parse({"summary": "disk full", "service": "stock-1", "severity": "warning"})
    assert (alert.summary, alert.service_ref) == ("disk full", "stock-1")
    assert alert.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"nonsense", "body"),
        (b"", "body"),
        (b"[]", "body"),
        (b"\xff\xfe", "body"),
        (b'"text"', "body"),
        (b'{"alerts": "x"}', "alerts"),
        (b'{"alerts": null}', "alerts"),
        (b'{"alerts": NaN}', "alerts"),
        (b"[" * 100_000, "body"),
    ],
)
def test_a_body_that_cannot_be_read_names_the_field(body, field):
    with pytest.raises(UnreadableRequest) as caught:
        receiver.parse(body, KEY)
    assert caught.value.errors[0][0] == field
