"""What was measured of objectives."""

from django.db import models


class BudgetReading(models.Model):
    """The last reading of an objective's error budget, and what went wrong when it failed.

    A failure keeps the last values: `read_at` says how old they are, `error` why.
    """

    objective = models.OneToOneField("slo.Declaration", on_delete=models.CASCADE, related_name="+")
    #: The instant the values are of; null before the first success.
    read_at = models.DateTimeField(null=True)
    #: The whole period: a rolling one ends at `read_at`, a calendar one later.
    window_starts_at = models.DateTimeField(null=True)
    window_ends_at = models.DateTimeField(null=True)
    #: Bad and all events of it so far; seconds where time is counted.
    bad = models.FloatField(null=True)
    total = models.FloatField(null=True)
    #: All events of a calendar period, as estimated.
    expected_total = models.FloatField(null=True)
    #: The target in force then, in parts per million, and the full outage the period allows.
    target_ppm = models.PositiveIntegerField(null=True)
    allowed_seconds = models.FloatField(null=True)
    #: Share of the budget that is left: 1 untouched, 0 gone, below 0 overspent.
    left = models.FloatField(null=True)
    #: Good of all events; null where nothing happened.
    availability = models.FloatField(null=True)
    #: Burn rate by window, such as {"1h": 0.4, "6h": 0.1}.
    burn = models.JSONField(default=dict)
    #: When nothing is left at the pace of the last hour; null: not within another period.
    exhausts_at = models.DateTimeField(null=True)
    #: Share of the window for which there are measurements, 0 to 1.
    covered = models.FloatField(default=0)
    #: Sentences that must stand beside the figures.
    notes = models.JSONField(default=list)
    source = models.CharField(max_length=500, blank=True, default="")
    tried_at = models.DateTimeField()
    error = models.TextField(blank=True, default="")
    #: What the whole window held at the last step of the burn-down: later readings add what came
    #: since and take off what left, so that a minute's reading does not sum thirty days again.
    basis = models.CharField(max_length=200, blank=True, default="")
    base_at = models.DateTimeField(null=True)
    base_bad = models.FloatField(default=0)
    base_total = models.FloatField(default=0)
    base_samples = models.FloatField(default=0)
    #: How far losses of the target were followed, and what the next look must know.
    followed = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"budget of {self.objective}"


class BudgetPoint(models.Model):
    """The budget at an instant, kept for the burn-down."""

    objective = models.ForeignKey("slo.Declaration", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    left = models.FloatField()
    #: Good of all events over the window until then, 0 to 1.
    availability = models.FloatField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("objective", "at"), name="budget_point_once"),
        )

    def __str__(self) -> str:
        return f"{self.objective} at {self.at}"


class TargetLoss(models.Model):
    """The time from the loss of an availability target to its recovery (docs/slo.md)."""

    objective = models.ForeignKey("slo.Declaration", on_delete=models.CASCADE, related_name="+")
    lost_at = models.DateTimeField()
    regained_at = models.DateTimeField(null=True, blank=True)
    method = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("objective", "lost_at"), name="target_loss_once"),
        )

    def __str__(self) -> str:
        return f"{self.objective} lost at {self.lost_at}"
