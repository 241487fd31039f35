"""How incidents and services are now, in one word each."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from andon.alerts import queries as alerts
from andon.catalogue import rules as catalogue_rules
from andon.catalogue.types import Organisation
from andon.incidents import models, rules
from andon.incidents.queries.finding import real
from andon.incidents.types import ACTIVE_STATES, Condition, Figures, Incident, IncidentState


def condition(*, incident: Incident, figures: Figures) -> Condition:
    """Return how an incident is, by what it alone has used of the target's allowance."""
    left = None if figures.allowance is None else figures.allowance - figures.duration
    return rules.condition(
        state=incident.state,
        is_real=incident.kind.is_real,
        is_held=incident.held_until is not None,
        is_down=incident.is_down,
        was_down=incident.was_down,
        allowance_left=left,
    )


def conditions(
    *, slugs: Collection[str] | None, organisation: Organisation, now: datetime
) -> dict[str, Condition]:
    """Return how each of these services is; without `slugs`, of each that has an active incident.

    At most three queries. What its target still allows counts every incident of the last period in
    which it was down.
    """
    rows = _rows().filter(state__in=ACTIVE_STATES, service__isnull=False)
    going_on = list(rows if slugs is None else rows.filter(service__slug__in=slugs))
    usual = rules.service_condition(active=(), heard=bool(going_on) or alerts.has_any())
    found = dict.fromkeys(slugs or (), usual)
    ids = {row.service_id for row in going_on if row.service_id is not None}
    if not ids:
        return found
    used = _used(ids, organisation.period, now)
    for pk in ids:
        mine = [row for row in going_on if row.service_id == pk]
        allowance = _allowance(mine, organisation)
        left = None if allowance is None else allowance - used.get(pk, timedelta(0))
        active = [_of_row(row, left) for row in mine]
        slug = mine[0].service.slug if mine[0].service else ""
        found[slug] = rules.service_condition(active=active)
    return found


def _rows() -> QuerySet[models.Incident]:
    return real().select_related("service")


def _of_row(row: models.Incident, left: timedelta | None) -> Condition:
    return rules.condition(
        state=IncidentState(row.state),
        is_held=row.held_until is not None,
        is_down=row.is_down,
        was_down=row.was_down,
        allowance_left=left,
    )


def _allowance(rows: Iterable[models.Incident], organisation: Organisation) -> timedelta | None:
    ppm = max((row.target_ppm for row in rows if row.target_ppm is not None), default=None)
    if ppm is None:
        return None
    return catalogue_rules.allowed_downtime(ppm=ppm, period=organisation.period)


def _used(ids: Collection[int], period: timedelta, now: datetime) -> dict[int, timedelta]:
    """Return for how long each of these services was down in the last period."""
    start = now - period
    rows = real().filter(was_down=True, service_id__in=ids).exclude(restored_at__lt=start)
    used: dict[int, timedelta] = {}
    for pk, began, ended in rows.values_list("service_id", "started_at", "restored_at"):
        if pk is not None:
            length = min(ended or now, now) - max(began, start)
            used[pk] = used.get(pk, timedelta(0)) + max(length, timedelta(0))
    return used
