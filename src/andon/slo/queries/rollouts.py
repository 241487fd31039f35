"""What the estate in force was made from, and what was rolled out of it last."""

from django.db.models import Count, Max

from andon.catalogue.models import Revision
from andon.slo.models import Declaration, Rollout


def state_of_files() -> str:
    """Return a text that changes whenever what telemetry is generated from does. Two queries."""
    revision = Revision.objects.aggregate(last=Max("pk"))["last"]
    declared = Declaration.objects.aggregate(
        count=Count("pk"), made=Max("created_at"), gone=Max("retired_at")
    )
    return f"{revision} {declared['count']} {declared['made']} {declared['gone']}"


def last_rollout() -> Rollout | None:
    """Return the last attempt to bring files into force."""
    return Rollout.objects.order_by("-at", "-pk").first()
