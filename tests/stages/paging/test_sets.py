"""The work is done on sets: the number of queries does not grow with the number of alerts."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from andon.alerts import actions as alerts
from andon.paging import actions as paging
from andon.paging.models import Page
from tests.support.world import World

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def queries(work: Callable[[], int], *, done: int) -> int:
    """Return how many statements some work took; an executemany counts once per row on SQLite."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert work() == done
    return len([q for q in captured.captured_queries if " times: " not in q["sql"]])


def storm(world: World, count: int, *, start: int) -> None:
    names = [f"s{n}" for n in range(start, start + count)]
    for name in names:
        world.service(name, owner="shop")
    world.post([world.alert("firing", service=name) for name in names])
    alerts.find_services(now=world.now, limit=1000)


def test_routing_escalating_and_ending_take_a_constant_number_of_queries() -> None:
    world = World()
    world.rota("shop-rota", ["ann", "ben"], team="shop")
    counts: list[tuple[int, ...]] = []
    for size, start in ((5, 0), (60, 100)):
        storm(world, size, start=start)
        routed = queries(lambda: paging.route_alerts(now=world.now, limit=500), done=size)
        world.now += timedelta(minutes=5)
        escalated = queries(lambda: paging.escalate_due(now=world.now, limit=500), done=size)
        ids = list(Page.objects.exclude(state="resolved").values_list("pk", flat=True))
        taken = queries(
            lambda ids=ids: paging.acknowledge(
                page_ids=ids, by="Ann", person_id=None, now=world.now, via="test"
            ),
            done=size,
        )
        ended = queries(
            lambda ids=ids: paging.resolve(page_ids=ids, by="Ann", now=world.now), done=size
        )
        counts.append((routed, escalated, taken, ended))
    assert counts[0] == counts[1]
    assert max(counts[0]) < 45
