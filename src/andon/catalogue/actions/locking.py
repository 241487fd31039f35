"""Rows of the catalogue that others hold while they decide."""

from andon.catalogue import models
from andon.catalogue.types import RotaCovers
from andon.catalogue.types.rotas import RotaName
from andon.core import claims


def lock_rota(*, slug: str) -> RotaName | None:
    """Hold a rota that is in force until the transaction ends; return it, or None."""
    rows = models.Rota.objects.filter(slug=slug, retired_at__isnull=True)
    found = claims.lock(rows.values_list("pk", "slug", "title", "covers"), wait=True)
    return RotaName(*found[0][:3], RotaCovers(found[0][3])) if found else None
