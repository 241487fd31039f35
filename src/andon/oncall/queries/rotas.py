"""Rotas as values: versions, overrides and who left, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import F, Q

from andon.catalogue import queries as catalogue
from andon.catalogue.types import Organisation
from andon.catalogue.types.rotas import StandingRota
from andon.core.periods import Period
from andon.oncall import models, rules
from andon.oncall.queries.attendance import Attendances
from andon.oncall.types import LONGEST_TURN, Departure, OnCallNow, Override, Rota
from andon.people import queries as people


def load_rotas(
    *,
    period: Period,
    slugs: Collection[str] | None = None,
    teams: Collection[str] = (),
    domains: Collection[str] = (),
    organisation: Organisation | None = None,
) -> dict[str, Rota]:
    """Return rotas by slug with all that touches a period, in six queries however many there are.

    All of them, or with `slugs` those named and those of the teams and domains named. The
    organisation is read too, unless it is given.

    What is loaded reaches one longest turn further on both sides, so that shifts at the edges are
    whole. Retired rotas are included as long as a version of theirs touches the period.
    """
    if slugs is not None and not (slugs or teams or domains):
        return {}
    reach = Period(period.starts_at - LONGEST_TURN, period.ends_at + LONGEST_TURN)
    standing = catalogue.standing_rotas(reach=reach, slugs=slugs, teams=teams, domains=domains)
    ids = [rota.id for rota in standing]
    overrides = _overrides(ids, reach, everything=slugs is None)
    gone = _departures(standing, overrides.values())
    loaded = (_rota(rota, overrides[rota.id], gone, period.starts_at) for rota in standing)
    found = answering_when(
        rotas={rota.slug: rota for rota in loaded},
        organisation=organisation or catalogue.organisation(),
        at=period.starts_at,
    )
    if slugs is None:
        return found
    return {
        slug: rota
        for slug, rota in found.items()
        if slug in slugs or rota.team in teams or rota.domain in domains
    }


def answering_when(
    *, rotas: Mapping[str, Rota], organisation: Organisation, at: datetime
) -> dict[str, Rota]:
    """Return rotas that know when they are asked. At most two queries."""
    attendances = Attendances.load(
        teams={rota.team for rota in rotas.values() if rota.team},
        domains={rota.domain for rota in rotas.values() if rota.domain},
        organisation=organisation,
        at=at,
    )
    return attendances.placed(rotas=rotas)


def on_call_now(*, at: datetime, slugs: Collection[str] | None = None) -> list[OnCallNow]:
    """Return every rota in force with who is on call for it, until when, and who comes next."""
    rotas = load_rotas(period=Period(at, at + timedelta(microseconds=1)), slugs=slugs)
    return [
        rules.on_call_at(rota=rota, at=at)
        for rota in rotas.values()
        if any(at in version.period for version in rota.versions)
    ]


def _overrides(
    rota_ids: Collection[int], reach: Period, *, everything: bool
) -> dict[int, list[Override]]:
    rows = models.Override.objects.filter(
        Q(cancelled_at__isnull=True) | Q(cancelled_at__gt=F("starts_at")),
        starts_at__lt=reach.ends_at,
        ends_at__gt=reach.starts_at,
    ).select_related("person", "replaces")
    if not everything:
        rows = rows.filter(rota__in=rota_ids)
    found: dict[int, list[Override]] = defaultdict(list)
    for row in rows.order_by("created_at", "pk"):
        found[row.rota_id].append(_override(row))
    return found


def _override(row: models.Override) -> Override:
    """Read an override; one that was cancelled while it ran stays as it was worked until then."""
    ends_at = min(row.ends_at, row.cancelled_at or row.ends_at)
    return Override(
        id=row.pk,
        period=Period(row.starts_at, ends_at),
        person=row.person.slug,
        replaces=row.replaces.slug if row.replaces else None,
        reason=row.reason,
        created_at=row.created_at,
    )


def _departures(
    standing: Iterable[StandingRota], overrides: Iterable[list[Override]]
) -> dict[str, Departure]:
    """Return who, of all the people named, is retired (since when), inactive or unknown."""
    named = {p for rota in standing for v, _ in rota.versions for p in v.rotation.participants}
    named |= {o.person for found in overrides for o in found}
    gone = people.departures(slugs=named)
    return {slug: Departure(slug, since) for slug, since in gone.items()}


def _rota(
    rota: StandingRota, overrides: list[Override], gone: Mapping[str, Departure], at: datetime
) -> Rota:
    named = {p for v, _ in rota.versions for p in v.rotation.participants}
    named |= {o.person for o in overrides}
    policies = (policy for version, policy in rota.versions if at in version.period)
    return Rota(
        id=rota.id,
        slug=rota.slug,
        title=rota.title,
        covers=rota.covers,
        team=rota.team,
        domain=rota.domain,
        versions=tuple(version for version, _ in rota.versions),
        overrides=tuple(overrides),
        escalation=next(policies, None),
        departures=tuple(gone[person] for person in sorted(named) if person in gone),
    )
