"""What changes a declared rota for a while."""

from django.db import models
from django.db.models import F, Q


class Override(models.Model):
    """A person takes a rota for a period. The newest valid one wins; cancelled ones are kept."""

    rota = models.ForeignKey("catalogue.Rota", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    replaces = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    cancelled_at = models.DateTimeField(null=True)
    #: What those concerned have yet to be told of it (`Happened`); empty once they were.
    news = models.CharField(max_length=10, default="")

    class Meta:
        indexes = (
            models.Index(fields=("rota", "ends_at"), name="override_rota"),
            models.Index(fields=("id",), name="override_news", condition=~Q(news="")),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="override_ends_after"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} takes {self.rota}"


class CalendarFeed(models.Model):
    """A secret iCalendar address for one rota or one person. Only its hash is stored."""

    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=20)
    rota = models.ForeignKey(
        "catalogue.Rota", on_delete=models.CASCADE, null=True, related_name="+"
    )
    person = models.ForeignKey(
        "people.Person", on_delete=models.CASCADE, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(rota__isnull=False) ^ Q(person__isnull=False), name="feed_of_one_thing"
            ),
        )

    def __str__(self) -> str:
        return f"calendar of {self.rota or self.person}"
