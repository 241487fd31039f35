"""The one concurrency primitive: rows that are due are taken by exactly one worker at a time.

Two ways to take them. `lock` holds rows for the length of a transaction: right when the work is
only database work, because a dying worker gives them back at once. `claim` leases rows beyond the
transaction: right when the work talks to the outside. A worker that dies keeps its lease until it
ends; then the row comes round again, so what follows a claim must be safe to repeat. Every claim
raises the row's `fence`, and `finish` asks for it: a worker that was too slow finds that its rows
are somebody else's now.

Locks are always taken in this order: alerts, pages, notifications; inside a table by primary key.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from django.db import (
    InterfaceError,
    OperationalError,
    connection,
    connections,
    models,
    router,
    transaction,
)
from django.db.models import Q, QuerySet

T = TypeVar("T")
R = TypeVar("R")

#: PostgreSQL: serialization failure, deadlock, a transaction that was ended because it lay idle or
#: took too long (this process was frozen). All mean: nothing happened, do it again.
_AGAIN = frozenset({"40001", "40P01", "25P03", "25P04"})
#: PostgreSQL: somebody else held a row for longer than may be waited.
_HELD = "55P03"


def claim(
    model: type[models.Model],
    *,
    now: datetime,
    limit: int,
    lease: timedelta,
    where: Q | None = None,
    order_by: tuple[str, ...] = (),
    due: str = "next_at",
) -> dict[int, int]:
    """Lease up to `limit` rows that are due and free; return their primary keys and fences.

    `model` has a `due` column, `lease_until` and `fence`. `order_by` says which rows go first when
    there are more than `limit`; the answer keeps that order on neither database.
    """
    using = router.db_for_write(model)
    condition = Q(**{f"{due}__lte": now}) & _free(now)
    if where is not None:
        condition &= where
    rows = model._default_manager.using(using).filter(condition)  # noqa: SLF001 - documented
    rows = rows.order_by(*(order_by or (due, "pk")))
    with transaction.atomic(using=using):
        return _lease(rows, using=using, now=now, until=now + lease, due=due, limit=limit)


def finish(
    model: type[models.Model],
    *,
    claims: Mapping[int, int],
    where: Q | None = None,
    **changes: object,
) -> int:
    """Free claimed rows and change them; return how many were still ours.

    Rows that another worker has claimed since are left alone. One statement per distinct fence.
    """
    by_fence: dict[int, list[int]] = defaultdict(list)
    for pk, fence in claims.items():
        by_fence[fence].append(pk)
    changed = 0
    with transaction.atomic(using=router.db_for_write(model)):
        for fence, pks in sorted(by_fence.items()):
            rows = model._default_manager.filter(pk__in=sorted(pks), fence=fence)  # noqa: SLF001
            changed += rows.filter(where or Q()).update(lease_until=None, **changes)
    return changed


def keep(model: type[models.Model], *, claims: Mapping[int, int], until: datetime) -> int:
    """Lengthen the leases of claimed rows, lapsed ones too; return how many are still ours.

    A row that somebody is changing at this moment is left out; the next time comes soon.
    """
    rows = model._default_manager.filter(lease_until__isnull=False)  # noqa: SLF001 - documented
    with transaction.atomic(using=router.db_for_write(model)):
        ours = rows.filter(pk__in=sorted(claims)).order_by("pk").values_list("pk", "fence")
        held = [pk for pk, fence in lock(ours) if fence == claims[pk]]
        return rows.filter(pk__in=held).update(lease_until=until) if held else 0


def free_all(model: type[models.Model]) -> int:
    """End every lease on a table, for whoever knows that no worker lives; return how many."""
    rows = model._default_manager.filter(lease_until__isnull=False)  # noqa: SLF001 - documented
    return rows.update(lease_until=None)


def lock(rows: "QuerySet[Any, R]", *, limit: int | None = None, wait: bool = False) -> list[R]:
    """Return rows held until the running transaction ends; those that others hold are left out.

    With `values` or `values_list` every table of the query is locked: ask for columns of one only.
    `wait` waits for the others instead. SQLite has one writer at a time and its transactions are
    IMMEDIATE, so there the transaction itself is the lock.
    """
    using = rows.db
    if not connections[using].in_atomic_block:
        raise RuntimeError("rows can only be locked inside a transaction")
    if connections[using].features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=not wait, of=("self",))
    return list(rows[:limit] if limit is not None else rows)


def alone(name: str) -> None:
    """Wait for the other transactions that do what bears this name, and let the next wait for us.

    An IMMEDIATE transaction of SQLite is alone already.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a name can only be held inside a transaction")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])


