"""Many rows at once: `bulk_create` spends most of its time building one long statement."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, cast
from uuid import UUID

import msgspec
from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

from andon.core.fields import ValueField

Convert = Callable[[Any], object]
#: An attribute, how it is converted, and what makes the value of a row that lacks it, converted.
_Column = tuple[str, Convert, Callable[[], object]]
#: Rows of one statement on PostgreSQL.
_ROWS = 500


def insert(
    model: type[models.Model],
    rows: Sequence[models.Model | Mapping[str, Any]],
    *,
    ignore_conflicts: bool = False,
) -> int:
    """Insert rows in one round trip; return how many were inserted.

    Their keys are not set; read them back by something unique. A row is an instance, or a mapping
    of column attributes (`page_id`) whose missing ones get the field's default: that spares making
    an instance, the dearest part of it all. Only for models whose fields are plain: text, numbers,
    booleans, instants, UUIDs, JSON and foreign keys. Call it in a transaction.
    """
    if not rows:
        return 0
    connection = connections[router.db_for_write(model)]
    columns = [_column(field, connection) for field in _fields(model)]
    values = [
        _from_mapping(row, columns) if isinstance(row, Mapping) else _from_instance(row, columns)
        for row in rows
    ]
    head, slots, rest = _statement(model, connection.vendor, ignore_conflicts)
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.executemany(f"{head}{slots}{rest}", cast("Any", values))
            return int(cursor.rowcount)
        # One statement: psycopg would send many in a pipeline, in the middle of which the server
        # waits for a client that froze for ever, whatever its limits are.
        inserted = 0
        for first in range(0, len(values), _ROWS):
            some = values[first : first + _ROWS]
            sql = f"{head}{', '.join([slots] * len(some))}{rest}"
            cursor.execute(sql, cast("Any", [value for row in some for value in row]))
            inserted += cursor.rowcount
        return inserted


def update(
    model: type[models.Model],
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    also: str = "",
    params: tuple[Any, ...] = (),
    where: str = "TRUE",
) -> None:
    """Give each row, named by its key, its own values, in one statement; `also` all of them."""
    if not rows:
        return
    connection = connections[router.db_for_write(model)]
    table = model._meta.db_table  # noqa: SLF001 - documented
    one = f"({', '.join(['%s'] * (len(columns) + 1))})"
    sets = ", ".join(f"{column} = new.{column}" for column in columns)
    sql = (
        f"WITH new(pk, {', '.join(columns)}) AS (VALUES {', '.join([one] * len(rows))}) "
        f"UPDATE {table} SET {sets}{', ' + also if also else ''} "
        f"FROM new WHERE {table}.id = new.pk AND {where}"
    )
    flat = [value for row in sorted(rows, key=lambda row: row[0]) for value in row]
    adapt = connection.ops.adapt_datetimefield_value
    values = [
        adapt(value) if isinstance(value, datetime) else _text(value) for value in (*flat, *params)
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, cast("Any", values))


def _from_mapping(row: Mapping[str, Any], columns: Sequence[_Column]) -> tuple[object, ...]:
    return tuple(
        [convert(row[name]) if name in row else default() for name, convert, default in columns]
    )


def _from_instance(row: models.Model, columns: Sequence[_Column]) -> tuple[object, ...]:
    return tuple([convert(getattr(row, name)) for name, convert, _ in columns])


def _column(field: "models.Field[Any, Any]", connection: BaseDatabaseWrapper) -> _Column:
    convert = _converter(field, connection)
    if callable(field.default):
        return field.attname, convert, lambda: convert(field.get_default())
    constant = convert(field.get_default())
    return field.attname, convert, lambda: constant


@cache
def _fields(model: type[models.Model]) -> tuple["models.Field[Any, Any]", ...]:
    found = model._meta.concrete_fields  # noqa: SLF001 - documented
    return tuple(
        field for field in found if not isinstance(field, models.AutoField | models.BigAutoField)
    )


@cache
def _statement(
    model: type[models.Model], vendor: str, ignore_conflicts: bool
) -> tuple[str, str, str]:
    quote = connections[router.db_for_write(model)].ops.quote_name
    fields = _fields(model)
    columns = ", ".join(quote(str(field.column)) for field in fields)
    is_json = vendor == "postgresql"
    slots = ", ".join(
        "%s::jsonb" if is_json and isinstance(field, models.JSONField) else "%s" for field in fields
    )
    table = quote(model._meta.db_table)  # noqa: SLF001 - documented
    rest = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    return f"INSERT INTO {table} ({columns}) VALUES ", f"({slots})", rest


def _converter(field: "models.Field[Any, Any]", connection: BaseDatabaseWrapper) -> Convert:
    if isinstance(field, ValueField):
        return lambda value: _json(field.get_prep_value(value))
    if isinstance(field, models.JSONField):
        return _json
    if isinstance(field, models.DateTimeField):
        return _instants(connection)
    if isinstance(field, models.UUIDField) and connection.vendor != "postgresql":
        return lambda value: None if value is None else cast("UUID", value).hex
    if isinstance(field, models.CharField | models.TextField):
        return _text
    return _same


def _instants(connection: BaseDatabaseWrapper) -> Convert:
    """Return a converter that remembers: most rows of a batch carry the same few instants."""
    known: dict[datetime | None, object] = {None: None}
    adapt = connection.ops.adapt_datetimefield_value

    def convert(value: datetime | None) -> object:
        if value not in known:
            known[value] = adapt(value)
        return known[value]

    return convert


def _json(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value, enc_hook=_plain).decode()


def _plain(value: object) -> str:
    """Return a text that knows more than its words, such as who acts, as the text it is."""
    if isinstance(value, str):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} cannot be stored as JSON")


def _text(value: object) -> object:
    if isinstance(value, Enum):
        return str(value)
    # PostgreSQL cannot store NUL in text.
    return value.replace("\x00", "") if isinstance(value, str) and "\x00" in value else value


def _same(value: object) -> object:
    return value
