"""The ledger: postings that are never changed, the months they are booked in, corrected hours."""

from django.db import models
from django.db.models import F, Q

from andon.core.ids import uuid7
from andon.core.money import Money
from andon.costing.types import Kind, Tag


class LedgerMonth(models.Model):
    """A month of the books. What is found out after it closed is booked in a later one."""

    first = models.DateField(unique=True)
    posted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=200, default="")

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(first__day=1), name="month_first_day"),)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


class Posting(models.Model):
    """A line of the ledger. The database refuses to change it: a mistake is reversed.

    What it refers to is kept for as long as it is: nobody can say what a cost was for otherwise.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    #: `<source>#<sequence>`, or `reversal:<uid>`: what makes posting the same thing twice fail.
    key = models.CharField(max_length=400, unique=True)
    #: The fact it comes from: a shift, an incident, a word of somebody. Reversals share it.
    source = models.CharField(max_length=360)
    sequence = models.PositiveIntegerField(default=1)
    reversal_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="reversal"
    )
    kind = models.CharField(max_length=15, choices=[(k.value, k.value) for k in Kind])
    tag = models.CharField(max_length=15, choices=[(t.value, t.value) for t in Tag])
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    #: The month it happened in, and the month whose books it is in; the same unless that closed.
    month = models.DateField()
    booked = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    service = models.ForeignKey(
        "catalogue.Service", on_delete=models.PROTECT, null=True, related_name="+"
    )
    team = models.ForeignKey("people.Team", on_delete=models.PROTECT, null=True, related_name="+")
    domain = models.ForeignKey(
        "catalogue.Domain", on_delete=models.PROTECT, null=True, related_name="+"
    )
    rota = models.ForeignKey(
        "catalogue.Rota", on_delete=models.PROTECT, null=True, related_name="+"
    )
    incident = models.ForeignKey(
        "incidents.Incident", on_delete=models.PROTECT, null=True, related_name="+"
    )
    person = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    budget_holder = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    evidence = models.CharField(max_length=300)
    reason = models.TextField()
    posted_at = models.DateTimeField()
    posted_by = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(minor=0), name="posting_of_something"),
            models.CheckConstraint(
                condition=Q(month__day=1, booked__day=1),
                name="posting_first_day",
            ),
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="posting_ends"),
        )
        indexes = (
            models.Index(fields=("month", "kind"), name="posting_month"),
            models.Index(fields=("booked", "kind"), name="posting_booked"),
            models.Index(fields=("person", "booked"), name="posting_person"),
            models.Index(fields=("source",), name="posting_source"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {Money(self.minor, self.currency).exact}"


class TakenBack(models.Model):
    """What somebody took back by hand though it follows from facts: it is not posted again."""

    source = models.CharField(max_length=360, unique=True)
    month = models.DateField()
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("month",), name="taken_back_month"),)

    def __str__(self) -> str:
        return self.source


class WorkedTime(models.Model):
    """Somebody says when a person really worked on an incident. The newest one counts."""

    incident = models.ForeignKey("incidents.Incident", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("incident", "person"), name="worked_incident"),)
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="worked_ends"),
        )

    def __str__(self) -> str:
        return f"{self.person} on {self.incident}"
