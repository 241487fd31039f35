"""Incidents, the pages that opened them, and what people and Andon wrote down."""

from django.db import models
from django.db.models import Q

from andon.alerts.types import AlertKind
from andon.core.ids import uuid7
from andon.incidents.types import IncidentState
from andon.paging.types import PageSubject, SubjectKind


class Incident(models.Model):
    """A loss of availability, from the first alert to restored. Said aloud as `INC-<number>`."""

    number = models.PositiveBigIntegerField(unique=True)
    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    service = models.ForeignKey(
        "catalogue.Service", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    #: As on its pages. Money, pay and measures read `queries.real()`, which leaves out the others.
    kind = models.CharField(
        max_length=10,
        default=AlertKind.INCIDENT,
        db_default=AlertKind.INCIDENT.value,
        choices=[(kind.value, kind.value) for kind in AlertKind],
    )
    #: As on its pages: what it is about, with `kind`; one active incident each.
    subject_kind = models.CharField(
        max_length=10, choices=[(kind.value, kind.value) for kind in SubjectKind]
    )
    subject_ref = models.CharField(max_length=540)
    title = models.CharField(max_length=1024)
    state = models.CharField(
        max_length=15,
        default=IncidentState.OPEN,
        choices=[(s.value, s.value) for s in IncidentState],
    )
    #: Whether something worse than a warning says so now, and whether something ever did.
    is_down = models.BooleanField(default=True, db_default=True)
    was_down = models.BooleanField(default=True, db_default=True)
    severity = models.CharField(max_length=60, default="")
    severity_reason = models.CharField(max_length=500, default="")
    major = models.BooleanField(default=False)
    #: What an hour of this costs, as the catalogue said when it began; null when not estimated.
    exposure_minor = models.BigIntegerField(null=True)
    exposure_currency = models.CharField(max_length=3, default="")
    target_ppm = models.PositiveIntegerField(null=True)
    started_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    #: Set while every open page of it waits for working hours.
    held_until = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=200, default="")
    acknowledged_person = models.ForeignKey(
        "people.Person", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    #: Only senders have acknowledged it, no person: it may lapse, and a person takes its place.
    acknowledged_by_sender = models.BooleanField(default=False)
    restored_at = models.DateTimeField(null=True)
    restored_by = models.CharField(max_length=200, default="")
    #: The last time it went on after it had been over.
    reopened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    pages = models.ManyToManyField("paging.Page", through="IncidentPage", related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "subject_kind", "subject_ref"),
                condition=Q(state__in=("open", "acknowledged")),
                name="incident_active_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("-opened_at",),
                name="incident_active",
                condition=Q(state__in=("open", "acknowledged")),
            ),
            models.Index(fields=("service", "-opened_at"), name="incident_service"),
            models.Index(fields=("-opened_at",), name="incident_newest"),
        )

    def __str__(self) -> str:
        return f"INC-{self.number}"

    @property
    def subject(self) -> PageSubject:
        """Return what it is about."""
        return PageSubject(AlertKind(self.kind), SubjectKind(self.subject_kind), self.subject_ref)


class IncidentPage(models.Model):
    """A page belongs to an incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="incident_pages")
    page = models.OneToOneField("paging.Page", on_delete=models.CASCADE, related_name="+")
    #: The page had ended when the incident was last reopened: it no longer decides anything.
    past = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"page {self.page_id} of {self.incident}"


class TimelineEntry(models.Model):
    """Something a person or Andon wrote down. Alerts and pages keep their own records."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    actor = models.CharField(max_length=200, default="")
    text = models.TextField()
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.text