def retry(work: Callable[[], T], *, attempts: int = 5) -> T:
    """Run a transaction, again when the database says that it lost a race; return what it returns.

    `work` opens its own transaction and must have no effect outside it. Inside another transaction
    it runs once, because only the outer one can be repeated.
    """
    for attempt in range(1, attempts + 1):
        try:
            return work()
        except OperationalError as error:
            outer = transaction.get_connection().in_atomic_block
            if outer or attempt == attempts or not lost_race(error):
                raise
            time.sleep(random.uniform(0.005, 0.02) * 2**attempt)  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable")


def lost_race(error: BaseException) -> bool:
    """Return whether the database says that the same transaction may succeed if repeated."""
    cause = error.__cause__ or error
    if getattr(cause, "sqlstate", None) in _AGAIN:
        return True
    return "database is locked" in str(error) or "database table is locked" in str(error)


def lost_connection(error: BaseException) -> bool:
    """Return whether the database went away, or ended the session, under the work."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    # The server's refusals of a statement have a state; class 57 is its own shutting down.
    state = getattr(error.__cause__ or error, "sqlstate", None)
    return connection.vendor == "postgresql" and (state is None or state[:2] in ("08", "25", "57"))


def was_held(error: BaseException) -> bool:
    """Return whether somebody held a row for so long that waiting for it was given up."""
    return getattr(error.__cause__ or error, "sqlstate", None) == _HELD


def unhurried() -> AbstractContextManager[None]:
    """Let transactions of the block take minutes, and lie idle between their statements.

    Others end after seconds, so that a frozen process holds nobody up. To be entered before the
    transaction, around what people wait for and no page does: applying, posting, migrating.
    """
    return _bounds("unhurried")


def hasty() -> AbstractContextManager[None]:
    """Let nothing in the block wait for rows that others hold for more than a moment."""
    return _bounds("hasty")


def _bounds(name: str) -> AbstractContextManager[None]:
    """Ask our PostgreSQL backend; SQLite has one writer, and its locks die with their process."""
    found: Callable[[], AbstractContextManager[None]] = getattr(connection, name, nullcontext)
    return found()


def _free(now: datetime) -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lte=now)


def _lease(
    rows: "QuerySet[Any]", *, using: str, now: datetime, until: datetime, due: str, limit: int
) -> dict[int, int]:
    database = connections[using]
    if database.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    chosen, params = rows.values("pk")[:limit].query.sql_with_params()
    meta = rows.model._meta  # noqa: SLF001 - documented
    table = database.ops.quote_name(meta.db_table)
    at = database.ops.adapt_datetimefield_value
    key, column = meta.pk.column, meta.get_field(due).column
    # The whole condition is repeated outside the choice: comparing only the old lease value would
    # let a row that was leased, freed and leased again in between be taken twice. MATERIALIZED
    # keeps PostgreSQL from evaluating the choice more than once.
    materialized = "MATERIALIZED" if database.vendor == "postgresql" else ""
    sql = (
        f"WITH chosen(pk) AS {materialized} ({chosen}) "
        f"UPDATE {table} SET lease_until = %s, fence = fence + 1 "
        f"WHERE {key} IN (SELECT pk FROM chosen) AND {column} <= %s "
        f"AND (lease_until IS NULL OR lease_until <= %s) RETURNING {key}, fence"
    )
    with database.cursor() as cursor:
        cursor.execute(sql, (*params, at(until), at(now), at(now)))
        return dict(cast("list[tuple[int, int]]", cursor.fetchall()))
