"""Reads: keys for the hot path, alerts for paging and the pages that show them."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from andon.alerts import rules
from andon.alerts.models import Alert, IntegrationKey
from andon.alerts.types import (
    AlertKind,
    AlertRow,
    AlertState,
    KnownKey,
    Link,
    PlainAlert,
    Severity,
    UnseenAlert,
)
from andon.catalogue.types import ServiceName
from andon.core.trouble import Trouble

_REST = (
    "revision", "key_id", "dedup_key", "summary", "description", "labels", "starts_at",
    "received_at", "last_received_at", "count", "acknowledged_at", "resolved_at", "resolved_by",
    "service_id", "service_ref", "service_why",
)  # fmt: skip
#: What is read of an alert; making model objects of a storm of them costs too much.
COLUMNS = ("pk", "state", "severity", "links", "kind", *_REST)


def live_keys() -> dict[str, KnownKey]:
    """Return the keys that open a receiver, by the digest of their secret. One query."""
    rows = IntegrationKey.objects.filter(revoked_at__isnull=True).values_list(
        "digest", "id", "kind", "name", "service_id", "service__slug", "per_minute"
    )
    return {row[0]: KnownKey(*row[1:]) for row in rows}


def revoked_digests() -> set[str]:
    """Return the digests of keys that were revoked, so that the answer can say so."""
    rows = IntegrationKey.objects.filter(revoked_at__isnull=False)
    return set(rows.values_list("digest", flat=True))


def all_keys() -> dict[int, KnownKey]:
    """Return every key that ever was, by id, for replaying the raw log."""
    rows = IntegrationKey.objects.values_list(
        "id", "kind", "name", "service_id", "service__slug", "per_minute"
    )
    return {row[0]: KnownKey(*row) for row in rows}


def key_names(*, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return the kind and the name of keys, by id. One query."""
    rows = IntegrationKey.objects.filter(id__in=set(ids)).values_list("id", "kind", "name")
    return {pk: (kind, name) for pk, kind, name in rows}


def list_keys() -> list[dict[str, object]]:
    """Return what may be shown of each key, live ones first."""
    rows = IntegrationKey.objects.select_related("service").order_by(
        F("revoked_at").asc(nulls_first=True), "id"
    )
    return [
        {
            "id": key.pk,
            "name": key.name,
            "kind": key.kind,
            "hint": key.hint,
            "service": key.service.slug if key.service else None,
            "per_minute": key.per_minute,
            "created_at": key.created_at,
            "created_by": key.created_by,
            "last_used_at": key.last_used_at,
            "revoked_at": key.revoked_at,
            "rejected_at": key.rejected_at,
            "rejected_why": key.rejected_why,
            "lost_at": key.lost_at,
            "lost_why": key.lost_why,
        }
        for key in rows
    ]


def troubles(*, now: datetime) -> list[Trouble]:
    """Return the live keys whose alerts are lost each time they are sent."""
    since = now - rules.LOSING
    rows = IntegrationKey.objects.filter(revoked_at__isnull=True, lost_at__gte=since)
    found = rows.order_by("id").values_list("id", "name", "lost_why", "lost_since", "lost_at")
    return [
        Trouble(
            name=f"lost-alerts:{pk}",
            what="Alerts of an integration key are lost each time they are sent",
            since=began or last or now,
            said=f"{name}: {why.rstrip('.')}",
            meanwhile="Pages for alerts that arrive go out as always; its sender needs mending",
            over="for an hour no alert of this key was lost",
            is_ours=False,
        )
        for pk, name, why, began, last in found
    ]


def unseen_rows() -> "QuerySet[Alert]":
    """Return the rows in which something happened that paging has not seen, oldest first.

    Only those for which `actions.find_services` has looked for a service. For this package alone.
    """
    return Alert.objects.filter(unseen=True).exclude(service_why="").order_by("id")


def has_unseen() -> bool:
    """Return whether paging has anything to look at. One query."""
    return unseen_rows().exists()


def find_unrouted(*, now: datetime, limit: int) -> list[int]:  # noqa: ARG001 - a stage's question
    """Return the alerts the next `paging.actions.route_alerts` would take. One query."""
    return list(unseen_rows().values_list("pk", flat=True)[:limit])


def find_unplaced(*, now: datetime, limit: int) -> list[int]:  # noqa: ARG001 - a stage's question
    """Return the alerts the next `actions.find_services` would take. One query."""
    rows = Alert.objects.filter(unseen=True, service_why="").order_by("id")
    return list(rows.values_list("pk", flat=True)[:limit])


def summary(pk: int) -> str:
    """Return what an alert says, and nothing that could not be read of a broken one. One query."""
    return Alert.objects.filter(pk=pk).values_list("summary", flat=True).first() or ""


def plain(pk: int) -> PlainAlert | None:
    """Return the texts of an alert, of a broken one too; None when it is not kept. One query."""
    row = Alert.objects.filter(pk=pk).values_list(*(each.name for each in fields(PlainAlert)))
    return PlainAlert(*row[0]) if row else None


