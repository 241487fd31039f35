"""Who owned what, by date."""

from collections import defaultdict
from typing import Any

from andon.catalogue import models
from andon.catalogue.types.ownership import Owned, Ownerships
from andon.core.periods import Period

_Parts = dict[int, tuple[tuple[Period, Owned], ...]]


def owners_during(*, period: Period) -> Ownerships:
    """Return the owner, domain, budget holder and funding of everything over a period.

    Before the first record the first holds, and what has no record at all is as it is now. Four
    queries.
    """
    found: dict[str, dict[int, list[tuple[Period, Owned]]]] = {
        kind: defaultdict(list) for kind in ("service_id", "of_domain_id", "rota_id")
    }
    rows = models.Ownership.objects.filter(starts_at__lt=period.ends_at).order_by("starts_at", "pk")
    for row in rows.exclude(ends_at__lte=period.starts_at):
        kind = next(one for one in found if getattr(row, one) is not None)
        owned = Owned(row.owner_id, row.domain_id, row.budget_holder_id, row.funding)
        inside = Period(row.starts_at, row.ends_at or period.ends_at).clip(period)
        if inside is not None:
            found[kind][getattr(row, kind)].append((inside, owned))
    services = {
        pk: Owned(owner, domain, holder, funding)
        for pk, owner, domain, holder, funding in models.Service.objects.values_list(
            "pk", "owner_id", "domain_id", "budget_holder_id", "funding"
        )
    }
    domains = models.Domain.objects.values_list("pk", "owner_id", "budget_holder_id")
    rotas = models.Rota.objects.values_list("pk", "team_id", "domain_id")
    return Ownerships(
        services=_whole(found["service_id"], services, period),
        domains=_whole(
            found["of_domain_id"],
            {pk: Owned(owner, None, holder) for pk, owner, holder in domains},
            period,
        ),
        rotas=_whole(
            found["rota_id"], {pk: Owned(team, domain) for pk, team, domain in rotas}, period
        ),
    )


def _whole(
    found: dict[int, list[tuple[Period, Owned]]], now: dict[int, Any], period: Period
) -> _Parts:
    """Return parts without a gap: each begins where it says, and lasts until the next begins."""
    whole = {}
    for pk, present in now.items():
        parts = found.get(pk) or [(period, present)]
        starts = [period.starts_at, *(part.starts_at for part, _ in parts[1:])]
        ends = [*starts[1:], period.ends_at]
        whole[pk] = tuple(
            (Period(start, end), owned)
            for start, end, (_, owned) in zip(starts, ends, parts, strict=True)
        )
    return whole
