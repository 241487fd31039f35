"""Searching and listing what the catalogue declares, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Count, Model, Q, QuerySet

from andon.catalogue import models
from andon.people.models import Person, Team

M = TypeVar("M", bound=Model)
T = TypeVar("T")
PAGE = 50


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Some rows of a list in order of slug, and where the next ones start (empty at the end)."""

    rows: Sequence[T]
    next_after: str


def services(
    *, search: str, after: str = "", team: str = "", domain: str = ""
) -> Slice[models.Service]:
    """Return the live services whose name, alias, owner or domain holds every word of a search."""
    found = models.Service.objects.filter(retired_at__isnull=True).only("id", "slug")
    for word in search.split()[:6]:
        named = models.ServiceAlias.objects.filter(alias__icontains=word).values("service_id")
        found = found.filter(
            Q(slug__icontains=word)
            | Q(title__icontains=word)
            | Q(owner__slug__icontains=word)
            | Q(owner__title__icontains=word)
            | Q(domain__slug__icontains=word)
            | Q(id__in=named)
        )
    if team:
        found = found.filter(owner__slug=team)
    if domain:
        found = found.filter(domain__slug=domain)
    return page(found, after=after)


def teams(*, after: str = "", search: str = "") -> Slice[Team]:
    """Return the live teams with how many people are in each."""
    found = Team.objects.filter(retired_at__isnull=True)
    if search:
        found = found.filter(Q(slug__icontains=search) | Q(title__icontains=search))
    return page(found.annotate(people=Count("memberships")), after=after)


def owned_counts(team_ids: Sequence[int]) -> dict[int, int]:
    """Return how many live services each team owns."""
    counted = (
        models.Service.objects.filter(owner_id__in=team_ids, retired_at__isnull=True)
        .values_list("owner_id")
        .annotate(n=Count("id"))
        .order_by()
    )
    return dict(counted)


def domains(*, after: str = "") -> Slice[models.Domain]:
    """Return the live domains with their owner and how many services are in each."""
    found = models.Domain.objects.filter(retired_at__isnull=True).select_related(
        "owner", "budget_holder"
    )
    live = Q(services__retired_at__isnull=True)
    return page(found.annotate(size=Count("services", filter=live)), after=after)


def people(*, search: str, after: str = "") -> Slice[Person]:
    """Return the active people whose name holds every word of a search."""
    found = Person.objects.filter(is_active=True).prefetch_related("teams")
    for word in search.split()[:6]:
        found = found.filter(Q(slug__icontains=word) | Q(name__icontains=word))
    return page(found, after=after)


def rotas(
    *, after: str = "", search: str = "", team: str = "", domain: str = ""
) -> Slice[models.Rota]:
    """Return the live rotas whose name, team or domain holds a search."""
    found = models.Rota.objects.filter(retired_at__isnull=True).select_related("team", "domain")
    for word in search.split()[:6]:
        found = found.filter(
            Q(slug__icontains=word)
            | Q(title__icontains=word)
            | Q(team__title__icontains=word)
            | Q(domain__title__icontains=word)
        )
    if team:
        found = found.filter(team__slug=team)
    if domain:
        found = found.filter(domain__slug=domain)
    return page(found, after=after)


def findings(*, kind: str, slug: str) -> list[models.Finding]:
    """Return what is wrong with a declared entity."""
    return list(models.Finding.objects.filter(kind=kind, slug=slug).order_by("level", "id"))


def page(found: "QuerySet[Any]", *, after: str, size: int = PAGE) -> Slice[Any]:
    """Return the rows behind a slug in order of slug; a cursor costs the same on every page."""
    if after:
        found = found.filter(slug__gt=after)
    rows = list(found.order_by("slug")[: size + 1])
    more = len(rows) > size
    return Slice(rows=rows[:size], next_after=rows[size - 1].slug if more else "")
