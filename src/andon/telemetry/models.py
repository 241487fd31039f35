"""What was rolled out, and how the rules behave since."""

from django.db import models


class Rollout(models.Model):
    """One attempt to bring generated files into force."""

    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    #: Of all generated files; equal digests are equal output.
    digest = models.CharField(max_length=64)
    #: `applied`, `rolled-back` or `refused`; `unproven` when there is nothing to go back to.
    outcome = models.CharField(max_length=20)
    #: What was found out about each tool: files, reload, proof, in words.
    steps = models.JSONField(default=list)
    took_ms = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = (models.Index(fields=("-at",), name="rollout_latest"),)

    def __str__(self) -> str:
        return f"{self.outcome} at {self.at}"


class RuleState(models.Model):
    """How a live alerting rule behaves, as its engine tells: finds those that never fire."""

    engine = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    service = models.CharField(max_length=63, blank=True, default="")
    slo = models.CharField(max_length=63, blank=True, default="")
    state = models.CharField(max_length=20)
    error = models.TextField(blank=True, default="")
    seen_since = models.DateTimeField()
    seen_at = models.DateTimeField()
    firing_since = models.DateTimeField(null=True, blank=True)
    last_fired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("engine", "name", "service", "slo"), name="rule_state_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} of {self.service or 'nobody'}"
