"""The alerts of an incident with everything their sender wrote: whoever is awake wants it all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from andon.alerts.rules import NOTE, telling
from andon.alerts.types import AlertRow, AlertState
from andon.catalogue import queries as catalogue
from andon.paging import queries as paging

#: More alerts than this are a storm; the timeline has them all.
_SHOWN = 10
_NOTES = 12
#: Annotations with a place of their own on the card, and one that leads back to this page.
_PLACED = frozenset(
    (
        *("summary", "title", "message", "description", "money_at_risk", "andon_url"),
        *("runbook_url", "runbook", "dashboard_url", "dashboard"),
    )
)


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert as its card shows it."""

    state: str
    severity: str
    summary: str
    description: str
    money_at_risk: str
    #: (address, text) of runbooks, dashboards and what else was linked, in that order.
    links: Sequence[tuple[str, str]]
    #: (name, value) of the labels that say where it is and what it is about.
    labels: Sequence[tuple[str, str]]
    #: (name, value) of the annotations that have no place of their own.
    notes: Sequence[tuple[str, str]]
    #: What Andon adds: that alerts were left out, or that the message had to be mended.
    remark: str
    starts_at: datetime
    last_received_at: datetime
    resolved_at: datetime | None
    count: int


@dataclass(frozen=True, slots=True)
class Alerts:
    """Some alerts, how many there are, and where the runbook is."""

    shown: Sequence[ShownAlert]
    total: int
    runbook: str
    dashboard: str

    @property
    def more(self) -> int:
        """Return how many are not shown."""
        return self.total - len(self.shown)


def of_pages(*, page_ids: Collection[int], service_id: int | None) -> Alerts:
    """Return the alerts of an incident's pages, those that fire first. Three queries at most.

    A runbook that an alert names comes before the service's, since it is about just this.
    """
    found, total = paging.alerts_of_pages(page_ids=page_ids, most=_SHOWN)
    shown = [_shown(one) for one in found[:_SHOWN]]
    runbook, dashboard = catalogue.where_to_look(service_id=service_id)
    return Alerts(
        shown=shown,
        total=total,
        runbook=_first(found, "runbook") or runbook,
        dashboard=_first(found, "dashboard") or dashboard,
    )


def _shown(one: AlertRow) -> ShownAlert:
    notes = _texts(one.details.get("annotations") if isinstance(one.details, Mapping) else None)
    order = {"runbook": 0, "dashboard": 1}
    links = sorted(one.links, key=lambda link: order.get(link.get("kind", ""), 2))
    return ShownAlert(
        state=one.state if one.state != AlertState.OPEN else "firing",
        severity=one.severity,
        summary=one.summary,
        description=one.description,
        money_at_risk=notes.get("money_at_risk", ""),
        links=[(link["href"], link.get("text") or link["href"]) for link in links],
        labels=telling(one.labels),
        notes=[(name, text) for name, text in sorted(notes.items()) if name not in _PLACED][
            :_NOTES
        ],
        remark=one.labels.get(NOTE, ""),
        starts_at=one.starts_at,
        last_received_at=one.last_received_at,
        resolved_at=one.resolved_at,
        count=one.count,
    )


def _first(alerts: Sequence[AlertRow], kind: str) -> str:
    links = (link for one in alerts for link in one.links)
    return next((str(link["href"]) for link in links if link.get("kind") == kind), "")


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    found: Mapping[Any, Any] = value
    return {str(name): text for name, text in found.items() if isinstance(text, str) and text}
