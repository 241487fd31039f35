"""Every answer of intake: what is stored, what is refused, in which words."""

import base64
import gzip
import json

import pytest

from andon.alerts import queries
from andon.alerts.models import Alert, IntakeBatch, IntegrationKey, RejectedRequest
from andon.core import clock
from andon.slo import queries as slo
from andon.slo.models import Change
from tests.support import factories
from tests.support.alerts import alertmanager_body

AM, GENERIC, PD = "/hooks/alertmanager/", "/hooks/generic/", "/v2/enqueue"
CHANGE = "/v2/change/enqueue"


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
    first = {"summary": "x", "dedup_key": "a"}
    ends = [{"action": "resolve", "dedup_key": "a"}, {"action": "resolve"}]
    body = json.dumps([first, {"summary": ""}, *ends]).encode()
    answer = sender.post(GENERIC, body, bearer=sender.key("generic"))
    assert answer.status == 202
    unmapped = Alert.objects.exclude(dedup_key="a").get()
    needed = "required to acknowledge or resolve"
    assert answer.json == {
        "status": "accepted",
        "events": [
            {"dedup_key": "a", "action": "trigger"},
            {
                "dedup_key": unmapped.dedup_key,
                "action": "trigger",
                "status": "unmapped",
                "errors": [{"field": "[1].summary", "message": "required"}],
            },
            {"dedup_key": "a", "action": "resolve"},
            {"status": "rejected", "errors": [{"field": "[3].dedup_key", "message": needed}]},
        ],
    }
    assert Alert.objects.get(dedup_key="a").state == "resolved"
    assert (unmapped.state, unmapped.summary) == ("open", "Unmapped event from generic")


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


