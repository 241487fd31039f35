"""Group commit: together, once, durable, and 503 when it is not."""

import threading
import time

import pytest
from django.db import OperationalError
from prometheus_client import REGISTRY

from andon.alerts import actions, queries
from andon.alerts.models import Alert, IntakeBatch
from andon.web.hooks import keys, writer
from andon.web.hooks.app import Intake
from tests.support.alerts import NOW, alertmanager_body
from tests.web.hooks.conftest import Sender

AM = "/hooks/alertmanager/"


def test_r34_parallel_identical_events_make_one_alert(sender):
    key = sender.key()
    requests = [sender.request(AM, alertmanager_body("A"), bearer=key) for _ in range(200)]
    assert {answer.status for answer in sender.all(requests)} == {202}
    assert Alert.objects.get().count == 200
    assert sum(IntakeBatch.objects.values_list("count", flat=True)) == 200


def test_what_arrives_together_is_written_together(sender, stored):
    key = sender.key()
    requests = [sender.request(AM, alertmanager_body(f"A{n}"), bearer=key) for n in range(100)]
    sender.all(requests)
    assert Alert.objects.count() == 100
    assert IntakeBatch.objects.count() < 20
    assert len(stored) == IntakeBatch.objects.count()


def test_a_flood_is_cut_into_transactions(sender, monkeypatch):
    monkeypatch.setattr(writer, "MAX_BATCH_ALERTS", 10)
    key = sender.key()
    names = [[f"A{n}-{m}" for m in range(7)] for n in range(30)]
    requests = [sender.request(AM, alertmanager_body(*each), bearer=key) for each in names]
    assert {answer.status for answer in sender.all(requests)} == {202}
    assert Alert.objects.count() == 210
    assert max(IntakeBatch.objects.values_list("count", flat=True)) <= 2


def test_a_new_key_works_at_once_and_a_revoked_one_soon_not(sender):
    key = sender.key()
    assert sender.post(AM, alertmanager_body("A"), bearer=key).status == 202
    second = sender.key()
    assert sender.post(AM, alertmanager_body("A"), bearer=second).status == 202
    actions.revoke_key(hint=queries.list_keys()[0]["hint"], by="ann", now=NOW)
    deadline = time.monotonic() + 10
    while sender.post(AM, alertmanager_body("A"), bearer=key).status != 403:
        assert time.monotonic() < deadline, "the key still works"
        threading.Event().wait(0.05)


def test_our_own_trouble_is_503_and_nothing_is_half_stored(sender, monkeypatch):
    key = sender.key()
    sender.post(AM, alertmanager_body("A"), bearer=key)

    def fail(**_arguments):
        raise OperationalError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(writer.alerts, "receive", fail)
        answer = sender.post(AM, alertmanager_body("B"), bearer=key)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert Alert.objects.count() == 1
    assert sender.post(AM, alertmanager_body("B"), bearer=key).status == 202


def test_i03_keys_work_while_the_database_is_down(sender, monkeypatch):
    """Never a 401 for a database that cannot be asked: known keys get 503, so do unknown ones."""
    key = sender.key()
    assert sender.post(AM, alertmanager_body("A"), bearer=key).status == 202

    def fail(**_arguments):
        raise OperationalError("no route to the database")

    monkeypatch.setattr(writer.queries, "live_keys", fail)
    monkeypatch.setattr(writer.alerts, "receive", fail)
    assert sender.post(AM, alertmanager_body("A"), bearer=key).status == 503
    assert sender.post(AM, alertmanager_body("A"), bearer="andon_key_new").status == 503


def test_one_odd_request_does_not_stop_the_others(sender, monkeypatch):
    key = sender.key()
    real = writer.alerts.receive

    def odd(*, received, raw, now):
        if any(alert.dedup_key == "fp-odd" for _, alert in received):
            raise TypeError("a defect of ours")
        return real(received=received, raw=raw, now=now)

    monkeypatch.setattr(writer.alerts, "receive", odd)
    names = ["A", "B", "odd", "C"]
    requests = [sender.request(AM, alertmanager_body(name), bearer=key) for name in names]
    assert [answer.status for answer in sender.all(requests)] == [202, 202, 503, 202]
    assert Alert.objects.count() == 3


def test_a_writer_that_hangs_is_answered_503(sender, monkeypatch):
    key = sender.key()
    real, release = writer.alerts.receive, threading.Event()

    def hang(**arguments):
        release.wait(20)
        return real(**arguments)

    monkeypatch.setattr(writer.alerts, "receive", hang)
    monkeypatch.setattr(writer, "TIMEOUT_SECONDS", 0.2)
    try:
        assert sender.post(AM, alertmanager_body("A"), bearer=key).status == 503
    finally:
        release.set()


def test_requests_that_are_not_on_disk_yet_are_counted(sender, monkeypatch):
    key = sender.key()
    real, seen = writer.alerts.receive, []

    def waiting():
        return REGISTRY.get_sample_value("andon_intake_waiting_requests")

    def receive(**arguments):
        seen.append(waiting())
        return real(**arguments)

    monkeypatch.setattr(writer.alerts, "receive", receive)
    sender.all([sender.request(AM, alertmanager_body(name), bearer=key) for name in "ABC"])
    assert max(seen) >= 1
    assert waiting() == 0


def test_before_the_start_and_after_the_stop_it_is_503(transactional_db):
    intake = Intake()
    sender = Sender(intake)
    key = sender.key()
    assert sender.post(AM, alertmanager_body("A"), bearer=key).status == 503
    assert not intake.ready
    intake.start()
    assert sender.post(AM, alertmanager_body("A"), bearer=key).status == 202
    assert intake.ready
    intake.stop()
    answer = sender.post(AM, alertmanager_body("A"), bearer=key)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert Alert.objects.get().count == 1


def test_unknown_keys_cannot_make_us_ask_the_database_often(sender, monkeypatch):
    sender.key()
    asked: list[int] = []
    real = writer.queries.live_keys

    def counted():
        asked.append(1)
        return real()

    monkeypatch.setattr(writer.queries, "live_keys", counted)
    requests = [sender.request(AM, b"{}", bearer=f"andon_key_{n}") for n in range(200)]
    assert {answer.status for answer in sender.all(requests)} == {401}
    assert len(asked) <= 3


@pytest.mark.parametrize(("per_minute", "at_once"), [(60, 120), (1200, 2400)])
def test_a_bucket_holds_two_minutes_and_refills_steadily(per_minute, at_once):
    now = [0.0]
    ring = keys.KeyRing(clock=lambda: now[0])
    key = queries.KnownKey(1, "generic", "k", None, None, per_minute)
    assert [ring.throttle(key) for _ in range(at_once)] == [0] * at_once
    wait = ring.throttle(key)
    assert wait == pytest.approx(60 / per_minute)
    now[0] += wait
    assert ring.throttle(key) == 0
    assert ring.throttle(key) > 0
