"""What changed about services: deployments that metrics tell, and changes that senders tell."""

from django.db import models
from django.db.models import Q


class Change(models.Model):
    """A change of a service.

    Metrics tell no more than that it was deployed, to the minute.
    A sender tells what it changed, of a service that nobody may have declared.
    """

    service = models.ForeignKey(
        "catalogue.Service", on_delete=models.CASCADE, null=True, related_name="+"
    )
    at = models.DateTimeField()
    #: The same however often a sender tells it; empty for a deployment that metrics tell.
    identity = models.CharField(max_length=600, default="")
    summary = models.CharField(max_length=1024, default="")
    #: What changed it, such as a pipeline, and the name of the key by which that was told.
    source = models.CharField(max_length=255, default="")
    told_by = models.CharField(max_length=200, default="")
    #: The text that names the service.
    service_ref = models.CharField(max_length=512, default="")
    links = models.JSONField(default=list)
    labels = models.JSONField(default=dict)
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("service", "at"), condition=Q(identity=""), name="deployment_once"
            ),
            models.UniqueConstraint(
                fields=("identity",), condition=~Q(identity=""), name="change_told_once"
            ),
        )
        indexes = (
            models.Index(fields=("service", "-at"), name="change_of_service"),
            models.Index(fields=("at",), name="change_told_age", condition=~Q(identity="")),
        )

    def __str__(self) -> str:
        return f"{self.service or self.service_ref} at {self.at}"
