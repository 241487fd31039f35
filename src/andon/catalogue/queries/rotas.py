"""Reads: which rotas there are, and whose."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, TextField, When
from django.db.models.functions import Cast

from andon.catalogue import models
from andon.catalogue.rules.documents.rotations import (
    UnreadableDocument,
    read_escalation,
    read_version,
)
from andon.catalogue.types import EscalationPolicy, RotaCovers
from andon.catalogue.types.rotas import RotaName, RotaPlace, RotaVersion, StandingRota
from andon.core.periods import FOREVER, Period

_log = logging.getLogger(__name__)

#: Rotas of one team or domain that its page shows.
_OWNED = 50


def standing_rotas(
    *,
    reach: Period,
    slugs: Collection[str] | None = None,
    teams: Collection[str] = (),
    domains: Collection[str] = (),
) -> list[StandingRota]:
    """Return the rotas that stood in a period, by slug, with their versions. Two queries.

    All of them; with `slugs` those named, those of the teams and domains named, and all others of
    the same teams and domains: which of several is asked, and when, only all of them together say.
    """
    rows = models.Rota.objects.filter(
        Q(retired_at__isnull=True) | Q(retired_at__gt=reach.starts_at)
    )
    if slugs is not None:
        rows = rows.filter(_with_others(slugs, teams, domains))
    found = {row[0]: row for row in rows.order_by("slug").values_list(*_COLUMNS)}
    ends = {pk: (row[1], row[-1] or FOREVER) for pk, row in found.items()}
    versions = _versions(ends, reach, everything=slugs is None)
    return [
        StandingRota(pk, slug, title, RotaCovers(covers), team, domain, tuple(versions[pk]))
        for pk, slug, title, covers, team, domain, _ in found.values()
    ]


def find_rota(*, slug: str, retired: bool = False) -> RotaName | None:
    """Return one rota, or None; with `retired` also one that is in force no longer. One query."""
    rows = models.Rota.objects.filter(slug=slug) if retired else _live().filter(slug=slug)
    row = rows.values_list("pk", "slug", "title", "covers").first()
    return RotaName(*row[:3], RotaCovers(row[3])) if row else None


def places_of_rotas() -> list[RotaPlace]:
    """Return for whom every rota in force answers. One query."""
    rows = _live().values_list("slug", "team__slug", "domain__slug", "covers")
    return [RotaPlace(*row[:3], RotaCovers(row[3])) for row in rows]


def zone_of_rota(*, rota_id: int) -> str:
    """Return the zone that a rota's newest version is written in. One query."""
    rows = models.RotaVersion.objects.filter(rota_id=rota_id).order_by("-starts_at")
    document = rows.values_list("document", flat=True).first()
    return str((document or {}).get("timezone") or "UTC")


def list_rotas_owned(*, team: str = "", domain: str = "") -> list[str]:
    """Return the rotas of a team or of a domain, by slug. One query."""
    rows = _live().filter(team__slug=team) if team else _live().filter(domain__slug=domain)
    return _slugs(rows.order_by("slug")[:_OWNED])


def list_rotas_answering(*, team: str) -> list[str]:
    """Return the rotas of a team and of the domains it owns, by slug. One query."""
    rows = _live().filter(Q(team__slug=team) | Q(domain__owner__slug=team))
    return _slugs(rows.order_by("slug"))


def list_rotas_ranked(*, person_id: int, limit: int) -> list[str]:
    """Return the rotas somebody wants to see first: their teams', domains', others. One query."""
    own = models.Rota.objects.filter(pk=OuterRef("pk"), team__memberships__person_id=person_id)
    rank = Case(When(Exists(own), then=0), When(domain__isnull=False, then=1), default=2)
    return _slugs(_live().annotate(rank=rank).order_by("rank", "slug")[:limit])


def list_rotas_around(*, person_id: int) -> list[str]:
    """Return the rotas of a person's teams and of the domains those work in. One query."""
    teams = models.Rota.objects.filter(team__memberships__person_id=person_id)
    services = models.Service.objects.filter(owner__memberships__person_id=person_id)
    domains = services.filter(domain__isnull=False).values("domain_id")
    return _slugs(_live().filter(Q(pk__in=teams.values("pk")) | Q(domain_id__in=domains)))


def list_rotas_naming(*, person: str, now: datetime, also: "QuerySet[Any, Any]") -> list[str]:
    """Return the rotas whose rotation names a person now or later, by slug. One query.

    `also` are those that name them elsewhere, as the keys of rotas that a question gives.
    """
    text = Cast("document", TextField())
    versions = models.RotaVersion.objects.annotate(text=text).filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now), text__contains=f'"{person}"'
    )
    named = Q(pk__in=versions.values("rota_id")) | Q(pk__in=also)
    return _slugs(_live().filter(named).order_by("slug"))


#: A rota as it is read: making model objects of them costs more than reading them.
_COLUMNS = ("id", "slug", "title", "covers", "team__slug", "domain__slug", "retired_at")
_Versions = dict[int, list[tuple[RotaVersion, EscalationPolicy | None]]]


def _with_others(slugs: Collection[str], teams: Collection[str], domains: Collection[str]) -> Q:
    named = models.Rota.objects.filter(slug__in=slugs)
    wanted = Q(slug__in=slugs)
    wanted |= Q(team__in=named.values("team")) | Q(domain__in=named.values("domain"))
    wanted |= Q(team__slug__in=teams) if teams else Q()
    return wanted | Q(domain__slug__in=domains) if domains else wanted


def _versions(
    ends: Mapping[int, tuple[str, datetime]], reach: Period, *, everything: bool
) -> _Versions:
    """Return the versions of rotas that touch a period; by key, of each its slug and its end."""
    rows = models.RotaVersion.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=reach.starts_at), starts_at__lt=reach.ends_at
    )
    if not everything:
        rows = rows.filter(rota__in=ends)
    found: _Versions = defaultdict(list)
    read = rows.values_list("pk", "rota_id", "document", "carried", "starts_at", "ends_at")
    for pk, rota_id, document, carried, starts_at, ended in read.order_by(
        "rota_id", "starts_at", "pk"
    ):
        slug, last = ends.get(rota_id, ("", starts_at))
        ends_at = min(ended or FOREVER, last)
        if starts_at >= ends_at:
            continue
        try:
            period = Period(starts_at, ends_at)
            version = read_version(document=document, period=period, carried=carried)
        except UnreadableDocument as error:
            _log.error("rota %s has an unreadable version %s: %s", slug, pk, error)
            continue
        found[rota_id].append((version, read_escalation(document=document)))
    return found


def _live() -> "QuerySet[models.Rota]":
    return models.Rota.objects.filter(retired_at__isnull=True)


def _slugs(rows: "QuerySet[models.Rota]") -> list[str]:
    return list(rows.values_list("slug", flat=True))
