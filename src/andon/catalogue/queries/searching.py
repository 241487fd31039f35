"""Searching the catalogue: services, teams, domains and rotas that hold every word."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Model, Q, QuerySet

from andon.catalogue import models
from andon.core import matching
from andon.core.folding import fold
from andon.core.matching import Found
from andon.people import queries as people

#: What is searched of each kind, beside what `Said` keeps of it.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "service": (
        *("slug", "title", "description", "owner__slug", "owner__title"),
        *("domain__slug", "domain__title", "budget_holder__name", "system"),
    ),
    "team": ("slug", "title", "description", "channel", "email"),
    "domain": ("slug", "title", "owner__title", "budget_holder__name"),
    "rota": ("slug", "title", "team__slug", "team__title", "domain__slug", "domain__title"),
    "person": ("slug", "name", "email"),
}
#: What else is known of a kind without its files, by field: said of what was found by it.
_LINES: Mapping[str, Mapping[str, str]] = {
    "service": {"description": "Description", "owner__title": "Team"},
    "team": {"description": "Description"},
    "rota": {"team__title": "Team", "domain__title": "Domain"},
    "domain": {"owner__title": "Run by"},
    "person": {"email": "Mail"},
}
_TABLES: Mapping[str, type[Model]] = {
    "service": models.Service,
    "domain": models.Domain,
    "rota": models.Rota,
}
KINDS = ("service", "team", "domain", "rota", "person")


def holds(*, kind: str, words: Sequence[str]) -> Q:
    """Return what is true of the rows of a kind that hold each of some folded words."""
    return matching.holding(words, _FIELDS[kind], also=lambda word: _also(kind, word))


def search(*, kind: str, words: Sequence[str], limit: int) -> list[Found]:
    """Return what holds every word, the best first. Two queries.

    What is retired or has left is not found.
    """
    if not words:
        return []
    rows = live(kind=kind).filter(holds(kind=kind, words=words))
    title = _title(kind)
    ordered = matching.best_first(rows, words, names=(title, "slug"))
    lines = _LINES[kind]
    found = list(ordered.values_list("slug", title, "match", *lines)[:limit])
    said = said_of(kind=kind, slugs=[row[0] for row in found])
    return [
        Found(kind, slug, name, match, (*said.get(slug, ()), *_told(lines, rest)))
        for slug, name, match, *rest in found
    ]


def names(*, kind: str) -> list[tuple[str, str]]:
    """Return the slug and the name of everything of a kind that is not retired."""
    return list(live(kind=kind).values_list("slug", _title(kind)))


def live(*, kind: str) -> "QuerySet[Any]":
    """Return the rows of a kind that are not retired; of people those who are there."""
    if kind == "person":
        return people.live_people()
    if kind == "team":
        return people.live_teams()
    return QuerySet(_TABLES[kind]).filter(retired_at__isnull=True)


def said_of(*, kind: str, slugs: Collection[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return what the files say of entities, by slug: lines of what it is and the words."""
    rows = models.Said.objects.filter(kind=kind, slug__in=slugs).exclude(lines="")
    return {slug: tuple(_lines(lines)) for slug, lines in rows.values_list("slug", "lines")}


def _told(lines: Mapping[str, str], values: Sequence[str | None]) -> list[tuple[str, str]]:
    return [(what, text) for what, text in zip(lines.values(), values, strict=True) if text]


def _lines(text: str) -> list[tuple[str, str]]:
    parts = (line.partition(": ") for line in text.split("\n"))
    return [(what, words) for what, _, words in parts]


def _title(kind: str) -> str:
    return "name" if kind == "person" else "title"


def _also(kind: str, word: str) -> Q:
    said = models.Said.objects.filter(kind=kind, folded__contains=fold(word))
    found = Q(slug__in=said.values("slug"))
    if kind == "service":
        named = models.ServiceAlias.objects.filter(alias__icontains=word)
        found |= Q(pk__in=named.values("service_id"))
    return found
