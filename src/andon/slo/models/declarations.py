"""What the files declare about telemetry."""

from django.db import models


class Declaration(models.Model):
    """An objective or an alert of a team's own, as values the check has read (`slo.types`)."""

    kind = models.CharField(max_length=10, choices=[("slo", "slo"), ("alert", "alert")])
    slug = models.SlugField(max_length=63)
    service = models.ForeignKey("catalogue.Service", on_delete=models.CASCADE, related_name="+")
    document = models.JSONField()
    declared_at = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()
    #: Gone from the files since: no rules any more, but its history is kept.
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "slug"), name="declaration_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}"
