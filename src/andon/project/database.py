"""Brings the database's tables up to this version of Andon."""

from contextlib import ExitStack

from django.core.management import call_command
from django.db import connection

#: Any number; PostgreSQL's advisory lock under which one node migrates while the others wait.
_MIGRATION_LOCK = 4_153_001


def migrate() -> None:
    """Apply every migration that is missing; nodes that start together take turns."""
    with ExitStack() as stack:
        stack.callback(connection.close)
        if connection.vendor == "postgresql":
            cursor = stack.enter_context(connection.cursor())
            cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
            stack.callback(cursor.execute, "SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])
        call_command("migrate", interactive=False, verbosity=0)


def make_tables() -> None:
    """Migrate a database that has no tables yet, so that any command may be the first."""
    if "django_migrations" not in connection.introspection.table_names():
        migrate()
