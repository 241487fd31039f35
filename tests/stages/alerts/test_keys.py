"""Integration keys."""

from datetime import timedelta

import pytest

from andon.alerts import actions, queries
from andon.alerts.models import IntegrationKey
from andon.core.ids import digest
from andon.core.models import AuditEntry
from tests.support.alerts import NOW

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def create(kind="generic", name="cron", **more):
    return actions.create_key(name=name, kind=kind, by="ann", now=NOW, **more)


def test_the_plain_key_is_stored_nowhere():
    secret = create()
    assert secret.plain.startswith("andon_key_")
    row = IntegrationKey.objects.values().get()
    assert all(secret.plain not in str(value) for value in row.values())
    assert all(secret.plain not in str(entry) for entry in AuditEntry.objects.values())
    assert queries.live_keys()[digest(secret.plain)].name == "cron"


def test_pagerdutys_format_fixes_32_characters():
    plain = create("pagerduty").plain
    assert len(plain) == 32
    assert int(plain, 16)


def test_an_unknown_service_is_refused():
    with pytest.raises(actions.UnableToCreateKey, match="nope"):
        create(service_slug="nope")
    assert IntegrationKey.objects.count() == 0


@pytest.mark.parametrize("by", ["id", "name", "hint"])
def test_a_key_is_revoked_by_what_the_listing_shows(by):
    secret = create()
    (row,) = queries.list_keys()
    key = str(row[by]) + ("..." if by == "hint" else "")
    assert actions.revoke_key(key=key, by="ann", now=NOW) == "cron"
    assert queries.live_keys() == {}
    assert queries.revoked_digests() == {digest(secret.plain)}
    with pytest.raises(actions.UnableToRevokeKey):
        actions.revoke_key(key=key, by="ann", now=NOW)


def test_an_ambiguous_name_revokes_nothing():
    create()
    create()
    with pytest.raises(actions.UnableToRevokeKey, match="2 live keys"):
        actions.revoke_key(key="cron", by="ann", now=NOW)
    assert len(queries.live_keys()) == 2


def test_use_is_noted():
    create()
    ids = [key.id for key in queries.live_keys().values()]
    actions.touch_keys(ids=ids, now=NOW + timedelta(hours=1))
    assert IntegrationKey.objects.get().last_used_at == NOW + timedelta(hours=1)
