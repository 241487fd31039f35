"""Pages, what was decided about them, and the messages they sent."""

from django.db import models
from django.db.models import Q

from andon.alerts.types import AlertKind
from andon.core.fields import ValueField
from andon.core.ids import uuid7
from andon.paging.rules import codec
from andon.paging.types import (
    NotificationState,
    PagePolicy,
    PageRoute,
    PageState,
    PageSubject,
    SubjectKind,
)
from andon.people import rules as people


class _RouteField(ValueField):
    encode = staticmethod(codec.route_to)
    decode = staticmethod(codec.route_from)


class _PolicyField(ValueField):
    encode = staticmethod(codec.policy_to)
    decode = staticmethod(codec.policy_from)


class Page(models.Model):
    """Somebody must look at a service. One page is open per service; its later alerts join it.

    The row is its own queue entry: it is due when `next_at` has come, and it has
    one until somebody has acknowledged it or it is over.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    service = models.ForeignKey(
        "catalogue.Service", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(max_length=15, choices=[(s.value, s.value) for s in PageState])
    kind = models.CharField(
        max_length=10,
        default=AlertKind.INCIDENT,
        db_default=AlertKind.INCIDENT.value,
        choices=[(kind.value, kind.value) for kind in AlertKind],
    )
    #: With `kind` what it is about, see `PageSubject`; unique among open pages.
    subject_kind = models.CharField(
        max_length=10, choices=[(kind.value, kind.value) for kind in SubjectKind]
    )
    subject_ref = models.CharField(max_length=540)
    severity = models.CharField(max_length=10)
    summary = models.CharField(max_length=1024)
    opened_at = models.DateTimeField()
    #: When the first alert says the problem began.
    started_at = models.DateTimeField()
    route: "models.Field[PageRoute, PageRoute]" = _RouteField(default=PageRoute)
    reason = models.CharField(max_length=500, default="")
    out_of_hours = models.BooleanField(default=False)
    rota = models.CharField(max_length=63, default="")
    policy: "models.Field[PagePolicy, PagePolicy]" = _PolicyField(default=PagePolicy)
    #: The step that runs next, counted over all rounds from 0.
    step = models.PositiveIntegerField(default=0)
    held_until = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    first_sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=200, default="")
    acknowledged_person = models.ForeignKey(
        "people.Person", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    #: Only the senders of its alerts have acknowledged it, no person.
    acknowledged_by_sender = models.BooleanField(default=False)
    unanswered_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=200, default="")
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    #: Hand-off to incidents: true when something happened that incidents has not seen.
    unseen = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "subject_kind", "subject_ref"),
                condition=~Q(state="resolved"),
                name="page_open_once",
            ),
        )
        indexes = (
            models.Index(fields=("next_at",), name="page_due", condition=Q(next_at__isnull=False)),
            models.Index(fields=("id",), name="page_unseen", condition=Q(unseen=True)),
        )

    def __str__(self) -> str:
        return self.summary

    @property
    def subject(self) -> PageSubject:
        """Return what it is about."""
        return PageSubject(AlertKind(self.kind), SubjectKind(self.subject_kind), self.subject_ref)


class PagedAlert(models.Model):
    """An alert belongs to a page."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="paged_alerts")
    alert = models.OneToOneField("alerts.Alert", on_delete=models.CASCADE, related_name="+")
    joined_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"alert {self.alert_id} on page {self.page_id}"


class Decision(models.Model):
    """Something Andon decided about a page, and why, in words.

    Without a page it is about an alert that pages nobody.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, null=True, related_name="decisions")
    alert = models.ForeignKey("alerts.Alert", on_delete=models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    reason = models.TextField()
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.reason


class Notification(models.Model):
    """One message to one destination. Its text is frozen; the acknowledge link is made later."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    #: None: a test of somebody's addresses, or news of an override; neither belongs to a page.
    page = models.ForeignKey(
        Page, on_delete=models.CASCADE, null=True, related_name="notifications"
    )
    step = models.PositiveIntegerField()
    person = models.ForeignKey(
        "people.Person", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    contact_method = models.ForeignKey(
        "people.ContactMethod", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    kind = models.CharField(max_length=20)
    destination = models.CharField(max_length=500)
    #: What it leaves by: the host of a URL; empty for the one mail server.
    server = models.CharField(max_length=300, default="")
    #: `page`, `resolved` (told to those who were paged), `unanswered` (told to the fallback
    #: contact), `test` or `override` (told to those whom one concerns).
    purpose = models.CharField(max_length=15, default="page")
    subject = models.CharField(max_length=300)
    body = models.TextField()
    data = models.JSONField(default=dict)
    state = models.CharField(
        max_length=10,
        default=NotificationState.PENDING,
        choices=[(s.value, s.value) for s in NotificationState],
    )
    #: 0 is the first page of a service; then by severity.
    priority = models.PositiveSmallIntegerField(default=5)
    created_at = models.DateTimeField()
    #: When it was first due, if it has been written afresh since; then `created_at` is later.
    due_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=200, default="")
    error = models.TextField(default="")
    #: Whose fault the last attempt's failure was (`Fault`), and since when handing it over has
    #: failed. Kept while that keeps somebody from being told; null once it was sent or ended.
    fault = models.CharField(max_length=15, default="")
    failing_since = models.DateTimeField(null=True)
    #: When the acknowledge link in this message was used. It works once.
    link_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("page", "step", "purpose", "kind", "destination"), name="notification_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("kind", "priority", "next_at"),
                name="notification_due",
                condition=Q(next_at__isnull=False),
            ),
            models.Index(
                fields=("kind", "failing_since"),
                name="notification_failing",
                condition=Q(failing_since__isnull=False),
            ),
        )

    def __str__(self) -> str:
        shown = people.masked(kind=self.kind, address=self.destination)
        return f"{self.kind} to {shown}: {self.subject}"


class Way(models.Model):
    """What messages of a kind leave by, and whether it worked when it was looked at last."""

    kind = models.CharField(max_length=20)
    #: As in `Notification.server`.
    server = models.CharField(max_length=300, default="")
    checked_at = models.DateTimeField()
    worked_at = models.DateTimeField(null=True)
    fails_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    said = models.TextField(default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "server"), name="way_once"),)

    def __str__(self) -> str:
        return f"{self.kind} by {self.server or 'its one server'}"


class Attempt(models.Model):
    """One try of a transport to hand a notification over."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=15)
    detail = models.TextField(default="")

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.outcome}: {self.detail}"
