"""Who owns what from now on; what was before stays as it was."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from andon.catalogue import models
from andon.core import rows

_KEPT = ("owner_id", "domain_id", "budget_holder_id", "funding")


def write_ownership(*, now: datetime) -> None:
    """Make the ownership in force what services, domains and rotas say. Two queries per kind."""
    services = models.Service.objects.values_list("pk", *_KEPT)
    domains = models.Domain.objects.values_list("pk", "owner_id", "budget_holder_id")
    rotas = models.Rota.objects.values_list("pk", "team_id", "domain_id")
    _write("service_id", {row[0]: tuple(row[1:]) for row in services}, now)
    _write("of_domain_id", {pk: (owner, None, pays, "") for pk, owner, pays in domains}, now)
    _write("rota_id", {pk: (team, domain, None, "") for pk, team, domain in rotas}, now)


def _write(field: str, wanted: dict[int, tuple[Any, ...]], now: datetime) -> None:
    in_force = models.Ownership.objects.filter(ends_at__isnull=True, **{f"{field}__isnull": False})
    begun: list[int] = []
    just: list[int] = []
    new = dict(wanted)
    for row in in_force:
        key = getattr(row, field)
        if tuple(getattr(row, name) for name in _KEPT) == wanted.get(key):
            del new[key]
        else:
            # What began this very instant never was.
            (begun if row.starts_at < now else just).append(row.pk)
    rows.delete(models.Ownership, just)
    _end(begun, now)
    made = [
        models.Ownership(**{field: key}, **dict(zip(_KEPT, held, strict=True)), starts_at=now)
        for key, held in new.items()
    ]
    rows.insert(models.Ownership, made)


def _end(ids: Iterable[int], now: datetime) -> None:
    for part in rows.chunks(list(ids)):
        QuerySet(models.Ownership).filter(pk__in=part).update(ends_at=now)
