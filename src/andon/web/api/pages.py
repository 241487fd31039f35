"""Pages: whom Andon called, why, and what became of it."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field

from andon.alerts.types import AlertKind
from andon.core import clock
from andon.core.errors import Refusal
from andon.incidents import queries as incidents
from andon.paging import actions as paging
from andon.paging import queries
from andon.paging.types import NotificationState, PageRow, PageState
from andon.web.api.access import caller
from andon.web.api.schemas import Limit, Listed, Out, PersonRef, Ref, Slug, answers, listed

router = Router(tags=["Alerts and pages"])


class UnableToAcknowledgePage(Refusal):
    """The page is acknowledged or resolved already."""

    code: ClassVar[str] = "page_state"


class PageOut(Out):
    """Somebody must look at a service."""

    uid: UUID
    state: PageState
    severity: str
    summary: str
    kind: AlertKind = Field(description="`exercise` and `test` page as a real one does.")
    service: Ref | None
    rota: str
    reason: str = Field(description="Why it went where it went, in words.")
    out_of_hours: bool
    started_at: datetime
    opened_at: datetime
    held_until: datetime | None
    next_at: datetime | None = Field(
        description="The next act: a step, a round, or another decision. Null once it is taken."
    )
    first_sent_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    unanswered_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str


class DecisionOut(Out):
    """Something Andon decided, and why."""

    at: datetime
    kind: str
    reason: str


class NotificationOut(Out):
    """A message to a person. Addresses are private and not shown."""

    uid: UUID
    step: int
    purpose: str
    kind: str
    person: PersonRef | None
    state: NotificationState
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    error: str


class PageDetailOut(PageOut):
    """A page with its trail."""

    incident: str | None = Field(examples=["INC-1042"])
    decisions: list[DecisionOut]
    notifications: list[NotificationOut]


@router.get("/pages", response=answers(Listed[PageOut]), summary="List pages, newest first")
def list_pages(
    request: HttpRequest,
    state: Literal["", "held", "paging", "unanswered", "acknowledged", "resolved"] = "",
    service: Slug | Literal[""] = "",
    limit: Limit = 50,
    after: UUID | None = None,
) -> Listed[PageOut]:
    """Of one service, or of all."""
    found = queries.list_pages(state=state, service=service, limit=limit + 1, after=after)
    return listed(PageOut, found, limit=limit, key="uid")


@router.get("/pages/{uuid:uid}", response=answers(PageDetailOut, 404), summary="Read one page")
def get_page(request: HttpRequest, uid: UUID) -> PageDetailOut:
    """With every decision and message."""
    return _detail(_find(uid))


@router.post(
    "/pages/{uuid:uid}/acknowledge",
    response=answers(PageDetailOut, 404, 409),
    summary="Say that you are looking at it",
)
def acknowledge(request: HttpRequest, uid: UUID) -> PageDetailOut:
    """Cancels every message that is still on its way about it."""
    row, who = _find(uid), caller(request)
    done = paging.acknowledge(
        page_ids=[row.id], by=who.actor, person_id=who.person_id, now=clock.now(), via="api"
    )
    if not done:
        raise UnableToAcknowledgePage(
            f"Unable to acknowledge: the page is {row.state}.", state=row.state
        )
    return _detail(_find(uid))


def _find(uid: UUID) -> PageRow:
    row = queries.find_page(uid=uid)
    if row is None:
        raise Http404("There is no such page.")
    return row


def _detail(row: PageRow) -> PageDetailOut:
    incident = incidents.find_of_page(page_id=row.id)
    trail = {
        "incident": incident.name if incident else None,
        "decisions": queries.decisions(page_ids=[row.id]),
        "notifications": queries.notifications(page_ids=[row.id], viewer_id=None),
    }
    return PageDetailOut.of(trail, row)
