"""Alerts as senders reported them."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field

from andon.alerts import queries, rules
from andon.alerts.types import AlertKind, AlertRow, AlertState, Severity
from andon.paging import queries as paging
from andon.paging.types import Decided, PageRow
from andon.web.api.pages import DecisionOut
from andon.web.api.schemas import Limit, Listed, Out, Ref, Slug, answers

router = Router(tags=["Alerts and pages"])


class AlertOut(Out):
    """One problem a sender reported, and what became of it."""

    uid: UUID
    state: AlertState
    severity: Severity
    summary: str
    service: Ref | None = Field(description="Null: a service nobody declared, a catalogue gap.")
    service_ref: str = Field(description="The text that names the service.")
    service_why: str = Field(description="How the service was found, or why not.")
    key: str = Field(description="The integration key that brought it.")
    starts_at: datetime
    received_at: datetime
    last_received_at: datetime
    count: int = Field(description="How often it was received while open.")
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str
    labels: dict[str, Any] = Field(
        description="Those that tell where it is, at most 8, cut and without secrets; the alert "
        "itself, read alone, has all of them."
    )
    page: UUID | None = Field(description="The page it is on.")
    decision: DecisionOut | None = Field(
        description="Why it pages nobody; null for one that is on a page, or not decided yet."
    )
    decided: str = Field(description="What became of it, in words.")
    kind: AlertKind = Field(description="Exercises and tests cost nothing and pay nobody.")
    test: bool = Field(description="Whether `kind` is `test`.")


class AlertDetailOut(AlertOut):
    """An alert with everything its sender said."""

    description: str
    labels: dict[str, Any] = Field(description="As received.")
    links: list[Any]
    details: dict[str, Any]
    dedup_key: str


@router.get("/alerts", response=answers(Listed[AlertOut]), summary="List alerts, newest first")
def list_alerts(
    request: HttpRequest,
    state: Literal["", "open", "resolved"] = "",
    service: Slug | Literal[""] = "",
    limit: Limit = 50,
    after: UUID | None = None,
) -> Listed[AlertOut]:
    """Of one service, or of all."""
    found = queries.list_alerts(state=state, service=service, limit=limit + 1, after=after)
    shown = found[:limit]
    return Listed[AlertOut](
        items=[AlertOut.of(told, row) for told, row in zip(_told(shown), shown, strict=True)],
        next=shown[-1].uid if len(found) > limit else None,
    )


@router.get("/alerts/{uuid:uid}", response=answers(AlertDetailOut, 404), summary="Read one alert")
def get_alert(request: HttpRequest, uid: UUID) -> AlertDetailOut:
    """With its labels, links and details as received."""
    row = queries.find_alert(uid=uid)
    if row is None:
        raise Http404("There is no such alert.")
    [told] = _told([row])
    return AlertDetailOut.of(told | {"labels": row.labels}, row)


def _told(rows: Sequence[AlertRow]) -> list[dict[str, Any]]:
    """Return what became of alerts. Two queries."""
    ids = [row.id for row in rows]
    pages = paging.pages_of_alerts(alert_ids=ids)
    decisions = paging.decisions_about_alerts(alert_ids=ids)
    return [_became(row, pages.get(row.id), decisions.get(row.id)) for row in rows]


def _became(row: AlertRow, page: PageRow | None, decision: Decided | None) -> dict[str, Any]:
    return {
        "labels": dict(rules.telling(row.labels)),
        "page": page.uid if page else None,
        "decision": None if page else decision,
        "decided": _fate(page, decision),
        "test": row.kind is AlertKind.TEST,
    }


def _fate(page: PageRow | None, decision: Decided | None) -> str:
    if page is not None:
        return page.reason
    return decision.reason if decision is not None else "not decided yet"