@pytest.mark.parametrize("path", [AM, GENERIC, PD, CHANGE, AM + "key", "/v2/enqueue/"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_browser_visit_makes_no_alert(sender, path, method):
    answer = sender.post(path, method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/hooks/", "/hooks/other/", "/hooks/alertmanager/a/b", "/hooks"])
def test_other_paths_are_404_and_a_problem(sender, path):
    answer = sender.post(path)
    assert (answer.status, answer.json["code"]) == (404, "not_found")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v2/", "/v2/enqueue/x", "/v2/change", "/v2/change/enqueue/x"])
def test_below_an_imitated_api_all_is_answered_in_its_form(sender, path):
    answer = sender.post(path)
    assert answer.status == 404
    assert answer.json["status"] == "not found"
    assert answer.json["errors"] == ["There is nothing at this path"]
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "kind", "body", "summary", "why"),
    [
        (AM, "alertmanager", b"nonsense", "Unreadable alert from alertmanager", "not JSON"),
        (AM, "alertmanager", b'{"alerts": 7}', "Unreadable alert from alertmanager", "alerts"),
        (GENERIC, "generic", b"", "Unreadable alert from generic", "not JSON"),
        (GENERIC, "generic", b'{"severity": "error"}', "Unmapped event from generic", "summary"),
        (GENERIC, "generic", b'{"action": "explode"}', "Unmapped event from generic", "action"),
    ],
)
def test_what_a_known_key_sends_and_nobody_understands_is_an_alert(
    sender, path, kind, body, summary, why
):
    key = sender.key(kind)
    answers = [sender.post(path, body, bearer=key) for _ in range(3)]
    assert [answer.status for answer in answers] == [202] * 3
    alert = Alert.objects.get()
    assert (alert.state, alert.count, alert.summary[: len(summary)]) == ("open", 3, summary)
    if kind == "generic":
        (event,) = answers[0].json["events"]
        assert event["dedup_key"] == alert.dedup_key
        assert event["status"] in ("unreadable", "unmapped")
        assert event["errors"]
    sender.intake.stop()
    kept = RejectedRequest.objects.first()
    assert bytes(kept.body) == body
    assert why in kept.why
    assert why in IntegrationKey.objects.get().rejected_why
    replayed = sender.replay()
    assert (replayed.requests, replayed.known, replayed.opened) == (3, 1, 0)


def test_an_end_that_names_no_alert_is_400_names_the_field_and_is_kept(sender):
    body = b'{"action": "resolve"}'
    answer = sender.post(GENERIC, body, bearer=sender.key("generic"))
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["code"] == "invalid_event"
    assert answer.json["errors"][0]["field"] == "dedup_key"
    sender.intake.stop()
    kept = RejectedRequest.objects.get()
    assert bytes(kept.body) == body
    assert "dedup_key" in kept.why
    assert Alert.objects.count() == 0


def test_an_invalid_event_of_pagerduty_is_told_so_and_is_an_alert_all_the_same(sender):
    key = sender.key("pagerduty")
    answers = [sender.post(PD, enqueue(key, payload={"source": "db1"})) for _ in range(2)]
    assert [answer.status for answer in answers] == [400, 400]
    assert "'payload.summary' is missing or blank" in answers[0].json["errors"]
    alert = Alert.objects.get()
    assert (alert.summary, alert.count) == (
        "Unreadable alert from pagerduty: Event object is invalid",
        2,
    )
    assert alert.details["errors"][0]["field"] == "payload.summary"
    no_end = sender.post(PD, enqueue(key, event_action="resolve", dedup_key=""))
    assert (no_end.status, no_end.json["errors"]) == (400, ["'dedup_key' is missing or blank"])
    assert Alert.objects.get().count == 2
    sender.intake.stop()
    assert key not in str([bytes(one.body) for one in RejectedRequest.objects.all()])


def test_garbage_with_a_known_key_of_pagerduty_is_an_alert(sender):
    key = sender.key("pagerduty")
    answer = sender.post(PD, b'{"routing_key": "%s", "payload": {{{' % key.encode())
    alert = Alert.objects.get()
    assert (answer.status, answer.json["dedup_key"]) == (202, alert.dedup_key)
    assert alert.summary.startswith("Unreadable alert from pagerduty")
    assert key not in str(alert.details)


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
    limit = 32 * 1024 * 1024
    assert sender.post(AM, body.ljust(limit), bearer=key).status == 202
    assert sender.post(AM, body.ljust(limit + 1), bearer=key).status == 413
    assert sender.post(AM, body.ljust(limit + 1), bearer=key, chunks=7).status == 413
    declared = sender.post(AM, body, bearer=key, headers={"content-length": str(limit + 1)})
    assert (declared.status, declared.json["code"]) == (413, "too_large")
    sender.intake.stop()
    (lost,) = queries.troubles(now=clock.now())
    assert lost.said.startswith("alertmanager: A request")
    key = IntegrationKey.objects.get()
    assert "at most 33554432 bytes" in key.rejected_why == key.lost_why


def test_a_generic_body_over_its_limit_is_a_fault_that_loses_alerts(sender):
    key = sender.key("generic")
    assert sender.post(GENERIC, b'{"summary":"x"}'.ljust(2**20), bearer=key).status == 202
    assert sender.post(GENERIC, b'{"summary":"x"}'.ljust(2**20 + 1), bearer=key).status == 413
    sender.intake.stop()
    assert queries.troubles(now=clock.now())[0].said.startswith("generic: A request")


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("chunks", [1, 40])
@pytest.mark.parametrize("first", [True, False], ids=["key first", "key last"])
def test_who_sent_pagerduty_too_much_is_found_in_the_body(sender, packed, chunks, first):
    key = sender.key("pagerduty")
    big = {"payload": {"summary": "x" * 3_000_000, "source": "db1", "severity": "error"}}
    named = {"routing_key": key}
    body = json.dumps({**named, **big} if first else {**big, **named}).encode()
    answer = sender.post(PD, body, packed=packed, chunks=chunks)
    assert (answer.status, answer.json["errors"]) == (413, ["Event object exceeds 512 KB"])
    sender.intake.stop()
    (lost,) = queries.troubles(now=clock.now())
    assert lost.said.startswith("pagerduty: A request")
    assert "at most 524288 bytes" in lost.said
    kept = bytes(RejectedRequest.objects.get().body)
    assert (len(kept), key.encode() in kept) == (64 * 1024, False)


def test_what_alertmanager_left_out_is_a_fault_of_the_key_and_a_note_on_the_alert(sender):
    key = sender.key()
    document = json.loads(alertmanager_body("A", "B"))
    assert sender.post(AM, json.dumps(document).encode(), bearer=key).status == 202
    document["truncatedAlerts"] = 50
    assert sender.post(AM, json.dumps(document).encode(), bearer=key).status == 202
    told = "Alertmanager left out 50 alerts of this group: max_alerts."
    labels = dict(Alert.objects.values_list("dedup_key", "labels"))
    assert labels["fp-A"]["andon_note"] == told
    assert "andon_note" not in labels["fp-B"]
    sender.intake.stop()
    assert IntegrationKey.objects.get().rejected_why == told


def test_pagerdutys_limit_is_512_kib(sender):
    body = enqueue(sender.key("pagerduty"))
    assert sender.post(PD, body.ljust(512 * 1024)).status == 202
    answer = sender.post(PD, body.ljust(512 * 1024 + 1))
    assert (answer.status, answer.json["errors"]) == (413, ["Event object exceeds 512 KB"])


def test_gzip_is_understood_and_counted_unpacked(sender):
    key = sender.key()
    body = alertmanager_body("A")
    assert sender.post(AM, body, bearer=key, packed=True).status == 202
    bomb = sender.post(AM, body.ljust(100 * 1024 * 1024), bearer=key, packed=True)
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
    sender.intake.stop()
    assert "more than the 2 requests a minute" in IntegrationKey.objects.get().rejected_why


def test_an_alertmanager_key_made_without_saying_is_never_told_to_wait(sender):
    key = sender.key()
    requests = [sender.request(AM, alertmanager_body("A"), bearer=key) for _ in range(3000)]
    assert {answer.status for answer in sender.all(requests)} == {202}
    assert Alert.objects.get().count == 3000
    made = {row["kind"]: row["per_minute"] for row in queries.list_keys()}
    sender.key("generic")
    sender.key("pagerduty")
    made = {row["kind"]: row["per_minute"] for row in queries.list_keys()}
    assert made == {"alertmanager": 0, "generic": 1200, "pagerduty": 1200}


def test_hostile_text_is_stored_and_harmless(sender):
    body = json.dumps(
        {"summary": "a\u0000<script>\r\n\u202e" + "x" * 900_000, "labels": {"__proto__": "\u0000"}}
    ).encode()
    assert sender.post(GENERIC, body, bearer=sender.key("generic")).status == 202
    alert = Alert.objects.get()
    assert len(alert.summary) == 1024
    assert "\x00" not in alert.summary + alert.labels["__proto__"]


def test_a_large_body_is_stored_packed_and_replays(sender):
    key, names = sender.key(), [f"A{n}" for n in range(3000)]
    body = alertmanager_body(*names)
    assert sender.post(AM, body, bearer=key).status == 202
    assert Alert.objects.count() == 3000
    assert len(bytes(IntakeBatch.objects.get().requests)) < len(body) / 5
    Alert.objects.filter(dedup_key="fp-A2999").delete()
    done = sender.replay()
    assert (done.requests, done.known, done.opened) == (1, 2999, 1)


def test_what_looks_packed_and_is_not_is_replayed_as_it_came(sender):
    body = (b"\x00zlib\x00" + alertmanager_body("A")).ljust(70_000)
    assert sender.post(AM, body, bearer=sender.key()).status == 202
    assert Alert.objects.get().summary.startswith("Unreadable alert from alertmanager")
    done = sender.replay()
    assert (done.requests, done.known, done.unreadable) == (1, 1, 0)


def test_a_mended_trigger_without_a_key_of_its_own_replays_under_the_one_it_was_given(sender):
    payload = {"summary": "deploy failed \ud83d", "source": "ci", "severity": "error"}
    answer = sender.post(PD, enqueue(sender.key("pagerduty"), payload=payload))
    alert = Alert.objects.get()
    assert (answer.status, answer.json["dedup_key"]) == (202, alert.dedup_key)
    assert alert.summary == "deploy failed \ufffd"
    assert "half a character" in alert.labels["andon_note"]
    Alert.objects.all().delete()
    sender.replay()
    again = Alert.objects.get()
    assert (again.dedup_key, again.summary, again.labels) == (
        alert.dedup_key,
        alert.summary,
        alert.labels,
    )


@pytest.mark.parametrize(
    ("ended", "state"),
    [
        ("2026-03-20T20:00:00Z", "resolved"),  # the time of the trigger once more
        ("2026-03-20T20:05:00Z", "resolved"),
        ("2026-03-20T19:55:00Z", "open"),  # an older resolve, late
        (None, "resolved"),
    ],
)
@pytest.mark.parametrize("kind", ["pagerduty", "generic"])
def test_r38_the_time_of_a_resolve_is_its_end(sender, kind, ended, state):
    key = sender.key(kind)
    began = "2026-03-20T20:00:00Z"
    if kind == "pagerduty":
        payload = {"summary": "x", "source": "db1", "severity": "error", "timestamp": began}
        sender.post(PD, enqueue(key, dedup_key="a", payload=payload))
        end = enqueue(key, event_action="resolve", dedup_key="a", payload={"timestamp": ended})
        assert sender.post(PD, end).status == 202
    else:
        event = {"summary": "x", "dedup_key": "a", "starts_at": began}
        sender.post(GENERIC, json.dumps(event).encode(), bearer=key)
        end = {"action": "resolve", "dedup_key": "a", "ends_at": ended}
        assert sender.post(GENERIC, json.dumps(end).encode(), bearer=key).status == 202
    assert Alert.objects.get().state == state


def change(key: str, **changes) -> bytes:
    payload = {
        "summary": "Build 41 of checkout deployed",
        "source": "jenkins",
        "timestamp": "2026-03-20T09:58:00.000+0000",
        "custom_details": {"service": "checkout", "version": "41", "token": "hunter2"},
    }
    links = [{"href": "https://ci.example/41", "text": "Build 41"}]
    return json.dumps({"routing_key": key, "payload": payload | changes, "links": links}).encode()


def test_a_change_event_is_kept_once_pages_nobody_and_is_answered_as_the_api_does(sender, stored):
    checkout = factories.service("checkout")
    key = sender.key("pagerduty")
    told = {"status": "success", "message": "Change event processed"}
    for path in (CHANGE, CHANGE + "/"):
        answer = sender.post(path, change(key))
        assert (answer.status, answer.json) == (202, told)
        assert answer.headers["content-type"] == "application/json"
    [one] = slo.changes_of(service_id=checkout.pk)
    assert (one.summary, one.source, one.told_by) == (
        "Build 41 of checkout deployed", "jenkins", "pagerduty",
    )  # fmt: skip
    assert one.at.isoformat() == "2026-03-20T09:58:00+00:00"
    assert one.links == (("Build 41", "https://ci.example/41"),)
    assert not Alert.objects.exists()
    raw = b"".join(bytes(row.requests) for row in IntakeBatch.objects.all())
    assert key.encode() not in raw


def test_two_changes_without_a_time_are_two_and_one_of_no_known_service_is_kept(sender):
    key = sender.key("pagerduty")
    for _ in range(2):
        assert sender.post(CHANGE, change(key, timestamp=None)).status == 202
    found = slo.list_changes()
    assert [(one.service, one.service_ref) for one in found] == [(None, "checkout")] * 2


def test_a_key_of_a_service_says_which_service_changed(sender):
    stock = factories.service("stock")
    key = sender.key("pagerduty", service_slug="stock")
    assert sender.post(CHANGE, change(key)).status == 202
    assert len(slo.changes_of(service_id=stock.pk)) == 1


def test_a_replay_finds_a_lost_change_and_makes_none_twice(sender):
    key = sender.key("pagerduty")
    for timestamp in (None, "2026-03-20T09:58:00Z"):
        sender.post(CHANGE, change(key, timestamp=timestamp))
    generic = json.dumps({"action": "change", "summary": "Flag on", "service": "checkout"})
    sender.post(GENERIC, generic.encode(), bearer=sender.key("generic"))
    known = {one.at for one in slo.list_changes()}
    assert len(known) == 3
    for lost in (0, 3):
        if lost:
            Change.objects.all().delete()
        done = sender.replay()
        assert done.opened == lost
        assert len(slo.list_changes()) == 3
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "errors"),
    [
        ({"summary": ""}, "invalid event", ["'payload.summary' is missing or blank"]),
        ({"summary": {"a": 1}}, "invalid event", ["'payload.summary' is missing or blank"]),
        (b'{"routing_key": "%s", ', "Unrecognized object", ["JSON parse error"]),
    ],
)
def test_a_change_that_cannot_be_read_is_refused_in_the_apis_words_and_pages_nobody(
    sender, body, status, errors
):
    key = sender.key("pagerduty")
    wrong = body % key.encode() if isinstance(body, bytes) else change(key, **body)
    answer = sender.post(CHANGE, wrong)
    assert answer.status == 400
    assert (answer.json["status"], answer.json["errors"]) == (status, errors)
    assert not Alert.objects.exists()
    assert not Change.objects.exists()
    unknown = sender.post(CHANGE, change("0" * 32))
    assert (unknown.status, unknown.json["status"]) == (400, "invalid key")
    assert sender.post(CHANGE, change("x")).json["errors"] == [
        "Length of 'routing_key' is incorrect (should be 32 characters)"
    ]


def test_a_generic_change_is_kept_too_and_one_without_a_summary_rejected(sender):
    checkout = factories.service("checkout")
    events = [
        {"action": "change", "summary": "Flag on", "service": "checkout", "dedup_key": "flag/1"},
        {"action": "change", "summary": "Flag on", "service": "checkout", "dedup_key": "flag/1"},
        {"action": "change"},
        {"summary": "down", "service": "checkout"},
    ]
    answer = sender.post(GENERIC, json.dumps(events).encode(), bearer=sender.key("generic"))
    assert answer.status == 202
    assert [one.get("status", one.get("action")) for one in answer.json["events"]] == [
        "change", "change", "rejected", "trigger",
    ]  # fmt: skip
    assert [one.summary for one in slo.changes_of(service_id=checkout.pk)] == ["Flag on"]
    assert Alert.objects.get().summary == "down"
