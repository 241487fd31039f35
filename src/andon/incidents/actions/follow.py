"""The engine's stage: incidents follow their pages. Paperwork: the page is already on its way."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from andon.alerts.types import AlertKind, Severity
from andon.catalogue import queries as catalogue
from andon.catalogue import rules as catalogue_rules
from andon.catalogue.types import Organisation, Service
from andon.core import claims
from andon.incidents import models, rules
from andon.incidents.actions.numbers import open_alone, take_numbers
from andon.incidents.queries import finding as queries
from andon.incidents.types import ACTIVE_STATES, ChangeLine, IncidentState, PageFacts, Standing
from andon.paging import actions as paging
from andon.paging import queries as paging_queries
from andon.paging.types import FollowedPage, PageState, PageSubject

_FOLLOWED = (
    "state",
    "started_at",
    "held_until",
    "acknowledged_at",
    "acknowledged_by",
    "acknowledged_person_id",
    "acknowledged_by_sender",
    "restored_at",
    "restored_by",
    "reopened_at",
    "closed_at",
)
_COLUMNS = [
    *(name.removesuffix("_id") for name in _FOLLOWED),
    *("is_down", "was_down", "severity", "severity_reason", "major"),
]
#: Severities of alerts that say that something is down; a warning says that it may be.
_DOWN = (Severity.CRITICAL, Severity.ERROR)


@dataclass(slots=True)
class _Case:
    """An incident with its pages while the stage works on it."""

    row: models.Incident
    pages: dict[int, PageFacts] = field(default_factory=dict)
    joined: list[PageFacts] = field(default_factory=list)
    #: Pages of an incident that is over, which opened again while this one is active.
    moved: list[PageFacts] = field(default_factory=list)
    changes: list[ChangeLine] = field(default_factory=list)
    is_new: bool = False
    is_changed: bool = False

    @property
    def takes_pages(self) -> bool:
        """Return whether a new page of the same subject belongs here."""
        return self.row.state in ACTIVE_STATES

    def ended_before(self, instant: datetime) -> bool:
        """Return whether every page had ended by an instant, though nobody noted it yet."""
        ends = [page.resolved_at for page in self.pages.values() if not page.is_past]
        return bool(ends) and all(end is not None and end <= instant for end in ends)


def follow_pages(
    *,
    now: datetime,
    limit: int = 500,
    only: Sequence[int] | None = None,
    avoid: Collection[int] = (),
) -> int:
    """Open, join, acknowledge, restore and reopen incidents as pages moved. Returns how many did.

    Works on sets, in one transaction, one engine at a time. Nothing here can hold up a page: it
    only reads what paging has written and clears the mark that says so. `only` looks at these
    pages alone, `avoid` leaves some for later.
    """
    if not paging_queries.has_unseen():
        return 0
    return claims.retry(lambda: _follow_pages(now, limit, only, avoid))


def _follow_pages(
    now: datetime, limit: int, only: Sequence[int] | None, avoid: Collection[int]
) -> int:
    with transaction.atomic():
        open_alone()
        seen = paging_queries.list_unseen(limit=limit, only=only, avoid=avoid)
        pages = [page for page in map(_facts, seen) if not page.is_ticket]
        cases = _load_cases(pages)
        _place(pages, cases, now)
        _follow(cases, now)
        _save(cases, now)
        paging.mark_seen(seen=[(page.id, page.revision) for page in seen])
    return len(seen)


def _facts(row: FollowedPage, past: frozenset[int] = frozenset()) -> PageFacts:
    is_open = row.state != PageState.RESOLVED
    is_taken = row.state in (PageState.ACKNOWLEDGED, PageState.RESOLVED)
    return PageFacts(
        id=row.id,
        revision=row.revision,
        subject=row.subject,
        service_id=row.service_id,
        summary=row.summary,
        opened_at=row.opened_at,
        started_at=min(row.started_at, row.opened_at),
        is_open=is_open,
        is_ticket=row.severity == Severity.TICKET,
        is_down=row.severity in _DOWN,
        is_past=row.id in past,
        held_until=row.held_until if row.state == PageState.HELD else None,
        acknowledged_at=row.acknowledged_at if is_taken else None,
        acknowledged_by=row.acknowledged_by,
        acknowledged_person_id=row.acknowledged_person_id,
        acknowledged_by_sender=row.acknowledged_by_sender,
        resolved_at=None if is_open else row.alerts_ended_at or row.resolved_at or row.opened_at,
        resolved_by=row.resolved_by,
    )


def _load_cases(pages: Sequence[PageFacts]) -> list[_Case]:
    """Return the incidents the pages belong to or may join, locked, each with all of its pages."""
    known = models.IncidentPage.objects.filter(page_id__in=[page.id for page in pages])
    ids = set(known.values_list("incident_id", flat=True))
    for about in paging_queries.about(subjects={page.subject for page in pages}):
        active = models.Incident.objects.filter(about, state__in=ACTIVE_STATES)
        ids |= set(active.values_list("id", flat=True))
    rows = models.Incident.objects.select_for_update().filter(id__in=ids).order_by("id")
    cases = {row.pk: _Case(row) for row in rows}
    links = list(models.IncidentPage.objects.filter(incident_id__in=ids))
    past = frozenset(link.page_id for link in links if link.past)
    rows_of_pages = paging_queries.list_followed(page_ids=[link.page_id for link in links])
    by_id = {page.id: _facts(page, past) for page in rows_of_pages}
    for link in links:
        cases[link.incident_id].pages[link.page_id] = by_id[link.page_id]
    return list(cases.values())


def _place(pages: Sequence[PageFacts], cases: list[_Case], now: datetime) -> None:
    """Give every page that has no incident one: the active one of its subject, or a new one."""
    placed = {page_id for case in cases for page_id in case.pages}
    active = {case.row.subject: case for case in cases if case.takes_pages}
    _move_reopened(cases, active)
    new = [page for page in pages if page.id not in placed]
    services = catalogue.load_services(ids={p.service_id for p in new if p.service_id is not None})
    organisation = catalogue.organisation()
    for page in new:
        case = active.get(page.subject)
        if case is None or case.ended_before(page.opened_at):
            service = services.get(page.service_id) if page.service_id is not None else None
            case = _Case(_new_incident(page, service, organisation, now), is_new=True)
            active[page.subject] = case
            cases.append(case)
        case.pages[page.id] = page
        case.joined.append(page)


def _move_reopened(cases: list[_Case], active: dict[PageSubject, _Case]) -> None:
    """Give a page that opened again to the active incident of its subject: it tells the story."""
    for case in cases:
        now_in_charge = active.get(case.row.subject)
        if case.takes_pages or now_in_charge is None:
            continue
        for page in [page for page in case.pages.values() if page.is_open]:
            del case.pages[page.id]
            now_in_charge.pages[page.id] = replace(page, is_past=False)
            now_in_charge.moved.append(page)


def _new_incident(
    page: PageFacts, service: Service | None, organisation: Organisation, now: datetime
) -> models.Incident:
    # An exercise or a test puts nothing at risk, so it has no exposure, target or severity.
    real = service if page.subject.kind.is_real else None
    exposure = real.exposure_per_hour if real else None
    severity = rules.severity(
        kind=page.subject.kind,
        exposure_per_hour=exposure,
        classes=organisation.severities,
        is_down=page.is_down,
    )
    target = catalogue_rules.target_at(service=real, at=page.started_at) if real else None
    return models.Incident(
        **page.subject.columns,
        service_id=service.id if service else None,
        title=page.summary,
        severity=severity.name,
        severity_reason=severity.reason,
        major=severity.major,
        exposure_minor=exposure.minor if exposure else None,
        exposure_currency=exposure.currency if exposure else "",
        target_ppm=target,
        is_down=page.is_down,
        was_down=page.is_down,
        started_at=page.started_at,
        opened_at=now,
    )


def _follow(cases: Iterable[_Case], now: datetime) -> None:
    for case in cases:
        before = _standing(case.row)
        followed = rules.follow(standing=before, pages=list(case.pages.values()), now=now)
        case.changes.extend(followed.changes)
        case.is_changed = followed.standing != before
        _apply(case.row, followed.standing)
        _weigh(case)
        for page in case.pages.values():
            case.pages[page.id] = replace(page, is_past=page.id in followed.past)


def _weigh(case: _Case) -> None:
    """Keep whether it is down; one that was not so far gets the severity of one that is."""
    row, open_pages = case.row, [page for page in case.pages.values() if page.is_open]
    down = any(page.is_down for page in open_pages) if open_pages else row.is_down
    if down == row.is_down:
        return
    case.is_changed = True
    row.is_down = down
    if not down or row.was_down:
        return
    found = rules.severity(
        kind=AlertKind(row.kind),
        exposure_per_hour=queries.exposure(row),
        classes=catalogue.organisation().severities,
    )
    row.was_down = True
    row.severity, row.severity_reason, row.major = found.name, found.reason, found.major
    case.changes.append(ChangeLine("severity", f"More than a warning now. {found.reason}"))


def _standing(row: models.Incident) -> Standing:
    return Standing(
        state=IncidentState(row.state),
        **{name: getattr(row, name) for name in _FOLLOWED if name != "state"},
    )


def _apply(row: models.Incident, standing: Standing) -> None:
    for name in _FOLLOWED:
        setattr(row, name, getattr(standing, name))


def _save(cases: Sequence[_Case], now: datetime) -> None:
    new = [case for case in cases if case.is_new]
    for case, number in zip(new, take_numbers(count=len(new)), strict=True):
        case.row.number = number
    old = [case.row for case in cases if case.is_changed and not case.is_new]
    models.Incident.objects.bulk_update(old, _COLUMNS, batch_size=100)
    models.Incident.objects.bulk_create([case.row for case in new])
    models.IncidentPage.objects.bulk_create(
        models.IncidentPage(incident=case.row, page_id=page.id)
        for case in cases
        for page in case.joined
    )
    for case in cases:
        ids = [page.id for page in case.moved]
        if ids:
            models.IncidentPage.objects.filter(page_id__in=ids).update(incident=case.row)
    _save_past(cases)
    models.TimelineEntry.objects.bulk_create(
        models.TimelineEntry(
            incident=case.row, at=now, kind=change.kind, actor=change.actor, text=change.text
        )
        for case in cases
        for change in _story(case)
    )


def _save_past(cases: Iterable[_Case]) -> None:
    by_flag: dict[bool, list[int]] = defaultdict(list)
    for case in cases:
        if case.moved or any(change.kind == "reopened" for change in case.changes):
            for page in case.pages.values():
                by_flag[page.is_past].append(page.id)
    for flag, ids in by_flag.items():
        models.IncidentPage.objects.filter(page_id__in=ids).update(past=flag)


def _story(case: _Case) -> list[ChangeLine]:
    """Return what to write down, in the order in which it makes sense to read it."""
    lines = [
        ChangeLine("joined", f"Another page of the same service joined: {page.summary}")
        for page in (*(case.joined[1:] if case.is_new else case.joined), *case.moved)
    ]
    if case.is_new:
        lines.insert(0, ChangeLine("opened", f"{case.row} opened. {case.row.severity_reason}"))
    return lines + case.changes
