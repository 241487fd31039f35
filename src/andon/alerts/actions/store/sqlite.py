"""Intake's statements on SQLite.

There is one writer and the transaction began as IMMEDIATE, so what was read stays true until the
commit.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import msgspec

from andon.alerts import rules
from andon.alerts.actions.store.values import (
    COLUMNS,
    AlertNews,
    Open,
    Row,
    as_text,
    new_uids,
)

#: Rows of one INSERT; what is left over goes into the next smaller size.
_SIZES = (256, 64, 32, 16, 8, 4, 2, 1)
_INSTANTS = [
    COLUMNS.index(name) for name in ("starts_at", "fired_at", "acknowledged_at", "resolved_at")
]
#: Parameters of one row: its uid and its columns.
_WIDTH = 1 + len(COLUMNS)

# One row comes back, so that the interpreter lock is given up once and not once per alert.
_OPEN = """
SELECT json_group_array(json_array(id, dedup_key, severity, starts_at, received_at,
                                   acknowledged_at IS NOT NULL, fired_at, kind))
FROM alerts_alert
WHERE key_id = ? AND state = 'open' AND dedup_key IN (SELECT value FROM json_each(?))
"""
_REPEAT = """
UPDATE alerts_alert SET count = count + ?, last_received_at = ?
WHERE id IN (SELECT value FROM json_each(?))
"""
_CHANGE = """
UPDATE alerts_alert SET
    count = count + c.repeats,
    severity = c.severity,
    last_received_at = :now,
    acknowledged_at = CASE WHEN c.acknowledged THEN coalesce(acknowledged_at, :now)
                           WHEN NOT c.acknowledged THEN NULL ELSE acknowledged_at END,
    state = CASE WHEN c.resolved THEN 'resolved' ELSE state END,
    resolved_at = CASE WHEN c.resolved THEN :now ELSE resolved_at END,
    resolved_by = CASE WHEN c.resolved THEN 'the sender' ELSE resolved_by END,
    unseen = 1,
    revision = revision + 1
FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS repeats,
             json_extract(value, '$[2]') AS severity, json_extract(value, '$[3]') AS acknowledged,
             json_extract(value, '$[4]') AS resolved FROM json_each(:changes)) AS c
WHERE alerts_alert.id = c.id
"""
_REFIRE = """
UPDATE alerts_alert SET fired_at = s.at
FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS at
      FROM json_each(?)) AS s
WHERE alerts_alert.id = s.id
"""
_NOTE = """
UPDATE alerts_alert SET labels = json_set(labels, '$.' || ?, s.note)
FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS note
      FROM json_each(?)) AS s
WHERE alerts_alert.id = s.id
"""

_encode = msgspec.json.Encoder().encode
_decode_open = msgspec.json.Decoder(
    list[tuple[int, str, str, str, str, bool | int, str | None, str]]
).decode


class SqliteStore:
    """The statements of one batch on SQLite."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def log(self, requests: bytes, count: int, now: datetime) -> None:
        """Keep the raw requests."""
        self._connection.execute(
            "INSERT INTO alerts_intakebatch (received_at, requests, count) VALUES (?, ?, ?)",
            (as_text(now), requests, count),
        )

    def open_alerts(
        self, identities: Mapping[int, Mapping[str, object]]
    ) -> dict[int, dict[str, Open]]:
        """Return the open alerts among identities, by key and dedup key."""
        found: dict[int, dict[str, Open]] = {}
        for key_id, dedup_keys in identities.items():
            names = _encode(list(dedup_keys)).decode()
            (rows,) = self._connection.execute(_OPEN, (key_id, names)).fetchone()
            found[key_id] = {
                row[1]: Open(row[0], row[2], row[3], row[4], bool(row[5]), row[6], row[7])
                for row in _decode_open(rows)
            }
        return found

    def repeat(self, repeats: Mapping[int, Sequence[int]], now: datetime) -> None:
        """Count repeats: ids by how many there were of each."""
        for times, ids in repeats.items():
            self._connection.execute(_REPEAT, (times, as_text(now), _encode(ids).decode()))

    def change(self, changes: Sequence[AlertNews], now: datetime) -> None:
        """Acknowledge, resolve and raise severities."""
        if not changes:
            return
        rows = [(c.id, c.repeats, c.severity, c.acknowledged, c.resolved) for c in changes]
        self._connection.execute(_CHANGE, {"now": as_text(now), "changes": _encode(rows).decode()})

    def refire(self, starts: Mapping[int, datetime]) -> None:
        """Note, by id, the start of a firing that may be a new one."""
        if starts:
            rows = [(alert_id, as_text(at)) for alert_id, at in starts.items()]
            self._connection.execute(_REFIRE, (_encode(rows).decode(),))

    def note(self, notes: Mapping[int, str]) -> None:
        """Write, by id, what people must know about open alerts beside what they say."""
        if notes:
            self._connection.execute(_NOTE, (rules.NOTE, _encode(list(notes.items())).decode()))

    def insert(self, rows: Sequence[Row], now: datetime) -> None:
        """Open new alerts."""
        if not rows:
            return
        done = 0
        for size in _SIZES:
            while len(rows) - done >= size:
                self._connection.execute(_insert(size), _parameters(rows[done : done + size], now))
                done += size

    def notify(self) -> None:
        """Do nothing: on SQLite there is one process, woken by an event in memory."""


def _parameters(rows: Sequence[Row], now: datetime) -> list[object]:
    parameters: list[object] = [as_text(now)]
    for uid, row in zip(new_uids(len(rows), now), rows, strict=True):
        parameters.append(uid)
        parameters += row
    # Column by column, not row by row.
    for column in _INSTANTS:
        first = 2 + column
        found = parameters[first::_WIDTH]
        parameters[first::_WIDTH] = [None if at is None else as_text(at) for at in found]
    return parameters


@lru_cache
def _insert(size: int) -> str:
    # `?1` comes first, so that a plain `?` counts on from it.
    marks = ", ?" * _WIDTH
    values = ", ".join([f"(?1, ?1, '', 1, 1{marks})"] * size)
    return (
        "INSERT INTO alerts_alert (received_at, last_received_at, service_why, unseen, revision, "
        f"uid, {', '.join(COLUMNS)}) VALUES {values}"
    )
