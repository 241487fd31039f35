"""The list of incidents."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    DurationField,
    ExpressionWrapper,
    FloatField,
    IntegerField,
    Q,
    Value,
    When,
)
from django.db.models.expressions import Combinable, F
from django.db.models.functions import Cast, Coalesce, Lower

from andon.alerts.types import AlertKind
from andon.catalogue.types import Organisation
from andon.core.periods import first_instant
from andon.incidents import queries
from andon.incidents.models import IncidentPage
from andon.incidents.types import ACTIVE_STATES, IncidentState
from andon.paging.models import Notification
from andon.web.portal.listing import Column, Filter, Listing, mine
from andon.web.portal.reads.lists import filters

#: (value, words, what is true of it), as the list shows states, the most pressing first.
_WAITS = Q(state=IncidentState.OPEN, held_until__isnull=False)
_STATES: tuple[tuple[str, str, Q], ...] = (
    ("open", "Open", Q(state=IncidentState.OPEN) & ~_WAITS),
    ("acknowledged", "Acknowledged", Q(state=IncidentState.ACKNOWLEDGED)),
    ("held", "Held", _WAITS),
    ("restored", "Restored", Q(state=IncidentState.RESTORED)),
    ("closed", "Closed", Q(state=IncidentState.CLOSED)),
)
_ACTIVE = ("active", "Active", Q(state__in=ACTIVE_STATES))


def incidents(
    *, organisation: Organisation, viewer_id: int, zone: ZoneInfo, now: datetime
) -> Listing:
    """Return what the list of incidents can do. Days are the reader's own."""
    states = {value: found for value, _, found in (_ACTIVE, *_STATES)}
    severities = _severities(organisation)
    return Listing(
        noun="incident",
        nouns="incidents",
        usual="-incident",
        cursor="number",
        search_label="Find by number, service or words",
        search=lambda _, text: queries.holds(text=text),
        columns=(
            Column(name="incident", title="Incident", order=F("number"), falls=True),
            Column(name="state", title="State", order=_rank([one[2] for one in _STATES])),
            Column(name="service", title="Service", order=Lower("service__title")),
            Column(name="what", title="What", order=Lower("title")),
            Column(
                name="severity",
                title="Severity",
                order=_rank([Q(severity=one) for one in severities]),
            ),
            Column(name="started", title="Started", order=F("started_at"), falls=True),
            Column(name="lasted", title="Lasted", order=_lasted(now), number=True),
            Column(name="lost", title="Lost", order=_lost(now), number=True),
        ),
        filters=(
            Filter(
                name="state",
                title="State",
                choices=[(value, words) for value, words, _ in (_ACTIVE, *_STATES)],
                narrow=lambda state: states[state],
            ),
            filters.team(lambda slug: Q(service__owner__slug=slug)),
            Filter(
                name="severity",
                title="Severity",
                choices=[(one, one) for one in severities],
                narrow=lambda severity: Q(severity=severity),
            ),
            Filter(
                name="kind",
                title="Kind",
                choices=[(str(one), str(one)) for one in AlertKind],
                narrow=lambda kind: Q(kind=kind),
            ),
            Filter(
                name="from",
                title="Started on or after",
                choices=None,
                narrow=lambda day: Q(started_at__gte=_midnight(day, zone)),
                form="day",
            ),
            Filter(
                name="until",
                title="Started on or before",
                choices=None,
                narrow=lambda day: Q(started_at__lt=_midnight(day + timedelta(days=1), zone)),
                form="day",
            ),
            mine(lambda _: _own(viewer_id)),
        ),
    )


def _severities(organisation: Organisation) -> list[str]:
    """Return the severities, the gravest first, with those that incidents still carry."""
    declared = [one.name for one in organisation.severities]
    had = queries.every().exclude(severity="").values_list("severity", flat=True).distinct()
    return declared + sorted(set(had) - set(declared))


def _own(viewer_id: int) -> Q:
    """Return what is true of incidents of one's services, that one has taken or was told of."""
    told = Notification.objects.filter(person_id=viewer_id).values("page_id")
    return (
        filters.own_services(viewer_id, of="service__")
        | Q(acknowledged_person_id=viewer_id)
        | Q(pk__in=IncidentPage.objects.filter(page_id__in=told).values("incident_id"))
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return first_instant(day, time(), zone)


def _rank(conditions: list[Q]) -> Case:
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
