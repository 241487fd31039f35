"""Versions of rotas: an edit begins a new one now, which goes on where the one before it was."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from andon.catalogue import models
from andon.catalogue.rules.documents.rotations import (
    UnreadableDocument,
    carried_document,
    read_version,
)
from andon.catalogue.rules.rotation import Departures
from andon.catalogue.rules.succession import carry
from andon.catalogue.types.rotas import RotaVersion
from andon.core import rows
from andon.core.periods import FOREVER, Period
from andon.people import queries as people

#: When people who never were there left.
_NEVER_THERE = datetime(1, 1, 2, tzinfo=UTC)


def write_versions(
    documents: Mapping[str, Mapping[str, Any]],
    now: datetime,
    *,
    leaving: Collection[str],
    returning: Collection[str] = (),
) -> None:
    """Begin a new version of rotas at this instant; what was worked before stays as it was.

    `leaving` and `returning` are the people who leave the organisation, or come back, with it.
    """
    if not documents:
        return
    standing = _standing(documents, now)
    close_versions(documents, now)
    named = {p for one in standing.values() for p in one.rotation.participants}
    named |= {one.carried.person for one in standing.values() if one.carried}
    gone = {p: at for p, at in _gone(named).items() if p not in returning}
    gone |= {person: now for person in leaving if person not in gone}
    known = rows.ids(models.Rota)
    new = [
        models.RotaVersion(
            rota_id=known[slug],
            document=document,
            carried=_carried(standing.get(slug), document, now, gone),
            starts_at=now,
        )
        for slug, document in sorted(documents.items())
    ]
    rows.insert(models.RotaVersion, new)


def close_versions(slugs: Iterable[str], now: datetime) -> None:
    """End the versions of rotas that are in force; one that began this very instant never was."""
    by_start: dict[bool, list[int]] = defaultdict(list)
    for part in rows.chunks(sorted(slugs)):
        in_force = models.RotaVersion.objects.filter(rota__slug__in=part, ends_at__isnull=True)
        for pk, starts_at in in_force.values_list("pk", "starts_at"):
            by_start[starts_at >= now].append(pk)
    rows.delete(models.RotaVersion, by_start[True])
    for part_ids in rows.chunks(by_start[False]):
        models.RotaVersion.objects.filter(pk__in=part_ids).update(ends_at=now)


def _standing(slugs: Iterable[str], now: datetime) -> dict[str, RotaVersion]:
    """Return the version of each rota that was in force just before an instant."""
    found = {}
    columns = ("rota__slug", "document", "carried", "starts_at", "ends_at")
    for part in rows.chunks(sorted(slugs)):
        before = models.RotaVersion.objects.filter(rota__slug__in=part, starts_at__lt=now)
        before = before.exclude(ends_at__lt=now).order_by("starts_at", "pk")
        for slug, document, carried, starts_at, ends_at in before.values_list(*columns):
            period = Period(starts_at, ends_at or FOREVER)
            try:
                found[slug] = read_version(document=document, period=period, carried=carried)
            except UnreadableDocument:
                found.pop(slug, None)
    return found


def _carried(
    before: RotaVersion | None, document: Mapping[str, Any], now: datetime, gone: Departures
) -> dict[str, Any] | None:
    if before is None:
        return None
    after = read_version(document=document, period=Period(now, FOREVER))
    return carried_document(carry(before=before, after=after, at=now, gone=gone))


def _gone(named: Collection[str]) -> dict[str, datetime]:
    departures = people.departures(slugs=named)
    return {slug: since or _NEVER_THERE for slug, since in departures.items()}
