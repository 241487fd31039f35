"""What watches over pages stays quick when years of them are stored."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models

from andon.alerts.models import Alert
from andon.engine import health
from andon.engine.watch import HealthWatch
from andon.paging import actions as paging
from andon.paging.models import Page
from tests.support.world import World

pytestmark = pytest.mark.database

COPIES = 100_000
#: Seconds. Measured alone on SQLite with 300,000: 0.02; before the index was used, 0.5.
LONGEST = 1.0
_UID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}


def multiply(model: type[models.Model], *, times: int) -> None:
    """Copy the only row of a table many times, each copy with an id of its own."""
    names = [field.column for field in model._meta.local_fields if field.column != "id"]
    wanted = ", ".join(_UID[connection.vendor] if name == "uid" else name for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times}) "
            f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) "
            f"SELECT {wanted} FROM {model._meta.db_table} CROSS JOIN n"
        )


def test_r03_auditor_stays_fast_and_its_silence_pages(db: None) -> None:
    world = World()
    world.service("checkout")
    world.rota("rota", ["ann", "ben"], team="checkout")
    world.alertmanager("firing", service="checkout")
    world.alertmanager("resolved", service="checkout")
    world.inbox.clear()
    for model in (Alert, Page):
        multiply(model, times=COPIES)
        assert model.objects.count() == COPIES + 1
    watch = HealthWatch(transports={"email": world.email}, read_clock=lambda: world.now)
    for work in (
        lambda: paging.repair(now=world.now, limit=500),
        lambda: watch.look(now=world.now),
        lambda: health.export(now=world.now),
    ):
        assert seconds(work) < LONGEST
    later = world.now + timedelta(minutes=1)
    watch.look(now=later)
    watch.look(now=later + timedelta(seconds=10))
    world.expect.email(to="fallback", containing="Andon itself is in trouble")


def seconds(work: Any) -> float:
    """Return how long some work takes."""
    started = time.perf_counter()
    work()
    took = time.perf_counter() - started
    print(f"{took:.3f} s")
    return took
