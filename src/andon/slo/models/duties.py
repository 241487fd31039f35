"""Work that recurs."""

from django.db import models


class Duty(models.Model):
    """A recurring piece of work that one engine of many does at a time (`core.claims`)."""

    name = models.CharField(max_length=60, unique=True)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    #: What it must know the next time, whichever engine does it then.
    memory = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name
