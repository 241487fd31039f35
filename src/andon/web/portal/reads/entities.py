"""Searching services, rotas and people, a page at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet

from andon.catalogue import models
from andon.people.models import Person

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


def cut(rows: Sequence[T], slug: Callable[[T], str]) -> Slice[T]:
    """Return a slice of at most PAGE rows from a list that was asked for one more."""
    more = len(rows) > PAGE
    return Slice(rows=rows[:PAGE], next_after=slug(rows[PAGE - 1]) if more else "")


def page(found: "QuerySet[Any]", *, after: str, size: int = PAGE) -> Slice[Any]:
    """Return the rows behind a slug in order of slug; a cursor costs the same on every page."""
    if after:
        found = found.filter(slug__gt=after)
    rows = list(found.order_by("slug")[: size + 1])
    more = len(rows) > size
    return Slice(rows=rows[:size], next_after=rows[size - 1].slug if more else "")
