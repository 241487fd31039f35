"""Rows that are due are taken once, however many workers reach for them."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection

from andon.core import claims
from andon.paging.models import Notification, Page

pytestmark = pytest.mark.database

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)


def a_page() -> Page:
    return Page.objects.create(
        subject_kind="service",
        subject_ref="1",
        state="paging",
        severity="critical",
        summary="x",
        opened_at=NOW,
        started_at=NOW,
        next_at=NOW,
    )


def notifications(count: int, **fields: object) -> list[Notification]:
    page = a_page()
    fields = {"next_at": NOW, **fields}
    rows = [
        Notification(
            page=page,
            step=n,
            kind="email",
            destination=f"{n}@example.org",
            subject="x",
            body="x",
            created_at=NOW,
            **fields,
        )
        for n in range(count)
    ]
    return Notification.objects.bulk_create(rows)


def take(limit: int = 100, now: datetime = NOW) -> dict[int, int]:
    return claims.claim(Notification, now=now, limit=limit, lease=LEASE)


@pytest.mark.django_db(transaction=True)
def test_a_thousand_rows_raced_for_by_four_workers_are_claimed_once_each():
    expected = {row.pk for row in notifications(1000)}
    taken: list[int] = []
    start = threading.Barrier(4)

    def worker() -> None:
        start.wait()
        try:
            while got := claims.retry(lambda: take(limit=37)):
                taken.extend(got)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert max(Counter(taken).values()) == 1
    # A worker may see nothing free while the others hold the rest; nothing is left unclaimed for
    # long.
    taken.extend(take(limit=1000))
    assert set(taken) == expected
    assert len(taken) == 1000


@pytest.mark.django_db
def test_a_lease_hides_a_row_until_it_ends_and_the_fence_rises():
    [row] = notifications(1)
    assert take() == {row.pk: 1}
    assert take(now=NOW + LEASE - timedelta(microseconds=1)) == {}
    assert take(now=NOW + LEASE) == {row.pk: 2}


@pytest.mark.django_db
def test_a_fenced_worker_changes_nothing():
    [row] = notifications(1)
    late = take()
    newer = take(now=NOW + LEASE)
    assert claims.finish(Notification, claims=late, state="failed", next_at=None) == 0
    assert claims.finish(Notification, claims=newer, state="sent", next_at=None) == 1
    row.refresh_from_db()
    assert (row.state, row.next_at, row.lease_until) == ("sent", None, None)


@pytest.mark.django_db
def test_rows_not_due_or_without_a_due_time_are_left():
    notifications(2, next_at=NOW + timedelta(seconds=1))
    Notification.objects.filter(step=0).update(next_at=None)
    assert take() == {}


@pytest.mark.django_db
def test_the_limit_takes_the_earliest_first():
    rows = notifications(5)
    for offset, row in enumerate(reversed(rows)):
        Notification.objects.filter(pk=row.pk).update(next_at=NOW - timedelta(minutes=offset))
    assert set(take(limit=2)) == {rows[0].pk, rows[1].pk}


@pytest.mark.django_db(transaction=True)
def test_locks_need_a_transaction():
    with pytest.raises(RuntimeError, match="inside a transaction"):
        claims.lock(Page.objects.all())


@pytest.mark.django_db(transaction=True)
def test_a_lost_race_is_repeated_and_other_errors_are_not():
    tries = []

    def loses_twice() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("database is locked")
        return "done"

    assert claims.retry(loses_twice) == "done"
    assert len(tries) == 3
    with pytest.raises(OperationalError, match="no such"):
        claims.retry(lambda: (_ for _ in ()).throw(OperationalError("no such table")))
