"""What people look for, whatever kind of thing it is: grouped by kind, the best first."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.urls import reverse

from andon.catalogue import queries as catalogue
from andon.core import clock, folding
from andon.core.matching import Found
from andon.incidents import queries as incidents
from andon.web.portal.reads import fires

#: Things of one kind that are shown; the list of that kind has them all.
_SHOWN = 6
#: Lines about one thing that are shown.
_LINES = 2
#: kind -> (what several are called, the page of one, the list of all), in the usual order.
_KINDS: Mapping[str, tuple[str, str, str]] = {
    "incident": ("Incidents", "portal:incident", "portal:incidents"),
    "service": ("Services", "portal:service", "portal:services"),
    "team": ("Teams", "portal:team", "portal:teams"),
    "person": ("People", "portal:person", "portal:people"),
    "rota": ("Rotas", "portal:rota", "portal:rotas"),
    "domain": ("Domains", "portal:domain", "portal:domains"),
}


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was found."""

    title: str
    slug: str
    url: str
    #: As `{% state %}` shows it; empty for what has none.
    state: str
    #: (what it is, the part of it in which the words stand).
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind, and where the rest is, if there is any."""

    kind: str
    title: str
    results: Sequence[Result]
    all_of_them: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found; when it is nothing, what may have been meant."""

    words: tuple[str, ...]
    groups: Sequence[Group]
    near: Sequence[Result]


def search(*, text: str) -> SearchResult:
    """Return what holds every word of a text: groups by kind, the one with the best match first."""
    words = folding.words(text)
    finders: dict[str, Callable[[], list[Found]]] = {
        "incident": partial(incidents.search, text=text, limit=_SHOWN + 1),
        **{
            kind: partial(catalogue.search, kind=kind, words=words, limit=_SHOWN + 1)
            for kind in catalogue.KINDS
        },
    }
    found = {kind: finders[kind]() for kind in _KINDS} if words else {}
    ordered = sorted((rows for rows in found.values() if rows), key=lambda rows: rows[0].match)
    groups = [_group(rows, words, text) for rows in ordered]
    return SearchResult(words, groups, near(text=text) if words and not groups else ())


def of_address(path: str) -> tuple[str, SearchResult]:
    """Return what the last part of an address that leads nowhere may have been meant to say."""
    last = next((part for part in reversed(path.split("/")) if part), "")
    text = last.replace("\x00", "")[: folding.LONGEST]
    answer = search(text=text)
    if not answer.groups:
        spaced = " ".join(re.split(r"[\W_]+", text)).strip()
        other = search(text=spaced) if spaced != text else answer
        answer = other if other.groups else answer
    return text, answer


def near(*, text: str) -> list[Result]:
    """Return what is called nearly like a text, of any kind."""
    known: dict[str, tuple[str, str, str]] = {}
    for kind in catalogue.KINDS:
        for slug, title in catalogue.names(kind=kind):
            known.setdefault(slug, (kind, slug, title))
            known.setdefault(title, (kind, slug, title))
    names = folding.nearest(text, known, most=5)
    meant = dict.fromkeys(known[name] for name in names)
    return [Result(title, slug, _url(kind, slug), "", ()) for kind, slug, title in meant]


def _group(rows: Sequence[Found], words: Sequence[str], text: str) -> Group:
    kind, shown = rows[0].kind, rows[:_SHOWN]
    title, _, index = _KINDS[kind]
    states = _states(kind, [row.slug for row in shown])
    results = [
        Result(
            title=row.title,
            slug=row.slug,
            url=_url(kind, row.slug),
            state=states.get(row.slug, ""),
            lines=list(_lines(row, words)),
        )
        for row in shown
    ]
    rest = reverse(index, query={"q": text}) if len(rows) > _SHOWN else ""
    return Group(kind, title, results, rest)


def _lines(row: Found, words: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Yield the lines that hold words which the ones before did not."""
    missing, shown = set(words), 0
    for what, line in row.lines:
        folded = folding.fold(line)
        held = {word for word in words if word in folded}
        if held & missing and shown < _LINES:
            shown += 1
            missing -= held
            yield what, folding.excerpt(line, tuple(held))


def _states(kind: str, slugs: Sequence[str]) -> dict[str, str]:
    if kind == "service":
        return fires.conditions(slugs, now=clock.now())
    if kind == "incident":
        numbers = [int(slug.removeprefix("INC-")) for slug in slugs]
        found = incidents.list_numbered(numbers=numbers)
        organisation, now = catalogue.organisation(), clock.now()
        shown = [fires.fire(incident=one, organisation=organisation, now=now) for one in found]
        return {
            one.incident.name: str(one.state if one.incident.kind.is_real else one.incident.kind)
            for one in shown
        }
    return {}


def _url(kind: str, slug: str) -> str:
    named = int(slug.removeprefix("INC-")) if kind == "incident" else slug
    return reverse(_KINDS[kind][1], args=[named])
