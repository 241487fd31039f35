"""Integration keys, alerts, and the raw log they are replayed from."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q

from andon.alerts.types import AlertKind, AlertState, Severity
from andon.core.ids import uuid7


class UncheckedJSONField(models.JSONField):
    """JSON that SQLite does not validate again on each insert: intake has encoded it itself."""

    def db_check(self, connection: BaseDatabaseWrapper) -> None:
        """Return no check."""


class IntegrationKey(models.Model):
    """Lets one sender in. Scoped to a service or, without one, to the organisation.

    Only its hash is stored.
    """

    name = models.CharField(max_length=120)
    #: The name of a `KeyKind` that a folder of `integrations` declares.
    kind = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=20)
    service = models.ForeignKey(
        "catalogue.Service", on_delete=models.CASCADE, null=True, related_name="+"
    )
    #: Sustained requests a minute; twice as many may come at once. 0: no limit.
    per_minute = models.PositiveIntegerField(default=1200)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, default="")
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    #: When something was last wrong with what it sent, and what; shown as a fault.
    rejected_at = models.DateTimeField(null=True)
    rejected_why = models.TextField(blank=True, default="")
    #: When alerts of it were last lost and will be lost again, and how: somebody is told.
    lost_at = models.DateTimeField(null=True)
    lost_since = models.DateTimeField(null=True)
    lost_why = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}...)"


class Alert(models.Model):
    """One problem a sender reported. While it is open, repeats only count.

    Written by `actions.receive` in set-based SQL: a column added here is added there.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    key = models.ForeignKey(
        IntegrationKey, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    dedup_key = models.CharField(max_length=512)
    state = models.CharField(
        max_length=10, default=AlertState.OPEN, choices=[(s.value, s.value) for s in AlertState]
    )
    severity = models.CharField(max_length=10, choices=[(s.value, s.value) for s in Severity])
    summary = models.CharField(max_length=1024)
    description = models.TextField(default="")
    labels = UncheckedJSONField(default=dict)
    links = UncheckedJSONField(default=list)
    details = UncheckedJSONField(default=dict)
    group_key = models.TextField(default="")
    kind = models.CharField(
        max_length=10,
        default=AlertKind.INCIDENT,
        db_default=AlertKind.INCIDENT.value,
        choices=[(kind.value, kind.value) for kind in AlertKind],
    )
    starts_at = models.DateTimeField()
    #: The latest start that repeats told, when later: what ended before it is an earlier firing.
    fired_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    last_received_at = models.DateTimeField()
    #: How many times it was received while open.
    count = models.PositiveBigIntegerField(default=1)
    #: The sender's own acknowledgement.
    acknowledged_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=200, default="")
    #: The text that names the service; `service` is found from it after storage, `service_why` says
    #: how.
    service_ref = models.CharField(max_length=512, default="")
    service = models.ForeignKey(
        "catalogue.Service", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    service_why = models.CharField(max_length=300, default="")
    #: Hand-off to paging: true when something happened that paging has not seen; `revision` says
    #: how often.
    unseen = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("key", "dedup_key"), condition=Q(state="open"), name="alert_open_once"
            ),
        )
        indexes = (
            models.Index(fields=("id",), name="alert_unseen", condition=Q(unseen=True)),
            models.Index(
                fields=("service", "-received_at"),
                name="alert_service",
                condition=Q(service__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.summary


class IntakeBatch(models.Model):
    """The raw requests of one group commit, as received (msgpack); replayable, kept for days."""

    received_at = models.DateTimeField()
    requests = models.BinaryField()
    count = models.PositiveIntegerField()

    class Meta:
        indexes = (models.Index(fields=("received_at",), name="intake_age"),)

    def __str__(self) -> str:
        return f"{self.count} requests at {self.received_at}"


class RejectedRequest(models.Model):
    """A request with a good key and an unreadable body: a monitor that may be failing to page."""

    key = models.ForeignKey(IntegrationKey, on_delete=models.CASCADE, related_name="+")
    received_at = models.DateTimeField()
    why = models.TextField()
    body = models.BinaryField()

    def __str__(self) -> str:
        return self.why
