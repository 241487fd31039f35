"""What somebody without an account may read of one incident: what happened, without addresses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from andon.catalogue import queries as catalogue
from andon.core import masking
from andon.incidents import queries as incidents
from andon.incidents.types import Entry
from andon.paging import queries as paging
from andon.paging.types import PageRow
from andon.web.portal.reads import alerts, fires


@dataclass(frozen=True, slots=True)
class Look:
    """One incident, or one page while there is no incident yet, to be read and nothing else."""

    page: PageRow
    fire: fires.Fire | None
    alerts: alerts.Alerts
    timeline: Sequence[Entry]

    @property
    def state(self) -> str:
        """Return where it stands; an incident learns of an acknowledgement a moment later."""
        known = self.fire is not None and self.fire.incident.acknowledged_at is not None
        taken = self.page.acknowledged_at is not None and not known
        return str(self.page.state) if self.fire is None or taken else self.fire.state

    @property
    def taken(self) -> tuple[str, datetime] | None:
        """Return who has it, and since when; None while nobody does."""
        incident, page = self.fire.incident if self.fire else None, self.page
        if incident is not None and incident.acknowledged_at is not None:
            return incident.acknowledged_by, incident.acknowledged_at
        return (page.acknowledged_by, page.acknowledged_at) if page.acknowledged_at else None


def of_page(*, page: PageRow, now: datetime) -> Look:
    """Return what is shown of the incident a page belongs to.

    Texts that people and senders wrote are shown without what looks like an address or a key: they
    were written for colleagues.
    """
    found = incidents.find_of_page(page_id=page.id)
    if found is None:
        service_id = page.service.id if page.service else None
        own = alerts.of_pages(page_ids=[page.id], service_id=service_id)
        decided = [
            Entry(one.at, one.kind, masking.text(one.reason))
            for one in paging.decisions(page_ids=[page.id])
        ]
        return Look(page, None, _masked(own), decided)
    pages = incidents.list_page_ids(incident=found)
    entries = [
        replace(one, text=masking.text(one.text)) for one in incidents.timeline(incident=found)
    ]
    return Look(
        page,
        fires.fire(incident=found, organisation=catalogue.organisation(), now=now),
        _masked(alerts.of_pages(page_ids=pages, service_id=found.service_id)),
        entries,
    )


def _masked(found: alerts.Alerts) -> alerts.Alerts:
    shown = [
        replace(
            one,
            summary=masking.text(one.summary),
            description=masking.text(one.description),
            labels=[(name, masking.text(value)) for name, value in one.labels],
            remark="",
            notes=(),
            links=(),
            money_at_risk="",
        )
        for one in found.shown
    ]
    return replace(found, shown=shown)
