"""Reads: which rotas there are, and whose."""

from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, TextField, When
from django.db.models.functions import Cast

from andon.catalogue import models

#: Rotas of one team or domain that its page shows.
_OWNED = 50


def list_rotas_owned(*, team: str = "", domain: str = "") -> list[str]:
    """Return the rotas of a team or of a domain, by slug. One query."""
    rows = _live().filter(team__slug=team) if team else _live().filter(domain__slug=domain)
    return _slugs(rows.order_by("slug")[:_OWNED])


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


def _live() -> "QuerySet[models.Rota]":
    return models.Rota.objects.filter(retired_at__isnull=True)


def _slugs(rows: "QuerySet[models.Rota]") -> list[str]:
    return list(rows.values_list("slug", flat=True))
