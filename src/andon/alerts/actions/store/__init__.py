"""The few statements intake is made of, once for each database."""

from django.db import connection

from andon.alerts.actions.store.postgres import PostgresStore
from andon.alerts.actions.store.sqlite import SqliteStore
from andon.alerts.actions.store.values import AlertNews, Open, Row, Store

__all__ = ["AlertNews", "Open", "Row", "Store", "current"]


def current() -> Store:
    """Return the statements for the database of this thread's connection."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        return PostgresStore(connection.connection)
    return SqliteStore(connection.connection)
