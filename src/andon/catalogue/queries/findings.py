"""What the last `apply` found wrong, as each entity's page shows it."""

from collections.abc import Collection

from django.db.models import Count, Q, QuerySet

from andon.catalogue import models
from andon.catalogue.types import FindingRow
from andon.core.documents.problems import Gravity


def findings_of(*, kind: str, slug: str) -> tuple[FindingRow, ...]:
    """Return what is wrong with one entity, errors first; `kind` is service, team, rota ..."""
    return _rows(models.Finding.objects.filter(kind=kind, slug=slug.lower()))


def list_findings(*, limit: int = 200, kinds: Collection[str] = ()) -> tuple[FindingRow, ...]:
    """Return what is wrong anywhere in the catalogue, or with such kinds of things; worst first."""
    found = models.Finding.objects.order_by("level", "where", "pk")
    return _rows((found.filter(kind__in=kinds) if kinds else found)[:limit])


def counts(*, kind: str, slugs: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return errors and warnings by slug, for the entities of a list. One query."""
    rows = models.Finding.objects.filter(kind=kind, slug__in=slugs).values("slug")
    found = rows.annotate(errors=_ERRORS, warnings=_WARNINGS)
    return {row["slug"]: (row["errors"], row["warnings"]) for row in found}


_ERRORS = Count("pk", filter=Q(level=Gravity.ERROR))
_WARNINGS = Count("pk", filter=Q(level=Gravity.WARNING))


def _rows(query: QuerySet[models.Finding]) -> tuple[FindingRow, ...]:
    rows = [
        FindingRow(
            kind=row.kind,
            slug=row.slug,
            gravity=Gravity(row.level),
            rule=row.rule,
            message=row.message,
            fix=row.fix,
            where=row.where,
            seen_at=row.seen_at,
        )
        for row in query
    ]
    return tuple(sorted(rows, key=lambda row: (row.gravity, row.where, row.rule)))
