"""The state of the catalogue: what is wrong in it, and what was applied when."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from andon.catalogue import queries as catalogue
from andon.catalogue.types import FindingRow
from andon.core.documents.problems import Gravity
from andon.web.api.schemas import Cursor, Limit, Listed, answers

router = Router(tags=["Catalogue"])


class FindingOut(Schema):
    """Something wrong with a declared entity, and how to mend it."""

    kind: str = Field(examples=["service"])
    slug: str
    gravity: Gravity
    rule: str
    message: str
    fix: str
    where: str = Field(description="The file and line.")
    seen_at: datetime


class RevisionOut(Schema):
    """One applied state of the catalogue's folder."""

    revision: int
    applied_at: datetime
    applied_by: str
    digest: str
    plan: dict[str, object] = Field(description="What was added, changed and removed.")


@router.get(
    "/catalogue/findings",
    response=answers(Listed[FindingOut]),
    summary="List what is wrong in the catalogue",
)
def list_findings(request: HttpRequest, limit: Limit = 200) -> Listed[FindingOut]:
    """At most `limit`, errors first. Those of one entity are on the entity itself."""
    return Listed[FindingOut](
        items=[finding_out(one) for one in catalogue.list_findings(limit=limit)]
    )


@router.get(
    "/catalogue/revisions",
    response=answers(Listed[RevisionOut]),
    summary="List what was applied, newest first",
)
def list_revisions(
    request: HttpRequest, limit: Limit = 50, after: Cursor = ""
) -> Listed[RevisionOut]:
    """Each with the plan that was carried out."""
    before = int(after) if after.isdecimal() and len(after) < 16 else None
    found = catalogue.list_revisions(limit=limit + 1, before=before)
    shown = found[:limit]
    return Listed[RevisionOut](
        items=[
            RevisionOut(
                revision=one.id,
                applied_at=one.applied_at,
                applied_by=one.applied_by,
                digest=one.digest,
                plan=dict(one.plan),
            )
            for one in shown
        ],
        next=str(shown[-1].id) if len(found) > limit else None,
    )


def finding_out(found: FindingRow) -> FindingOut:
    """Return a finding for the outside."""
    return FindingOut(
        kind=found.kind,
        slug=found.slug,
        gravity=found.gravity,
        rule=found.rule,
        message=found.message,
        fix=found.fix,
        where=found.where,
        seen_at=found.seen_at,
    )
