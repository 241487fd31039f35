"""What happened to overrides, handed once to whoever tells those concerned."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from andon.core import claims
from andon.core.periods import Period
from andon.oncall import queries, rules
from andon.oncall.models import Override
from andon.oncall.types import Happened, OverrideNews


def take_news(*, now: datetime, limit: int) -> tuple[list[OverrideNews], int]:
    """Return what happened to overrides since it was last asked, and how many rows that were.

    To be called in the transaction that writes the messages: both are kept, or neither is. What is
    over is told to nobody.
    """
    rows = claims.lock(Override.objects.exclude(news="").order_by("pk"), limit=limit)
    Override.objects.filter(pk__in=[row.pk for row in rows]).update(news="")
    full = Override.objects.filter(pk__in=[row.pk for row in rows]).select_related(
        "rota", "person", "replaces"
    )
    what = {row.pk: Happened(row.news) for row in rows}
    return list(_news([row for row in full if row.ends_at > now], what, now)), len(rows)


def _news(
    rows: Sequence[Override], what: dict[int, Happened], now: datetime
) -> Iterator[OverrideNews]:
    if not rows:
        return
    whole = Period(min(row.starts_at for row in rows), max(row.ends_at for row in rows))
    rotas = queries.load_rotas(period=whole, slugs={row.rota.slug for row in rows})
    for row in rows:
        rota = rotas.get(row.rota.slug)
        if rota is None:
            continue
        period = Period(max(row.starts_at, now), row.ends_at)
        others = tuple(one for one in rota.overrides if one.id != row.pk)
        yield OverrideNews(
            override=row.pk,
            what=what[row.pk],
            rota=rota.slug,
            rota_title=rota.title,
            person=row.person.slug,
            displaced=rules.displaced(
                rota=replace(rota, overrides=others),
                person=row.person.slug,
                replaces=row.replaces.slug if row.replaces else None,
                period=period,
            ),
            period=Period(row.starts_at, row.ends_at) if what[row.pk] is Happened.MADE else period,
            reason=row.reason,
            made_by=row.created_by,
        )
