"""What happens to stored alerts: their service is found, paging sees them, people resolve them."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from django.db import connection, transaction
from django.db.models import F

from andon.alerts import queries, rules
from andon.alerts.models import Alert
from andon.alerts.types import AlertState, UnseenAlert
from andon.catalogue import queries as catalogue
from andon.core import claims

_MARK_SEEN = {
    "sqlite": """
        UPDATE alerts_alert SET unseen = 0
        FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS revision
              FROM json_each(%s)) AS s
        WHERE alerts_alert.id = s.id AND alerts_alert.revision = s.revision
    """,
    "postgresql": """
        UPDATE alerts_alert a SET unseen = false
        FROM (SELECT (value->>0)::bigint AS id, (value->>1)::bigint AS revision
              FROM jsonb_array_elements(%s::jsonb)) AS s
        WHERE a.id = s.id AND a.revision = s.revision
    """,
}
_SET_SERVICE = {
    "sqlite": """
        UPDATE alerts_alert SET service_id = s.service_id, service_why = s.why
        FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS service_id,
                     json_extract(value, '$[2]') AS why FROM json_each(%s)) AS s
        WHERE alerts_alert.id = s.id
    """,
    "postgresql": """
        UPDATE alerts_alert a SET service_id = s.service_id, service_why = s.why
        FROM (SELECT (value->>0)::bigint AS id, (value->>1)::bigint AS service_id, value->>2 AS why
              FROM jsonb_array_elements(%s::jsonb)) AS s
        WHERE a.id = s.id
    """,
}


def find_services(
    *,
    now: datetime,  # noqa: ARG001 - a stage takes `now`
    limit: int,
    only: Sequence[int] | None = None,
    avoid: Collection[int] = (),
) -> int:
    """Find the service of alerts that were just stored, and write down how it was found.

    One without a service keeps `service` empty and says why: paging sends it to the catch-all, and
    the portal shows it as a gap in the catalogue. Returns how many alerts were handled. `only`
    looks at these alerts alone, `avoid` leaves some for later.
    """
    found = Alert.objects.filter(unseen=True, service_why="").order_by("id")
    if only is not None:
        found = found.filter(pk__in=only)
    if avoid:
        found = found.exclude(pk__in=avoid)
    columns = ("id", "key__service_id", "key__service__slug", "service_ref", "labels")
    rows = list(found.values_list(*columns)[:limit])
    if not rows:
        return 0
    tried = {row[0]: rules.candidates(row[3], row[4]) for row in rows if row[1] is None}
    refs = {name.ref for names in tried.values() for name in names}
    known = catalogue.find_service_ids(refs=refs) if refs else {}
    by_name = {ref.casefold(): service_id for ref, service_id in known.items()}
    decided: list[tuple[int, int | None, str]] = []
    for alert_id, fixed, slug, _ref, _labels in rows:
        if fixed is not None:
            decided.append((alert_id, fixed, f"The integration key belongs to {slug}."))
            continue
        decided.append((alert_id, *_decide(tried[alert_id], by_name)))
    with transaction.atomic(), connection.cursor() as cursor:
        # An UPDATE takes its rows in any order; intake, which holds some, would wait in a circle.
        ids = [row[0] for row in rows]
        mine = Alert.objects.filter(pk__in=ids).order_by("pk")
        claims.lock(mine.values_list("pk"), wait=True)
        cursor.execute(_SET_SERVICE[connection.vendor], (msgspec.json.encode(decided).decode(),))
    return len(rows)


def _decide(tried: list[rules.Candidate], known: dict[str, int]) -> tuple[int | None, str]:
    for name in tried:
        service_id = known.get(name.ref.casefold())
        if service_id is not None:
            return service_id, f'"{name.ref:.200}" ({name.place}) is in the catalogue.'
    return None, rules.explain(tried)


def take_unseen(
    *, limit: int, only: Sequence[int] | None = None, avoid: Collection[int] = ()
) -> list[UnseenAlert]:
    """Hold alerts that paging has not seen until the transaction ends; return them, oldest first.

    Those that others hold are left out. `only` and `avoid` are as in `find_services`. Hand back
    `(id, revision)` to `mark_seen` in the same transaction.
    """
    rows = queries.unseen_rows()
    if only is not None:
        rows = rows.filter(pk__in=only)
    if avoid:
        rows = rows.exclude(pk__in=avoid)
    return queries.values(claims.lock(rows.values_list(*queries.COLUMNS), limit=limit))


def mark_seen(*, seen: Sequence[tuple[int, int]]) -> None:
    """Clear `unseen` where the revision is still the one that was seen: `(id, revision)` pairs."""
    if seen:
        with connection.cursor() as cursor:
            cursor.execute(
                _MARK_SEEN[connection.vendor], (msgspec.json.encode(list(seen)).decode(),)
            )


def resolve(*, ids: Collection[int], by: str, now: datetime) -> int:
    """Resolve open alerts by a person's decision; return how many were open."""
    return Alert.objects.filter(id__in=ids, state=AlertState.OPEN).update(
        state=AlertState.RESOLVED,
        resolved_at=now,
        resolved_by=by,
        unseen=True,
        revision=F("revision") + 1,
    )
