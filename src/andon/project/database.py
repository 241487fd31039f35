"""Brings the database's tables up to this version of Andon."""

import time
from contextlib import ExitStack

import structlog
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper

from andon.core import claims

log = structlog.get_logger(__name__)

#: Any number; PostgreSQL's advisory lock under which one node migrates while the others wait.
_MIGRATION_LOCK = 4_153_001
_TRY_SECONDS, _SAY_AFTER_SECONDS = 0.2, 3.0


def migrate() -> None:
    """Apply every migration that is missing; nodes that start together take turns."""
    with ExitStack() as stack:
        stack.callback(connection.close)
        # A migration may rewrite a large table, or work on its rows for minutes.
        stack.enter_context(claims.unhurried())
        if connection.vendor == "postgresql":
            cursor = stack.enter_context(connection.cursor())
            _wait_for_turn(cursor)
            stack.callback(cursor.execute, "SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])
        call_command("migrate", interactive=False, verbosity=0)


def _wait_for_turn(cursor: CursorWrapper) -> None:
    """Take the advisory lock, and say for whom this node waits while it does.

    It belongs to a session: the server gives it back when its node dies, is cut off, or lies idle
    in a transaction for too long.
    """
    told = time.monotonic() + _SAY_AFTER_SECONDS
    while True:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_MIGRATION_LOCK])
        [mine] = cursor.fetchone()
        if mine:
            return
        if time.monotonic() > told:
            log.warning("waiting_for_migrations", why="another node migrates this database")
            told = time.monotonic() + 10 * _SAY_AFTER_SECONDS
        time.sleep(_TRY_SECONDS)


def make_tables() -> None:
    """Migrate a database that has no tables yet, so that any command may be the first."""
    if "django_migrations" not in connection.introspection.table_names():
        migrate()
