"""From the names in an alert to a service of the catalogue."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from andon.alerts import actions, queries
from andon.alerts.models import Alert
from andon.alerts.types import RawRequest
from andon.catalogue.models import ServiceAlias
from andon.core.ids import digest
from tests.support import factories
from tests.support.alerts import NOW, event

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def receive(key, *events):
    raw = [RawRequest(key.id, key.kind, NOW, b"{}")]
    actions.receive(received=[(key, one) for one in events], raw=raw, now=NOW)
    actions.find_services(now=NOW, limit=10_000)


def found():
    return [
        (alert.service.slug if alert.service else None, alert.service_why)
        for alert in Alert.objects.select_related("service").order_by("id")
    ]


@pytest.mark.parametrize(
    ("named", "slug"),
    [
        ({"service_ref": "checkout"}, "checkout"),
        ({"service_ref": " CheckOut "}, "checkout"),
        ({"service_ref": "Kasse"}, "checkout"),
        ({"service_ref": "nothing", "labels": {"app": "stock-1"}}, "stock-1"),
        ({"labels": {"job": "stock-1", "service": "checkout"}}, "checkout"),
        ({"labels": {"service_name": "stock-1", "job": "checkout"}}, "stock-1"),
    ],
)
def test_the_service_is_found_by_name_then_alias_then_label(key, named, slug):
    checkout = factories.service("checkout")
    factories.service("stock-1")
    ServiceAlias.objects.create(alias="kasse", service=checkout)
    receive(key, event(**named))
    assert [one for one, _ in found()] == [slug]


def test_r09_unknown_route_reaches_the_catch_all(key):
    """No alert is dropped for want of a service: paging and the portal get it, with the reason."""
    receive(key, event(service_ref="chekout"), event(dedup_key="b"))
    assert [one.service_id for one in actions.take_unseen(limit=10)] == [None, None]
    assert 'none of the names in the alert: "chekout"' in found()[0][1]
    assert found()[1][1] == "The alert names no service."
    assert len(queries.gaps()) == 2


def test_the_service_of_the_key_comes_first():
    factories.service("checkout")
    factories.service("stock-1")
    secret = actions.create_key(name="k", kind="generic", service_slug="Stock-1", by="ann", now=NOW)
    key = queries.live_keys()[digest(secret.plain)]
    assert key.service_slug == "stock-1"
    receive(key, event(service_ref="checkout"))
    assert found() == [("stock-1", "The integration key belongs to stock-1.")]


def test_queries_do_not_grow_with_alerts(key):
    for n in range(3):
        factories.service(f"s-{n}")

    def count(amount, prefix):
        events = [event(dedup_key=f"{prefix}{n}", service_ref=f"s-{n % 4}") for n in range(amount)]
        raw = [RawRequest(key.id, key.kind, NOW, b"{}")]
        actions.receive(received=[(key, one) for one in events], raw=raw, now=NOW)
        with CaptureQueriesContext(connection) as captured:
            assert actions.find_services(now=NOW, limit=10_000) == amount
        return len(captured)

    assert count(4, "x") == count(400, "y")


def test_nothing_to_do_is_one_query(key):
    with CaptureQueriesContext(connection) as captured:
        assert actions.find_services(now=NOW, limit=10) == 0
    assert len(captured) == 1
