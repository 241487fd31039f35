"""Tries to sign in, as they are stored."""

import importlib
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.database
migration = importlib.import_module("andon.people.migrations.0002_tries_to_sign_in")


def tables() -> set[str]:
    return set(connection.introspection.table_names())


def test_the_upgrade_takes_away_what_the_former_way_kept_about_people(db: Any) -> None:
    with connection.cursor() as cursor:
        for table in migration.LEFT[:2]:
            cursor.execute(f"CREATE TABLE {table} (username varchar(255))")
            cursor.execute(f"INSERT INTO {table} VALUES ('ann')")
    MigrationRecorder(connection).record_applied("axes", "0001_initial")
    for _ in range(2):
        migration.drop_axes(None, SimpleNamespace(connection=connection))
        assert not tables() & set(migration.LEFT)
        assert not any(
            app == "axes" for app, _ in MigrationRecorder(connection).applied_migrations()
        )
