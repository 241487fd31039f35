"""What was measured of objectives."""

from django.db import models

from andon.slo.models.declarations import Declaration


class BudgetReading(models.Model):
    """The last reading of an objective's error budget, and what went wrong when it failed."""

    objective = models.OneToOneField(Declaration, on_delete=models.CASCADE, related_name="+")
    #: When it was last read with success; null before the first time.
    read_at = models.DateTimeField(null=True)
    window_starts_at = models.DateTimeField(null=True)
    bad = models.FloatField(null=True)
    total = models.FloatField(null=True)
    #: Share of the budget that is left: 1 untouched, 0 gone, below 0 overspent.
    left = models.FloatField(null=True)
    #: Burn rate by window, such as {"1h": 0.4, "6h": 0.1}.
    burn = models.JSONField(default=dict)
    #: Share of the window for which there are measurements, 0 to 1.
    covered = models.FloatField(default=0)
    source = models.CharField(max_length=500, blank=True, default="")
    tried_at = models.DateTimeField()
    error = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"budget of {self.objective}"


class BudgetPoint(models.Model):
    """The budget at an instant, kept for the burn-down."""

    objective = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="+")
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

    objective = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="+")
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
