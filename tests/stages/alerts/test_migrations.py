"""What the migrations of alerts make of rows that were stored before."""

import importlib
import json
from types import SimpleNamespace

import msgspec
import pytest
from django.apps import apps
from django.db import connection

from andon.alerts import actions, queries
from andon.alerts.models import Alert, IntakeBatch, IntegrationKey, RejectedRequest
from andon.alerts.types import RawRequest
from andon.web.hooks.receivers import parse
from tests.support.alerts import NOW

pytestmark = [pytest.mark.database, pytest.mark.django_db]
migration = importlib.import_module("andon.alerts.migrations.0005_no_rate_no_keys")
EDITOR = SimpleNamespace(connection=connection)


def make(name: str, kind: str, rate: int) -> tuple[int, str]:
    secret = actions.create_key(name=name, kind=kind, by="ann", now=NOW, per_minute=rate)
    return IntegrationKey.objects.get(name=name).pk, secret.plain


def test_alertmanager_keys_lose_the_rate_that_nobody_chose():
    make("old", "alertmanager", 1200)
    make("chosen", "alertmanager", 60)
    make("other", "generic", 1200)
    migration.take_rates(apps, EDITOR)
    rates = dict(IntegrationKey.objects.values_list("name", "per_minute"))
    assert rates == {"old": 0, "chosen": 60, "other": 1200}


def test_routing_keys_are_masked_in_stored_requests_which_replay_as_before():
    pk, plain = make("pd", "pagerduty", 1200)
    other, _ = make("am", "alertmanager", 0)
    event = {
        "payload": {"summary": "it broke", "source": "db1", "severity": "error"},
        "event_action": "trigger",
        "dedup_key": "db1",
        "routing_key": plain,
    }
    body = json.dumps(event).encode()
    kept = b'{"alerts": [], "routing_key": "not ours"}'
    raw = [RawRequest(pk, "pagerduty", NOW, body), RawRequest(other, "alertmanager", NOW, kept)]
    old = msgspec.msgpack.encode([_old(one) for one in raw])
    IntakeBatch.objects.create(received_at=NOW, requests=old, count=2)
    RejectedRequest.objects.create(key_id=pk, received_at=NOW, why="no", body=body)

    migration.mask_keys(apps, EDITOR)

    stored = bytes(IntakeBatch.objects.get().requests)
    assert plain.encode() not in stored + bytes(RejectedRequest.objects.get().body)
    assert kept in stored
    done = actions.replay(parse=parse, keys=queries.all_keys(), since=NOW, now=NOW)
    assert (done.requests, done.events, done.opened) == (2, 1, 1)
    assert Alert.objects.get().dedup_key == "db1"


def _old(one: RawRequest) -> list[object]:
    """Return a request as it was stored before identities were kept."""
    return [one.key_id, one.kind, one.received_at, one.body]
