"""When services were deployed."""

from datetime import datetime

from andon.core.periods import Period
from andon.slo.models import Deployment


def deployments_of(*, service: str, period: Period, limit: int = 2000) -> list[datetime]:
    """Return when a service was deployed within a period, in order; the newest of many. One query.

    Empty as well when the organisation names no query for deployments, or it has found none.
    """
    rows = Deployment.objects.filter(
        service__slug=service, at__gte=period.starts_at, at__lte=period.ends_at
    )
    return sorted(rows.order_by("-at").values_list("at", flat=True)[:limit])
