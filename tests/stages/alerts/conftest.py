import pytest

from andon.alerts import actions, queries
from andon.alerts.types import KnownKey
from andon.core.ids import digest
from tests.support.alerts import NOW


@pytest.fixture
def key(db) -> KnownKey:
    secret = actions.create_key(name="am", kind="alertmanager", by="ann", now=NOW)
    return queries.live_keys()[digest(secret.plain)]


@pytest.fixture
def other_key(db) -> KnownKey:
    secret = actions.create_key(name="am-2", kind="alertmanager", by="ann", now=NOW)
    return queries.live_keys()[digest(secret.plain)]
