"""What was applied, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from andon.catalogue.models import Revision
from andon.catalogue.rules import plan as rules


@dataclass(frozen=True, slots=True)
class Applied:
    """One applied state of the catalogue's folder, with the plan that was carried out."""

    id: int
    applied_at: datetime
    applied_by: str
    digest: str
    plan: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SaidOfRota:
    """Who applied a revision, and what its plan said of a rota, in words."""

    by: str
    words: str


def list_revisions(*, limit: int, before: int | None = None) -> list[Applied]:
    """Return revisions, newest first; `before` is the one the last list ended with. One query."""
    rows = Revision.objects.order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_applied(row) for row in rows[:limit]]


def first_revision() -> Applied | None:
    """Return what was applied first, or None. One query."""
    row = Revision.objects.order_by("pk").first()
    return _applied(row) if row else None


def _applied(row: Revision) -> Applied:
    return Applied(
        id=row.pk,
        applied_at=row.applied_at,
        applied_by=row.applied_by,
        digest=row.digest,
        plan=rules.shown_plan(row.plan),
    )


def newest_revision() -> int | None:
    """Return the key of the revision in force, which grows with every one. One query."""
    return Revision.objects.order_by("-pk").values_list("pk", flat=True).first()


def newest_mark() -> tuple[int, datetime, str] | None:
    """Return key, instant and digest of the revision in force, without its plan. One query."""
    rows = Revision.objects.order_by("-pk")
    return rows.values_list("pk", "applied_at", "digest").first()


def known_since() -> datetime | None:
    """Return when the catalogue was first applied: before, nothing was known. One query."""
    return Revision.objects.order_by("pk").values_list("applied_at", flat=True).first()


def said_of_rota(*, rota: str, at: datetime) -> SaidOfRota | None:
    """Return what the revision applied at an instant said of who is on call for a rota."""
    row = Revision.objects.filter(applied_at=at).order_by("-pk").first()
    for one in row.plan.get("on_call", ()) if row else ():
        if row and one.get("rota") == rota:
            return SaidOfRota(row.applied_by, str(one.get("words", "")))
    return None
