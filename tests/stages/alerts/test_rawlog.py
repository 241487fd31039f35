"""The raw log: replaying it, purging it, and what was refused."""

from datetime import timedelta

import pytest

from andon.alerts import actions, queries
from andon.alerts.models import Alert, IntakeBatch, IntegrationKey, RejectedRequest
from andon.alerts.types import KeyFault, RawRequest, UnreadableRequest
from andon.integrations.alertmanager import receiver
from tests.support.alerts import NOW, alertmanager_body

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def parse(raw, key):
    return receiver.parse(raw.body, key)


def deliver(key, body, minutes):
    now = NOW + timedelta(minutes=minutes)
    received = [(key, alert) for alert in receiver.parse(body, key)]
    raw = [RawRequest(key.id, key.kind, now, body)]
    actions.receive(received=received, raw=raw, now=now)


def replay(**changes):
    arguments = {"parse": parse, "keys": queries.all_keys(), "since": NOW, "now": NOW}
    return actions.replay(**(arguments | changes))


def state():
    return list(Alert.objects.order_by("key_id", "dedup_key", "received_at", "id").values())


@pytest.fixture
def history(key):
    deliver(key, alertmanager_body("A", "B"), 0)
    deliver(key, alertmanager_body("A"), 1)
    deliver(key, alertmanager_body("A", status="resolved"), 2)
    deliver(key, alertmanager_body("A"), 3)
    return key


def test_i16_replay_of_what_is_there_changes_nothing(history):
    before = state()
    done = replay()
    assert (done.requests, done.known, done.opened, done.unreadable) == (4, 3, 0, 0)
    assert state() == before


def test_replay_stores_what_is_missing_once(history):
    before = [(row["dedup_key"], row["state"], row["count"]) for row in state()]
    Alert.objects.all().delete()
    done = replay()
    assert done.opened == 3
    assert [(row["dedup_key"], row["state"], row["count"]) for row in state()] == before
    stored = state()
    assert replay().opened == 0
    assert state() == stored


def test_nobody_is_paged_for_what_has_ended(history):
    Alert.objects.all().delete()
    replay()
    actions.find_services(now=NOW, limit=10)
    assert {one.state for one in actions.take_unseen(limit=10)} == {"open"}


def test_replay_respects_what_people_did(history):
    ids = list(Alert.objects.values_list("id", flat=True))
    actions.resolve(ids=ids, by="ann", now=NOW + timedelta(minutes=9))
    before = state()
    assert replay().opened == 0
    assert state() == before


def test_a_corrected_receiver_finds_more(key):
    def broken(_raw, _key):
        raise UnreadableRequest("no")

    deliver(key, alertmanager_body("A"), 0)
    Alert.objects.all().delete()
    assert replay(parse=broken).unreadable == 1
    assert replay().opened == 1


def test_several_alerts_of_one_identity_in_one_batch(key):
    bodies = [alertmanager_body("A"), alertmanager_body("A", status="resolved")] * 2
    received = [(key, alert) for body in bodies for alert in receiver.parse(body, key)]
    raw = [RawRequest(key.id, key.kind, NOW, body) for body in bodies]
    actions.receive(received=received, raw=raw, now=NOW)
    before = state()
    assert len(before) == 2
    assert replay().opened == 0
    assert state() == before
    Alert.objects.all().delete()
    assert replay().opened == 2


def test_old_requests_are_purged_and_alerts_stay(history):
    actions.record_fault(fault=KeyFault(history.id, "unreadable", "no", b"x"), now=NOW)
    gone = actions.purge_raw(
        now=NOW + timedelta(days=14, minutes=1, seconds=1), keep=timedelta(days=14)
    )
    assert gone == 3
    assert IntakeBatch.objects.count() == 2
    assert Alert.objects.count() == 3


def test_a_refused_request_is_a_visible_fault(key):
    fault = KeyFault(key.id, "unreadable", "alerts: required", b"x" * 100_000)
    actions.record_fault(fault=fault, now=NOW)
    assert len(RejectedRequest.objects.get().body) == 64 * 1024
    row = IntegrationKey.objects.get(pk=key.id)
    assert (row.rejected_at, row.rejected_why) == (NOW, "alerts: required")
    assert (row.lost_at, queries.troubles(now=NOW)) == (None, [])


def test_a_fault_that_loses_alerts_is_told_apart_and_outlives_other_faults(key):
    lost = KeyFault(key.id, "too_large", "too large", b"{", is_loss=True)
    actions.record_fault(fault=lost, now=NOW)
    later = NOW + timedelta(minutes=1)
    actions.record_fault(fault=KeyFault(key.id, "throttled", "too fast"), now=later)
    (found,) = queries.troubles(now=later)
    assert (found.since, found.said, found.is_ours) == (NOW, "am: too large", False)
    assert "am" not in found.what
    again = NOW + timedelta(minutes=59)
    actions.record_fault(fault=lost, now=again)
    assert queries.troubles(now=again + timedelta(minutes=59))[0].since == NOW
    assert queries.troubles(now=again + timedelta(minutes=61)) == []
    new = again + timedelta(minutes=62)
    actions.record_fault(fault=lost, now=new)
    assert queries.troubles(now=new)[0].since == new
    actions.revoke_key(key="am", by="ann", now=new)
    assert queries.troubles(now=new) == []
    assert RejectedRequest.objects.count() == 3
