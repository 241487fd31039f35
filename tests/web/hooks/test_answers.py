"""Every answer of intake: what is stored, what is refused, in which words."""

import base64
import gzip
import json

import pytest

from andon.alerts.models import Alert, IntakeBatch, RejectedRequest
from tests.support.alerts import alertmanager_body

AM, GENERIC, PD = "/hooks/alertmanager/", "/hooks/generic/", "/v2/enqueue"


def enqueue(key: str, **changes) -> bytes:
    payload = {"summary": "it broke", "source": "db1", "severity": "critical"}
    event = {"routing_key": key, "event_action": "trigger", "payload": payload} | changes
    return json.dumps(event).encode()


def test_alertmanager_gets_202_and_an_empty_body(sender, stored):
    answer = sender.post(AM, alertmanager_body("A"), bearer=sender.key())
    assert (answer.status, answer.body) == (202, b"")
    assert answer.headers["x-request-id"]
    assert answer.headers["content-length"] == "0"
    assert (Alert.objects.count(), IntakeBatch.objects.count(), stored) == (1, 1, [1])


def test_the_key_may_stand_in_the_header_or_the_path(sender):
    key = sender.key()
    basic = base64.b64encode(f"anybody:{key}".encode()).decode()
    body = alertmanager_body("A")
    answers = [
        sender.post(AM, body, headers={"authorization": f"bearer {key}"}),
        sender.post(AM, body, headers={"authorization": f"Basic {basic}"}),
        sender.post(AM + key, body),
        sender.post(AM + key + "/", body),
        sender.post("/hooks/alertmanager", body, bearer=key),
    ]
    assert [answer.status for answer in answers] == [202] * 5
    assert Alert.objects.get().count == 5


def test_generic_tells_the_key_of_each_event(sender):
    body = b'[{"summary":"x","dedup_key":"a"},{"summary":""},{"action":"resolve","dedup_key":"a"}]'
    answer = sender.post(GENERIC, body, bearer=sender.key("generic"))
    assert answer.status == 202
    assert answer.json == {
        "status": "accepted",
        "events": [
            {"dedup_key": "a", "action": "trigger"},
            {"status": "rejected", "errors": [{"field": "[1].summary", "message": "required"}]},
            {"dedup_key": "a", "action": "resolve"},
        ],
    }
    assert Alert.objects.get().state == "resolved"


def test_pagerduty_gets_its_dedup_key(sender):
    key = sender.key("pagerduty")
    answer = sender.post(PD, enqueue(key, dedup_key="db1/disk"))
    assert (answer.status, answer.json) == (
        202,
        {"status": "success", "message": "Event processed", "dedup_key": "db1/disk"},
    )
    made = [sender.post(PD, enqueue(key)).json["dedup_key"] for _ in range(2)]
    assert made[0] != made[1]
    assert set(Alert.objects.values_list("dedup_key", flat=True)) == {"db1/disk", *made}
    unknown = enqueue(key, event_action="resolve", dedup_key="never")
    assert sender.post(PD, unknown).status == 202


def test_pagerduty_trigger_acknowledge_trigger_is_quiet(sender):
    key, same = sender.key("pagerduty"), {"dedup_key": "x"}
    sender.post(PD, enqueue(key, **same))
    sender.post(PD, enqueue(key, event_action="acknowledge", **same))
    Alert.objects.update(unseen=False)
    sender.post(PD, enqueue(key, **same))
    alert = Alert.objects.get()
    assert (alert.count, alert.unseen, alert.acknowledged_at is not None) == (2, False, True)


