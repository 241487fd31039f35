"""Rotas as values: versions, overrides and who left, in a constant number of queries."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from andon.catalogue import models as catalogue
from andon.catalogue import queries as catalogue_queries
from andon.catalogue.rules.documents.rotations import (
    UnreadableDocument,
    read_escalation,
    read_version,
)
from andon.catalogue.types import EscalationPolicy, Organisation, RotaCovers
from andon.core.periods import Period
from andon.oncall import models, rules
from andon.oncall.queries.attendance import Attendances
from andon.oncall.types import (
    FOREVER,
    LONGEST_TURN,
    Departure,
    OnCallNow,
    Override,
    Rota,
    RotaVersion,
)
from andon.people.models import Person

_log = logging.getLogger(__name__)

#: More names than this are not sent to the database one by one: all people are read instead.
_NAMES_AT_ONCE = 500


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
    rows = catalogue.Rota.objects.filter(
        Q(retired_at__isnull=True) | Q(retired_at__gt=reach.starts_at)
    )
    if slugs is not None:
        rows = rows.filter(_with_others(slugs, teams, domains))
    rotas = {row[0]: _Row(*row) for row in rows.values_list(*_COLUMNS)}
    versions = _versions(rotas, reach, everything=slugs is None)
    overrides = _overrides(rotas, reach, everything=slugs is None)
    gone = _departures(versions.values(), overrides.values())
    loaded = (
        _rota(row, versions[row.id], overrides[row.id], gone, period.starts_at)
        for row in sorted(rotas.values(), key=lambda row: row.slug)
    )
    found = answering_when(
        rotas={rota.slug: rota for rota in loaded},
        organisation=organisation or catalogue_queries.organisation(),
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


def _with_others(slugs: Collection[str], teams: Collection[str], domains: Collection[str]) -> Q:
    """Return which rotas are read: those wanted, and the others of the same team or domain.

    Which of several is asked, and when, only all of them together say.
    """
    named = catalogue.Rota.objects.filter(slug__in=slugs)
    wanted = Q(slug__in=slugs)
    wanted |= Q(team__in=named.values("team")) | Q(domain__in=named.values("domain"))
    wanted |= Q(team__slug__in=teams) if teams else Q()
    return wanted | Q(domain__slug__in=domains) if domains else wanted


class _Row(NamedTuple):
    """A rota as it is read: making model objects of them costs more than reading them."""

    id: int
    slug: str
    title: str
    covers: str
    team: str | None
    domain: str | None
    retired_at: datetime | None


_COLUMNS = ("id", "slug", "title", "covers", "team__slug", "domain__slug", "retired_at")
_Versions = dict[int, list[tuple[RotaVersion, EscalationPolicy | None]]]


def _versions(rotas: Mapping[int, _Row], reach: Period, *, everything: bool) -> _Versions:
    rows: QuerySet[catalogue.RotaVersion] = catalogue.RotaVersion.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=reach.starts_at), starts_at__lt=reach.ends_at
    )
    if not everything:
        rows = rows.filter(rota__in=rotas)
    found: _Versions = defaultdict(list)
    read = rows.values_list("pk", "rota_id", "document", "carried", "starts_at", "ends_at")
    for pk, rota_id, document, carried, starts_at, ends in read.order_by(
        "rota_id", "starts_at", "pk"
    ):
        rota = rotas.get(rota_id)
        if rota is None:
            continue
        ends_at = min(ends or FOREVER, rota.retired_at or FOREVER)
        if starts_at >= ends_at:
            continue
        try:
            period = Period(starts_at, ends_at)
            version = read_version(document=document, period=period, carried=carried)
        except UnreadableDocument as error:
            _log.error("rota %s has an unreadable version %s: %s", rota.slug, pk, error)
            continue
        found[rota_id].append((version, read_escalation(document=document)))
    return found


def _overrides(
    rotas: Mapping[int, _Row], reach: Period, *, everything: bool
) -> dict[int, list[Override]]:
    rows = models.Override.objects.filter(
        Q(cancelled_at__isnull=True) | Q(cancelled_at__gt=F("starts_at")),
        starts_at__lt=reach.ends_at,
        ends_at__gt=reach.starts_at,
    ).select_related("person", "replaces")
    if not everything:
        rows = rows.filter(rota__in=rotas)
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
    versions: Iterable[list[tuple[RotaVersion, EscalationPolicy | None]]],
    overrides: Iterable[list[Override]],
) -> dict[str, Departure]:
    """Return who, of all the people named, is retired (since when), inactive or unknown."""
    named = {p for found in versions for v, _ in found for p in v.rotation.participants}
    named |= {o.person for found in overrides for o in found}
    rows = Person.objects.all()
    if len(named) <= _NAMES_AT_ONCE:
        rows = rows.filter(slug__in=named)
    columns = ("slug", "is_active", "retired_at", "inactive_at")
    people = {slug: facts for slug, *facts in rows.values_list(*columns)}
    gone = {}
    for slug in named:
        active, retired_at, inactive_at = people.get(slug, (False, None, None))
        if retired_at is not None or not active:
            since = [at for at in (retired_at, inactive_at) if at is not None]
            gone[slug] = Departure(slug, min(since, default=None))
    return gone


def _rota(
    row: _Row,
    versions: list[tuple[RotaVersion, EscalationPolicy | None]],
    overrides: list[Override],
    gone: Mapping[str, Departure],
    at: datetime,
) -> Rota:
    named = {p for v, _ in versions for p in v.rotation.participants}
    named |= {o.person for o in overrides}
    return Rota(
        id=row.id,
        slug=row.slug,
        title=row.title,
        covers=RotaCovers(row.covers),
        team=row.team,
        domain=row.domain,
        versions=tuple(version for version, _ in versions),
        overrides=tuple(overrides),
        escalation=_in_force(versions, at),
        departures=tuple(gone[person] for person in sorted(named) if person in gone),
    )


def _in_force(
    versions: list[tuple[RotaVersion, EscalationPolicy | None]], at: datetime
) -> EscalationPolicy | None:
    return next((policy for version, policy in versions if at in version.period), None)
