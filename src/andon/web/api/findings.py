"""The state of the catalogue: what is wrong in it, and what was applied when."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from datetime import datetime

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from andon.catalogue import queries as catalogue
from andon.core.documents.problems import Gravity
from andon.web.api.schemas import Cursor, Limit, Listed, Out, answers, listed

router = Router(tags=["Catalogue"])


class FindingOut(Out):
    """Something wrong with a declared entity, and how to mend it."""

    kind: str = Field(examples=["service"])
    slug: str
    gravity: Gravity
    rule: str
    message: str
    fix: str
    where: str = Field(description="The file and line.")
    seen_at: datetime


class RevisionOut(Out):
    """One applied state of the catalogue's folder."""

    revision: int = Field(validation_alias="id")
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
    return listed(FindingOut, catalogue.list_findings(limit=limit), limit=limit)


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
    return listed(RevisionOut, found, limit=limit, key="id")
