"""Reads: what the lists of services, teams, domains, rotas and people can be asked."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import F
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from andon.catalogue import models
from andon.catalogue.queries.groups import counted_domains, counted_teams, domain_row, team_row
from andon.catalogue.queries.searching import holds, live
from andon.catalogue.queries.services import cover_order, target_order
from andon.catalogue.types import Cover, DomainRow, Organisation, TeamRow
from andon.core.lists import Rows
from andon.people import queries as people
from andon.people.types import PersonRow


def rows_of_services(
    *,
    organisation: Organisation,
    viewer_id: int,
    conditions: Mapping[str, str],
    ranks: Sequence[str],
    now: datetime,
    team: str = "",
    domain: str = "",
) -> Rows[int]:
    """Return what the list of services can be asked, of one team or domain or of all; ids come out.

    `conditions` says by slug how services are, in one of the `ranks`, the most pressing first; the
    last of them is how those are that are not named.
    """
    covers = cover_order(organisation=organisation, at=now)
    places = {str(one): place for place, one in enumerate(Cover)}
    owned = {"owner__slug": team} if team else {"domain__slug": domain} if domain else {}
    return Rows(
        found=live(kind="service").filter(**owned),
        load=lambda rows: [row.pk for row in rows],
        search=lambda words, _: holds(kind="service", words=words),
        orders={
            "service": Lower("title"),
            "status": _ranked(conditions, ranks),
            "owner": Lower("owner__title"),
            "target": target_order(at=now),
            "cover": covers,
            "risk": F("exposure_minor"),
        },
        narrows={
            "state": lambda word: _called(conditions, word, usual=ranks[-1]),
            "team": lambda slug: Q(owner__slug=slug),
            "domain": lambda slug: Q(domain__slug=slug),
            "cover": lambda cover: Q(Exact(covers, places[cover])),
            "mine": lambda _: own(viewer_id=viewer_id),
        },
    )


def rows_of_teams(*, viewer_id: int) -> Rows[TeamRow]:
    """Return what the list of teams can be asked."""
    return Rows(
        found=counted_teams().filter(retired_at__isnull=True),
        load=lambda rows: [team_row(row) for row in rows],
        search=lambda words, _: holds(kind="team", words=words),
        orders={
            "team": Lower("title"),
            "services": F("service_count"),
            "people": F("member_count"),
            "channel": Lower("channel"),
        },
        narrows={"mine": lambda _: _among("team", memberships__person_id=viewer_id)},
    )


def rows_of_domains() -> Rows[DomainRow]:
    """Return what the list of domains can be asked."""
    return Rows(
        found=counted_domains().filter(retired_at__isnull=True),
        load=lambda rows: [domain_row(row) for row in rows],
        search=lambda words, _: holds(kind="domain", words=words),
        orders={
            "domain": Lower("title"),
            "kind": F("kind"),
            "owner": Lower("owner__title"),
            "services": F("service_count"),
        },
        narrows={"kind": lambda kind: Q(kind=kind)},
    )


def rows_of_rotas(*, mine: Callable[[], Collection[str]]) -> Rows[str]:
    """Return what the list of rotas can be asked; slugs come out. `mine` gives the reader's own."""
    return Rows(
        found=live(kind="rota"),
        load=lambda rows: [row.slug for row in rows],
        search=lambda words, _: holds(kind="rota", words=words),
        orders={"rota": Lower("title"), "answers": F("covers")},
        narrows={
            "answers": lambda covers: Q(covers=covers),
            "team": lambda slug: Q(team__slug=slug),
            "domain": lambda slug: Q(domain__slug=slug),
            "mine": lambda _: Q(slug__in=mine()),
        },
    )


def rows_of_people(*, viewer_id: int) -> Rows[PersonRow]:
    """Return what the list of people can be asked."""
    teams = live(kind="team").filter(memberships__person=OuterRef("pk")).order_by(Lower("title"))
    colleagues = {"memberships__team__memberships__person_id": viewer_id}
    return Rows(
        found=live(kind="person"),
        load=lambda rows: people.list_rows(ids=[row.pk for row in rows]),
        search=lambda words, _: holds(kind="person", words=words),
        orders={
            "name": Lower("name"),
            "short": F("slug"),
            "teams": Subquery(teams.values(lower=Lower("title"))[:1]),
            "zone": F("timezone"),
        },
        narrows={
            "team": lambda slug: _among("person", memberships__team__slug=slug),
            "mine": lambda _: _among("person", **colleagues),
        },
    )


def own(*, viewer_id: int, of: str = "") -> Q:
    """Return what is true of a reader's own services: their teams', or on their budget.

    `of` is how the rows asked lead to their service, such as `service__`.
    """
    return Q(**{f"{of}pk__in": _owned(viewer_id).values("pk")})


def names_of_own(*, viewer_id: int) -> dict[str, str]:
    """Return the names of a reader's own services, by slug. One query."""
    rows = _owned(viewer_id).filter(retired_at__isnull=True)
    return dict(rows.values_list("slug", "title"))


def _owned(viewer_id: int) -> "QuerySet[models.Service]":
    teams = models.Service.objects.filter(owner__memberships__person_id=viewer_id)
    return models.Service.objects.filter(
        Q(pk__in=teams.values("pk"))
        | Q(budget_holder_id=viewer_id)
        | Q(domain__budget_holder_id=viewer_id)
    )


def _among(kind: str, **facts: Any) -> Q:
    """Return what is true of the rows of a kind of which these facts are: each asked by itself."""
    return Q(pk__in=live(kind=kind).filter(**facts).values("pk"))


def _ranked(conditions: Mapping[str, str], ranks: Sequence[str]) -> Case:
    slugs = {word: [slug for slug, one in conditions.items() if one == word] for word in ranks}
    whens = [
        When(slug__in=found, then=Value(rank)) for rank, found in enumerate(slugs.values()) if found
    ]
    return Case(*whens, default=Value(len(ranks)), output_field=IntegerField())


def _called(conditions: Mapping[str, str], word: str, *, usual: str) -> Q:
    if word == usual:
        return ~Q(slug__in=[slug for slug, one in conditions.items() if one != usual])
    return Q(slug__in=[slug for slug, one in conditions.items() if one == word])
