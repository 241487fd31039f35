"""Brings the database's tables up to this version of Andon."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import structlog
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

import andon
from andon.core import claims, masking

log = structlog.get_logger(__name__)

#: Any number; PostgreSQL's advisory lock under which one node migrates while the others wait.
_MIGRATION_LOCK = 4_153_001
_TRY_SECONDS, _SAY_AFTER_SECONDS = 0.2, 3.0


class NewerDatabase(SystemExit):
    """A newer Andon has changed the tables; this one would write what that one cannot read."""


class UnusableDatabase(SystemExit):
    """The database does not answer, or cannot be written; says what to look at."""


def migrate() -> None:
    """Apply every migration that is missing; nodes that start together take turns.

    Raises NewerDatabase, having changed nothing, and UnusableDatabase.
    """
    with _said_in_words(), ExitStack() as stack:
        stack.callback(connection.close)
        # A migration may rewrite a large table, or work on its rows for minutes.
        stack.enter_context(claims.unhurried())
        if connection.vendor == "postgresql":
            cursor = stack.enter_context(connection.cursor())
            _wait_for_turn(cursor)
            stack.callback(cursor.execute, "SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])
        _refuse_a_newer_one()
        call_command("migrate", interactive=False, verbosity=0)


def _refuse_a_newer_one() -> None:
    """Raise NewerDatabase if the tables have a migration of ours that comes after all we know."""
    known: dict[str, str] = {}
    for app, name in MigrationLoader(connection).disk_migrations:
        known[app] = max(name, known.get(app, ""))
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("andon.")}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        if app in ours and name > known.get(app, ""):
            raise NewerDatabase(
                f"This is Andon {andon.__version__}, and a newer one has changed the database's "
                f"tables ({app}.{name}). Start the newer version, or restore the backup made "
                "before it."
            )


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
    """Migrate a database that has no tables yet, so that any command may be the first.

    Raises UnusableDatabase.
    """
    if not has_tables():
        migrate()


def has_tables() -> bool:
    """Return whether some Andon has made its tables. Raises UnusableDatabase."""
    with _said_in_words(DatabaseError):
        return "django_migrations" in connection.introspection.table_names()


@contextmanager
def _said_in_words(expected: type[DatabaseError] = OperationalError) -> Iterator[None]:
    """Turn what is expected of a database that is away, or none, into one sentence."""
    try:
        yield
    except expected as error:
        why = " ".join(masking.text(str(error)).split()).rstrip(".")
        raise UnusableDatabase(
            f"Andon cannot use its database: {why}. See that it runs and has room, and that "
            "ANDON_DATABASE_URL (or ANDON_HOME) is right."
        ) from error
