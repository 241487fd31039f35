"""Reads: what the list of incidents can be asked, and which incidents are a reader's own."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    DurationField,
    ExpressionWrapper,
    FloatField,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable, F
from django.db.models.functions import Cast, Coalesce, Lower

from andon.alerts.types import AlertKind
from andon.catalogue import queries as catalogue
from andon.catalogue.types import Organisation
from andon.core.lists import Rows
from andon.core.periods import first_instant
from andon.incidents import models
from andon.incidents.queries.finding import every, holds, to_value
from andon.incidents.types import ACTIVE_STATES, Incident, IncidentState

_WAITS = Q(state=IncidentState.OPEN, held_until__isnull=False)
#: As the list shows states, the most pressing first.
_STATES = {
    "open": Q(state=IncidentState.OPEN) & ~_WAITS,
    "acknowledged": Q(state=IncidentState.ACKNOWLEDGED),
    "held": _WAITS,
    "restored": Q(state=IncidentState.RESTORED),
    "closed": Q(state=IncidentState.CLOSED),
}
_ACTIVE = {"active": Q(state__in=ACTIVE_STATES)}


def rows_of_incidents(
    *, severities: Collection[str], viewer_id: int, zone: ZoneInfo, now: datetime
) -> Rows[Incident]:
    """Return what the list of incidents of every kind can be asked. Days are the reader's own.

    `severities` are in order, the gravest first.
    """
    return Rows(
        found=_rows(),
        load=lambda rows: [to_value(row) for row in rows],
        cursor="number",
        search=lambda _, text: holds(text=text),
        orders={
            "incident": F("number"),
            "state": _rank(_STATES.values()),
            "service": Lower("service__title"),
            "what": Lower("title"),
            "severity": _rank([Q(severity=one) for one in severities]),
            "started": F("started_at"),
            "lasted": _lasted(now),
            "lost": _lost(now),
        },
        narrows={
            "state": lambda state: (_ACTIVE | _STATES)[state],
            "team": lambda slug: Q(service__owner__slug=slug),
            "severity": lambda severity: Q(severity=severity),
            "kind": lambda kind: Q(kind=kind),
            "from": lambda day: Q(started_at__gte=_midnight(day, zone)),
            "until": lambda day: Q(started_at__lt=_midnight(day + timedelta(days=1), zone)),
            "mine": lambda _: _own(viewer_id) | _told(viewer_id),
        },
    )


def list_severities(*, organisation: Organisation) -> list[str]:
    """Return the severities, the gravest first, with those that incidents still carry."""
    declared = [one.name for one in organisation.severities]
    had = every().exclude(severity="").values_list("severity", flat=True).distinct()
    return declared + sorted(set(had) - set(declared))


def list_own_active(*, viewer_id: int, but: Collection[int], most: int) -> list[Incident]:
    """Return the active incidents that somebody has taken or that are of their services.

    Those whose page is among `but` are left out; the newest come first. One query.
    """
    rows = _rows().filter(_own(viewer_id), state__in=ACTIVE_STATES)
    return _newest(rows.exclude(incident_pages__page_id__in=but), most)


def list_to_close(*, viewer_id: int, most: int) -> list[Incident]:
    """Return the incidents that somebody has taken, are over and nobody has closed. One query."""
    rows = _rows().filter(acknowledged_person_id=viewer_id, state=IncidentState.RESTORED)
    return _newest(rows, most)


def _rows() -> "QuerySet[models.Incident]":
    return every().select_related("service__owner", "acknowledged_person")


def _newest(rows: "QuerySet[models.Incident]", most: int) -> list[Incident]:
    return [to_value(row) for row in rows.order_by("-number")[:most]]


def _own(viewer_id: int) -> Q:
    """Return what is true of incidents that one has taken, or of one's services."""
    return Q(acknowledged_person_id=viewer_id) | catalogue.own(viewer_id=viewer_id, of="service__")


def _told(viewer_id: int) -> Q:
    """Return what is true of incidents that one was sent a message about."""
    pages = models.IncidentPage.objects.filter(page__notifications__person_id=viewer_id)
    return Q(pk__in=pages.values("incident_id"))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return first_instant(day, time(), zone)


def _rank(conditions: Collection[Q]) -> Case:
    whens = [When(one, then=Value(rank)) for rank, one in enumerate(conditions)]
    return Case(*whens, default=None, output_field=IntegerField())


def _lasted(now: datetime) -> Combinable:
    ended = Coalesce("restored_at", Value(now))
    return ExpressionWrapper(ended - F("started_at"), output_field=DurationField())


def _lost(now: datetime) -> Case:
    """Return what orders incidents by money: exposure by time; those in one currency."""
    hours = Cast(F("exposure_minor"), FloatField())
    lost = ExpressionWrapper(_lasted(now) * hours, output_field=DurationField())
    return Case(
        When(~Q(kind=AlertKind.INCIDENT), then=Value(timedelta(0))),
        When(exposure_minor__isnull=True, then=None),
        default=lost,
        output_field=DurationField(),
    )
