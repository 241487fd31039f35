"""When services were deployed, as metrics tell."""

from django.db import models

from andon.catalogue.models import Service


class Deployment(models.Model):
    """A deployment of a service, to the minute: a mark on burn-downs, not a record of changes."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("service", "at"), name="deployment_once"),)

    def __str__(self) -> str:
        return f"{self.service} at {self.at}"
