"""Finding incidents, one or many, with their figures."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Case, Max, Q, QuerySet, Value, When

from andon.alerts.types import AlertKind
from andon.catalogue import queries as catalogue
from andon.catalogue import rules as catalogue_rules
from andon.catalogue.types import Organisation
from andon.core import folding, matching
from andon.core.matching import Found
from andon.core.money import Money
from andon.incidents import models, rules
from andon.incidents.types import ACTIVE_STATES, Figures, Incident, IncidentState
from andon.paging.types import SubjectKind
from andon.people.types import Person

#: Where the words of a search may stand; in the notes people wrote, too.
_FIELDS = ("title", "subject_ref", "service__slug", "service__title", "severity", "acknowledged_by")
#: A search looks at so many of the newest incidents; a number is found among all of them.
_SEARCHED = 20_000
_NUMBER = re.compile(r"(?:INC[- ]?|#)?([0-9]{1,15})", re.IGNORECASE | re.ASCII)


def parse_number(text: str) -> int | None:
    """Return the number in `INC-1042`, `inc 1042`, `#1042` or `1042`, or None."""
    match = _NUMBER.fullmatch(text.strip())
    return int(match.group(1)) if match else None


def real() -> QuerySet[models.Incident]:
    """Return the incidents that really happened: what money, pay and measures are made of.

    The one place that leaves out exercises and tests; whoever counts anything starts from here.
    """
    return of_kinds(kinds=(AlertKind.INCIDENT,))


def every() -> QuerySet[models.Incident]:
    """Return all incidents, for who looks one up or lists them; never to count or to add up."""
    return models.Incident.objects.all()


def of_kinds(*, kinds: Iterable[AlertKind]) -> QuerySet[models.Incident]:
    """Return the incidents of these kinds, for what counts exercises too, as pay may."""
    return models.Incident.objects.filter(kind__in=list(kinds))


def find(*, number: int) -> Incident | None:
    """Return one incident by the number people say aloud."""
    row = _rows().filter(number=number).first()
    return to_value(row) if row else None


def find_of_page(*, page_id: int) -> Incident | None:
    """Return the incident a page belongs to; None while incidents has not taken its turn yet."""
    row = _rows().filter(incident_pages__page_id=page_id).first()
    return to_value(row) if row else None


def list_numbered(*, numbers: Collection[int]) -> list[Incident]:
    """Return the incidents with these numbers. One query."""
    return [to_value(row) for row in _rows().filter(number__in=numbers)]


def list_active(*, kind: AlertKind | str = "", limit: int = 200) -> list[Incident]:
    """Return what is going on: real before exercises, major first, the longest-burning first."""
    is_real = Case(When(kind=AlertKind.INCIDENT, then=0), default=1)
    rows = _rows().filter(state__in=ACTIVE_STATES, **({"kind": kind} if kind else {}))
    rows = rows.order_by(is_real, "-major", "started_at", "number")
    return [to_value(row) for row in rows[:limit]]


def list_affected(*, limit: int = 1000) -> list[tuple[str, Money | None]]:
    """Return the services with an active incident, by slug, and what an hour of each costs.

    One cheap question, for metrics: a service has at most one active incident. Those of services
    that nobody declared come as one, without a slug. Exercises affect nothing.
    """
    rows = real().filter(state__in=ACTIVE_STATES).order_by("-opened_at")
    fields = ("service__slug", "exposure_minor", "exposure_currency")
    return [
        (slug or "", Money(minor, currency) if minor is not None and currency else None)
        for slug, minor, currency in rows.values_list(*fields)[:limit]
    ]


def list_incidents(
    *,
    state: IncidentState | str = "",
    kind: AlertKind | str = "",
    service: str = "",
    search: str = "",
    limit: int = 50,
    after: int | None = None,
) -> list[Incident]:
    """Return incidents, newest first. `after` is the number the last list ended with.

    `state` is a state or `active`; `service` a service's slug or one of its aliases; `search` is
    words that all stand in the title, the service, the severity, a note, or a number.
    """
    rows = _rows().order_by("-number")
    if state == "active":
        rows = rows.filter(state__in=ACTIVE_STATES)
    elif state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    if service:
        rows = rows.filter(_of_service(service))
    if search:
        rows = rows.filter(holds(text=search))
    if after is not None:
        rows = rows.filter(number__lt=after)
    return [to_value(row) for row in rows[:limit]]


def holds(*, text: str) -> Q:
    """Return what is true of the incidents that hold every word of a text, or have the number."""
    number = parse_number(text)
    found = matching.holding(folding.words(text), _FIELDS, also=_also)
    return found | Q(number=number) if number is not None else found


def search(*, text: str, limit: int) -> list[Found]:
    """Return the incidents that hold every word or have the number, that one and the newest first.

    Three queries.
    """
    words, number = folding.words(text), parse_number(text)
    if not words:
        return []
    newest = models.Incident.objects.aggregate(newest=Max("number"))["newest"] or 0
    rows = _rows().filter(holds(text=text), Q(number__gt=newest - _SEARCHED) | Q(number=number))
    is_it = Case(When(number=number, then=Value(0)), default=Value(1))
    found = list(rows.annotate(is_it=is_it).order_by("is_it", "-number")[:limit])
    notes = models.TimelineEntry.objects.filter(incident__in=found, kind="note")
    said: dict[int, list[tuple[str, str]]] = {}
    for pk, note in notes.values_list("incident_id", "text"):
        said.setdefault(pk, []).append(("Note", note))
    return [_found(row, said.get(row.pk, []), number) for row in found]


def _found(row: models.Incident, notes: list[tuple[str, str]], number: int | None) -> Found:
    lines = [("Service", row.service.title if row.service else row.subject_ref)]
    lines += [("Severity", row.severity), ("Acknowledged by", row.acknowledged_by), *notes]
    match = 0 if row.number == number else 9
    return Found("incident", f"INC-{row.number}", row.title, match, tuple(lines))


def figures(
    *, incident: Incident, now: datetime, organisation: Organisation | None = None
) -> Figures:
    """Return the time and money of an incident, running until `now` while it is active.

    Exercises and tests take time and cost none of the money. Give `organisation` when asking for
    many: it is the same for all of them.
    """
    organisation = organisation or catalogue.organisation()
    allowance = None
    if incident.target_ppm is not None and incident.kind.is_real:
        allowance = catalogue_rules.allowed_downtime(
            ppm=incident.target_ppm, period=organisation.period
        )
    return rules.figures(
        started_at=incident.started_at,
        acknowledged_at=incident.acknowledged_at,
        restored_at=incident.restored_at,
        exposure_per_hour=incident.exposure_per_hour if incident.kind.is_real else None,
        allowance=allowance,
        now=now,
    )


def to_value(row: models.Incident) -> Incident:
    """Return the value of a row whose service, owner and taker were selected with it."""
    service = row.service
    owner = service.owner if service else None
    taker = row.acknowledged_person
    return Incident(
        id=row.pk,
        number=row.number,
        uid=str(row.uid),
        title=row.title,
        kind=AlertKind(row.kind),
        is_down=row.is_down,
        was_down=row.was_down,
        state=IncidentState(row.state),
        severity=row.severity,
        severity_reason=row.severity_reason,
        major=row.major,
        subject=row.subject,
        service_id=row.service_id,
        service_slug=service.slug if service else None,
        service_title=service.title if service else None,
        owner_slug=owner.slug if owner else None,
        owner_title=owner.title if owner else None,
        exposure_per_hour=exposure(row),
        target_ppm=row.target_ppm,
        started_at=row.started_at,
        opened_at=row.opened_at,
        held_until=row.held_until,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_person=Person(taker.pk, taker.slug, taker.name, taker.timezone)
        if taker
        else None,
        restored_at=row.restored_at,
        restored_by=row.restored_by,
        reopened_at=row.reopened_at,
        closed_at=row.closed_at,
    )


def _rows() -> QuerySet[models.Incident]:
    return models.Incident.objects.select_related("service__owner", "acknowledged_person")


def exposure(row: models.Incident) -> Money | None:
    """Return what an hour of an incident costs, as the catalogue said when it began."""
    if row.exposure_minor is None or not row.exposure_currency:
        return None
    return Money(row.exposure_minor, row.exposure_currency)


def _of_service(slug: str) -> Q:
    found = catalogue.find_service_ids(refs=[slug]).get(slug)
    if found:
        return Q(service_id=found)
    return Q(subject_kind=SubjectKind.UNKNOWN, subject_ref=slug)


def _also(word: str) -> Q:
    number = parse_number(word)
    notes = models.TimelineEntry.objects.filter(kind="note", text__icontains=word)
    found = Q(pk__in=notes.values("incident_id"))
    return found | Q(number=number) if number is not None else found