@pytest.mark.parametrize(("kind", "path"), [("alertmanager", AM), ("generic", GENERIC)])
@pytest.mark.parametrize("secret", ["", "andon_key_wrong", "x" * 5000, "ünï"])
def test_no_or_a_wrong_key_is_401(sender, kind, path, secret):
    sender.key(kind)
    answer = sender.post(path + secret, b'{"summary": "x"}')
    assert answer.status == 401
    assert "Bearer" in answer.headers["www-authenticate"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["code"] == "unauthorized"
    assert Alert.objects.count() == 0


def test_a_key_of_another_kind_is_403(sender):
    answer = sender.post(AM, alertmanager_body("A"), bearer=sender.key("generic"))
    assert (answer.status, answer.json["code"]) == (403, "wrong_kind")


@pytest.mark.parametrize("path", [AM, GENERIC, PD, AM + "key", "/v2/enqueue/"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_browser_visit_makes_no_alert(sender, path, method):
    answer = sender.post(path, method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "path", ["/hooks/", "/hooks/other/", "/hooks/alertmanager/a/b", "/v2/change/enqueue", "/hooks"]
)
def test_other_paths_are_404(sender, path):
    assert sender.post(path).status == 404


@pytest.mark.parametrize(
    ("path", "kind", "body", "field"),
    [
        (AM, "alertmanager", b"nonsense", "body"),
        (AM, "alertmanager", b'{"alerts": 7}', "alerts"),
        (GENERIC, "generic", b'{"severity": "error"}', "summary"),
        (GENERIC, "generic", b'{"summary": "x", "action": "explode"}', "action"),
    ],
)
def test_what_cannot_be_read_is_400_names_the_field_and_is_kept(sender, path, kind, body, field):
    answer = sender.post(path, body, bearer=sender.key(kind))
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["code"] == "invalid_event"
    assert answer.json["errors"][0]["field"] == field
    sender.intake.stop()
    kept = RejectedRequest.objects.get()
    assert bytes(kept.body) == body
    assert field in kept.why
    assert Alert.objects.count() == 0


def test_pagerduty_is_refused_in_its_own_words(sender):
    key = sender.key("pagerduty")
    short = sender.post(PD, enqueue("short"))
    assert (short.status, short.json) == (
        400,
        {
            "status": "invalid event",
            "message": "Event object is invalid",
            "errors": ["Length of 'routing_key' is incorrect (should be 32 characters)"],
        },
    )
    noise = sender.post(PD, b"nonsense")
    assert (noise.status, noise.json["status"], noise.json["errors"]) == (
        400,
        "Unrecognized object",
        ["JSON parse error"],
    )
    unknown = sender.post(PD, enqueue("0" * 32))
    assert (unknown.status, unknown.json["errors"]) == (400, ["Invalid routing key"])
    missing = sender.post(PD, enqueue(key, payload=None))
    assert (missing.status, missing.json["errors"]) == (
        400,
        ["'payload' is missing or blank"],
    )


def test_the_size_limit_is_exact(sender):
    key = sender.key()
    body = alertmanager_body("A")
    limit = 1024 * 1024
    assert sender.post(AM, body.ljust(limit), bearer=key).status == 202
    assert sender.post(AM, body.ljust(limit + 1), bearer=key).status == 413
    assert sender.post(AM, body.ljust(limit + 1), bearer=key, chunks=7).status == 413
    declared = sender.post(AM, body, bearer=key, headers={"content-length": str(limit + 1)})
    assert (declared.status, declared.json["code"]) == (413, "too_large")


def test_pagerdutys_limit_is_512_kib(sender):
    body = enqueue(sender.key("pagerduty"))
    assert sender.post(PD, body.ljust(512 * 1024)).status == 202
    answer = sender.post(PD, body.ljust(512 * 1024 + 1))
    assert (answer.status, answer.json["errors"]) == (413, ["Event object exceeds 512 KB"])


def test_gzip_is_understood_and_counted_unpacked(sender):
    key = sender.key()
    body = alertmanager_body("A")
    assert sender.post(AM, body, bearer=key, packed=True).status == 202
    bomb = sender.post(AM, body.ljust(50 * 1024 * 1024), bearer=key, packed=True)
    assert bomb.status == 413
    broken = sender.post(AM, b"no gzip", bearer=key, headers={"content-encoding": "gzip"})
    assert broken.status == 400
    other = sender.post(AM, body, bearer=key, headers={"content-encoding": "br"})
    assert other.status == 415
    assert Alert.objects.get().count == 1


def test_a_body_of_many_empty_gzip_members_costs_nothing_and_is_refused(sender):
    key, packed = sender.key(), {"content-encoding": "gzip"}
    body = alertmanager_body("A")
    several = gzip.compress(body[:50]) + gzip.compress(b"") + gzip.compress(body[50:])
    assert sender.post(AM, several, bearer=key, headers=packed).status == 202
    many = gzip.compress(b"") * 40_000 + gzip.compress(body)
    refused = sender.post(AM, many, bearer=key, headers=packed)
    assert refused.status == 400
    assert refused.json["errors"] == [{"field": "body", "message": "more than 16 gzip members"}]


@pytest.mark.parametrize(
    ("kind", "path", "status"),
    [("alertmanager", AM, 503), ("generic", GENERIC, 429), ("pagerduty", PD, 429)],
)
def test_i10_too_many_requests_get_what_the_sender_retries(sender, kind, path, status):
    """Alertmanager gives up on a 429, so it is told 503."""
    key = sender.key(kind, per_minute=2)
    body = {"alertmanager": alertmanager_body("A"), "generic": b'{"summary":"x"}'}.get(kind)
    body = body or enqueue(key, dedup_key="a")
    answers = [sender.post(path, body, bearer=key) for _ in range(6)]
    assert [answer.status for answer in answers] == [202] * 4 + [status] * 2
    assert int(answers[-1].headers["retry-after"]) >= 1
    if kind == "pagerduty":
        assert answers[-1].json["status"] == "throttle exceeded"
    assert Alert.objects.get().count == 4


def test_hostile_text_is_stored_and_harmless(sender):
    body = json.dumps(
        {"summary": "a\u0000<script>\r\n\u202e" + "x" * 900_000, "labels": {"__proto__": "\u0000"}}
    ).encode()
    assert sender.post(GENERIC, body, bearer=sender.key("generic")).status == 202
    alert = Alert.objects.get()
    assert len(alert.summary) == 1024
    assert "\x00" not in alert.summary + alert.labels["__proto__"]
