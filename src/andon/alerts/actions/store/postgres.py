"""Intake's statements on PostgreSQL.

Several nodes may write. Rows are locked in order of their keys, as everybody locks alerts, and
inserted in order of identity; two nodes that open the same alert at once meet in ON CONFLICT: the
second one counts as a repeat, and is news if it is worse or acknowledged. What order cannot
exclude, the caller repeats: a deadlock rolls back whole batches.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from andon.alerts import rules
from andon.alerts.actions.store.values import COLUMNS, AlertNews, Open, Row, new_uids
from andon.alerts.types import Severity

_TYPES = {
    "key_id": "bigint",
    "starts_at": "timestamptz",
    "fired_at": "timestamptz",
    "count": "bigint",
    "acknowledged_at": "timestamptz",
    "resolved_at": "timestamptz",
}
_OPEN = """
SELECT a.id, a.key_id, a.dedup_key, a.severity, a.starts_at, a.received_at,
       a.acknowledged_at IS NOT NULL, a.fired_at, a.kind
FROM unnest(%s::bigint[], %s::text[]) AS i (key_id, dedup_key)
JOIN alerts_alert a ON a.key_id = i.key_id AND a.dedup_key = i.dedup_key AND a.state = 'open'
ORDER BY a.id
FOR UPDATE OF a
"""
_REPEAT = """
UPDATE alerts_alert SET count = count + %s, last_received_at = %s WHERE id = ANY(%s::bigint[])
"""
_CHANGE = """
UPDATE alerts_alert a SET
    count = a.count + c.repeats,
    severity = c.severity,
    last_received_at = %(now)s,
    acknowledged_at = CASE WHEN c.acknowledged THEN coalesce(a.acknowledged_at, %(now)s)
                           WHEN NOT c.acknowledged THEN NULL ELSE a.acknowledged_at END,
    state = CASE WHEN c.resolved THEN 'resolved' ELSE a.state END,
    resolved_at = CASE WHEN c.resolved THEN %(now)s ELSE a.resolved_at END,
    resolved_by = CASE WHEN c.resolved THEN 'the sender' ELSE a.resolved_by END,
    unseen = true,
    revision = a.revision + 1
FROM unnest(%(id)s::bigint[], %(repeats)s::bigint[], %(severity)s::text[],
            %(acknowledged)s::boolean[], %(resolved)s::boolean[])
     AS c (id, repeats, severity, acknowledged, resolved)
WHERE a.id = c.id
"""
_REFIRE = """
UPDATE alerts_alert a SET fired_at = s.at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS s (id, at) WHERE a.id = s.id
"""
_NOTE = """
UPDATE alerts_alert a SET labels = jsonb_set(a.labels, %s::text[], to_jsonb(s.note))
FROM unnest(%s::bigint[], %s::text[]) AS s (id, note) WHERE a.id = s.id
"""
_JSON = {"labels", "links", "details"}
_VALUES = ", ".join(f"u.{column}{'::jsonb' * (column in _JSON)}" for column in COLUMNS)
_ARRAYS = ", ".join(f"%s::{_TYPES.get(column, 'text')}[]" for column in COLUMNS)
#: What another node opened a moment ago may be worse by this one, or acknowledged.
_ORDER = ", ".join(f"'{severity}'" for severity in Severity)
_WORSE = (
    f"array_position(ARRAY[{_ORDER}]::text[], excluded.severity::text)"
    f" < array_position(ARRAY[{_ORDER}]::text[], alerts_alert.severity::text)"
)
_NEWS = f"({_WORSE} OR excluded.acknowledged_at IS NOT NULL)"
_INSERT = f"""
INSERT INTO alerts_alert (uid, {", ".join(COLUMNS)}, received_at, last_received_at, service_why,
                          unseen, revision)
SELECT u.uid, {_VALUES}, %s, %s, '', true, 1
FROM unnest(%s::uuid[], {_ARRAYS}) AS u (uid, {", ".join(COLUMNS)})
ON CONFLICT (key_id, dedup_key) WHERE state = 'open'
DO UPDATE SET count = alerts_alert.count + excluded.count,
              last_received_at = excluded.last_received_at,
              severity = CASE WHEN {_WORSE} THEN excluded.severity ELSE alerts_alert.severity END,
              acknowledged_at = CASE
                  WHEN excluded.acknowledged_at IS NOT NULL
                  THEN coalesce(alerts_alert.acknowledged_at, excluded.acknowledged_at)
                  WHEN {_WORSE} THEN NULL ELSE alerts_alert.acknowledged_at END,
              unseen = alerts_alert.unseen OR {_NEWS},
              revision = alerts_alert.revision + CASE WHEN {_NEWS} THEN 1 ELSE 0 END
"""


class PostgresStore:
    """The statements of one batch on PostgreSQL."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def log(self, requests: bytes, count: int, now: datetime) -> None:
        """Keep the raw requests."""
        self._connection.execute(
            "INSERT INTO alerts_intakebatch (received_at, requests, count) VALUES (%s, %b, %s)",
            (now, requests, count),
        )

    def open_alerts(
        self, identities: Mapping[int, Mapping[str, object]]
    ) -> dict[int, dict[str, Open]]:
        """Return the open alerts among identities by key and dedup key, locked until the commit."""
        keys = [key_id for key_id, names in identities.items() for _ in names]
        names = [name for names in identities.values() for name in names]
        found: dict[int, dict[str, Open]] = {}
        for row in self._connection.execute(_OPEN, (keys, names)):
            found.setdefault(row[1], {})[row[2]] = Open(row[0], *row[3:])
        return found

    def repeat(self, repeats: Mapping[int, Sequence[int]], now: datetime) -> None:
        """Count repeats: ids by how many there were of each."""
        for times, ids in repeats.items():
            self._connection.execute(_REPEAT, (times, now, list(ids)))

    def change(self, changes: Sequence[AlertNews], now: datetime) -> None:
        """Acknowledge, resolve and raise severities."""
        if not changes:
            return
        parameters = {
            "now": now,
            "id": [c.id for c in changes],
            "repeats": [c.repeats for c in changes],
            "severity": [c.severity.value for c in changes],
            "acknowledged": [c.acknowledged for c in changes],
            "resolved": [c.resolved for c in changes],
        }
        self._connection.execute(_CHANGE, parameters)

    def refire(self, starts: Mapping[int, datetime]) -> None:
        """Note, by id, the start of a firing that may be a new one."""
        if starts:
            self._connection.execute(_REFIRE, (list(starts), list(starts.values())))

    def note(self, notes: Mapping[int, str]) -> None:
        """Write, by id, what people must know about open alerts beside what they say."""
        if notes:
            parameters = ([rules.NOTE], list(notes), list(notes.values()))
            self._connection.execute(_NOTE, parameters)

    def insert(self, rows: Sequence[Row], now: datetime) -> None:
        """Open new alerts; one that another node has just opened becomes a repeat of it.

        An identity may come several times, closed but for its last: a statement may touch a row
        once, so closed ones, which conflict with nothing, share the statement with at most one open
        one.
        """
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            uids = new_uids(len(rows), now)
            self._connection.execute(_INSERT, (now, now, uids, *columns))

    def notify(self) -> None:
        """Wake engines in other processes when the transaction commits."""
        self._connection.execute("NOTIFY andon_intake")