def find(*, ids: Iterable[int]) -> list[UnseenAlert]:
    """Return alerts by id, oldest first. One query."""
    return read(Alert.objects.filter(id__in=list(ids)).order_by("id"))


def gaps(*, limit: int = 100) -> list[UnseenAlert]:
    """Return some open alerts of no known service, newest first: gaps in the catalogue."""
    rows = Alert.objects.filter(state=AlertState.OPEN, service__isnull=True)
    # Ordered as the index of open alerts is, so that closed ones are never read.
    found = read(rows.exclude(service_why="").order_by("key_id", "dedup_key")[:limit])
    return sorted(found, key=lambda alert: alert.received_at, reverse=True)


def open_identities(*, key_id: int) -> dict[str, bool]:
    """Return the deduplication keys of a key's open alerts, and whether each is a test.

    One query.
    """
    rows = Alert.objects.filter(key_id=key_id, state=AlertState.OPEN)
    return {key: kind == AlertKind.TEST for key, kind in rows.values_list("dedup_key", "kind")}


def resolved_by_people(*, key_id: int, dedup_keys: Iterable[str]) -> dict[str, datetime]:
    """Return when alerts that people resolved had begun, the latest of each deduplication key."""
    wanted, found = sorted(dedup_keys), dict[str, datetime]()
    for start in range(0, len(wanted), 500):
        rows = Alert.objects.filter(
            key_id=key_id, dedup_key__in=wanted[start : start + 500], state=AlertState.RESOLVED
        ).exclude(resolved_by__in=("", rules.SENDER, rules.RECONCILED))
        found.update(rows.order_by("starts_at").values_list("dedup_key", "starts_at"))
    return found


def read(rows: "QuerySet[Alert]") -> list[UnseenAlert]:
    """Return rows as values. One query."""
    return values(rows.values_list(*COLUMNS))


def list_alerts(
    *, state: str = "", service: str = "", limit: int, after: UUID | None = None
) -> list[AlertRow]:
    """Return alerts, newest first, older than `after`; of a service by its slug. One query."""
    rows = _shown()
    if state:
        rows = rows.filter(state=state)
    if service:
        rows = rows.filter(service__slug=service.lower())
    if after:
        rows = rows.filter(uid__lt=after)
    return [alert_row(row) for row in rows.order_by("-uid")[:limit]]


def list_of_key(*, key: str, limit: int | None = None) -> list[AlertRow]:
    """Return the alerts that a key of this name brought, the newest first. One query."""
    return [alert_row(row) for row in _shown().filter(key__name=key).order_by("-pk")[:limit]]


def find_alert(*, uid: UUID) -> AlertRow | None:
    """Return one alert, or None. One query."""
    row = _shown().filter(uid=uid).first()
    return alert_row(row) if row else None


def find_called(*, name: str) -> AlertRow | None:
    """Return an alert whose sender calls it by this name, or None. One query."""
    row = _shown().filter(labels__alertname=name).first()
    return alert_row(row) if row else None


def count_unseen() -> int:
    """Return how many alerts are stored and not yet routed. One query."""
    return Alert.objects.filter(unseen=True).count()


def _shown() -> "QuerySet[Alert]":
    return Alert.objects.select_related("service", "key")


def alert_row(row: Alert) -> AlertRow:
    """Return the value of a row whose service and key were selected with it."""
    service = row.service
    return AlertRow(
        id=row.pk,
        uid=str(row.uid),
        state=AlertState(row.state),
        severity=Severity(row.severity),
        kind=AlertKind(row.kind),
        summary=row.summary,
        description=row.description,
        service=ServiceName(service.pk, service.slug, service.title) if service else None,
        service_ref=row.service_ref,
        service_why=row.service_why,
        key=row.key.name,
        dedup_key=row.dedup_key,
        labels=row.labels,
        links=row.links,
        details=row.details,
        starts_at=row.starts_at,
        received_at=row.received_at,
        last_received_at=row.last_received_at,
        count=row.count,
        acknowledged_at=row.acknowledged_at,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
    )


def latest_ids(*, service_id: int, limit: int) -> list[int]:
    """Return the alerts of a service that came last, newest first. One query."""
    rows = Alert.objects.filter(service_id=service_id).order_by("-received_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def has_any() -> bool:
    """Return whether any alert ever came: without one nothing is known of any service."""
    return Alert.objects.exists()


def values(rows: Iterable[tuple[Any, ...]]) -> list[UnseenAlert]:
    """Return rows of `COLUMNS` as values, for who has locked them."""
    return [_value(*row) for row in rows]


def _value(
    pk: int,
    state: str,
    severity: str,
    links: list[dict[str, str]],
    kind: str,
    *rest: Any,
) -> UnseenAlert:
    found = tuple([Link(**link) for link in links]) if links else ()
    return UnseenAlert(
        id=pk,
        state=AlertState(state),
        severity=Severity(severity),
        links=found,
        kind=AlertKind(kind),
        **dict(zip(_REST, rest, strict=True)),
    )
