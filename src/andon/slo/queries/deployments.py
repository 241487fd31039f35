"""When services were deployed, and what else is known to have changed about them."""

from datetime import datetime

from andon.core import masking
from andon.core.periods import Period
from andon.slo.models import Change
from andon.slo.types import KnownChange

_DEPLOYED = "Deployed, as metrics tell"


def deployments_of(*, service: str, period: Period, limit: int = 2000) -> list[datetime]:
    """Return when metrics say that a service was deployed, in order; the newest of many. One query.

    Empty as well when the organisation names no query for deployments, or it has found none.
    """
    rows = Change.objects.filter(
        identity="", service__slug=service, at__gte=period.starts_at, at__lte=period.ends_at
    )
    return sorted(rows.order_by("-at").values_list("at", flat=True)[:limit])


def changes_of(
    *,
    service_id: int | None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 10,
) -> list[KnownChange]:
    """Return what changed about a service, also by metrics, newest first. One query.

    Nothing of a service that nobody declared.
    """
    if service_id is None:
        return []
    rows = Change.objects.filter(service_id=service_id).select_related("service")
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lte=until)
    return [_known(row) for row in rows.order_by("-at", "-pk")[:limit]]


def list_changes(
    *, service: str = "", until: datetime | None = None, skip: int = 0, limit: int = 50
) -> list[KnownChange]:
    """Return what changed, of one service or of all, newest first from an instant on. One query.

    `skip` leaves out so many of those at that very instant, which were listed before.
    """
    rows = Change.objects.select_related("service").order_by("-at", "-pk")
    if service:
        rows = rows.filter(service__slug=service)
    if until is not None:
        rows = rows.filter(at__lte=until)
    return [_known(row) for row in rows[skip : skip + limit]]


def _known(row: Change) -> KnownChange:
    return KnownChange(
        at=row.at,
        summary=masking.text(row.summary) or _DEPLOYED,
        source=masking.text(row.source),
        told_by=row.told_by,
        links=tuple((str(link["text"]), str(link["href"])) for link in row.links),
        service=(row.service.slug, row.service.title) if row.service else None,
        service_ref=row.service_ref,
    )
