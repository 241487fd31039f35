"""The kernel's tables."""

from django.db import models
from django.db.models import Q


class AuditEntry(models.Model):
    """Who did what, when, to what. Written by actions in the transaction of what they did."""

    at = models.DateTimeField()
    #: The name as it was then.
    actor = models.CharField(max_length=200)
    #: The slug of the person, which stays when the name changes; empty when it is no person.
    person = models.CharField(max_length=63, default="")
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = (
            models.Index(fields=("subject", "-at"), name="audit_subject"),
            models.Index(fields=("person", "-at"), name="audit_person", condition=~Q(person="")),
        )

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.subject}"


class Counter(models.Model):
    """A named number that only grows, such as the last incident number given out."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


class SampleMark(models.Model):
    """Says that everything in this database is a sample."""

    #: `living` or `empty` (`core.sample`).
    kind = models.CharField(max_length=20)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} sample"


class TurnLease(models.Model):
    """What one process of many does at a time, or once per interval (`core.turns`)."""

    name = models.CharField(max_length=60, unique=True)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    #: What it must know the next time, whichever process does it then.
    memory = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name


class StageBeat(models.Model):
    """The last time a stage of the engine ran, on any node, and how it went."""

    stage = models.CharField(max_length=60, primary_key=True)
    node = models.CharField(max_length=120)
    version = models.CharField(max_length=30)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(default=0)
    handled = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.stage} on {self.node}"


class SetAside(models.Model):
    """A row that a stage of the engine cannot do: left out, so that it holds up no other.

    It is tried again at `again_at`, after growing waits, and forgotten once it goes through.
    """

    stage = models.CharField(max_length=60)
    row = models.BigIntegerField()
    #: As said aloud: `alert 12, Down of checkout`.
    what = models.CharField(max_length=200)
    why = models.TextField()
    since = models.DateTimeField()
    tries = models.PositiveIntegerField(default=1)
    again_at = models.DateTimeField()
    #: When a person was told of what it is about, or nobody needed to be; null while nobody knows.
    told_at = models.DateTimeField(null=True)
    #: Who was told, or why nobody needs to be, in words.
    told = models.CharField(max_length=200, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("stage", "row"), name="set_aside_once"),)

    def __str__(self) -> str:
        return f"{self.stage}: {self.what}: {self.why}"


class Node(models.Model):
    """A process that runs Andon against this database."""

    name = models.CharField(max_length=120, primary_key=True)
    host = models.CharField(max_length=200)
    roles = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
