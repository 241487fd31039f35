"""Rows that hold every word of a search, and the order in which people expect them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable


@dataclass(frozen=True, slots=True)
class Found:
    """Something a search found, and the lines about it that may hold the words."""

    kind: str
    slug: str
    title: str
    #: How well its name fits; less is better, and comparable between kinds.
    match: int
    #: (what it is, words), of which a page shows those that hold a word.
    lines: tuple[tuple[str, str], ...]


def holding(
    words: Sequence[str], fields: Iterable[str], *, also: Callable[[str], Q] | None = None
) -> Q:
    """Return what is true of a row of which each word stands in some field, or is `also` true."""
    names, every = tuple(fields), Q()
    for word in words:
        found = also(word) if also else Q()
        for name in names:
            found |= Q(**{f"{name}__icontains": word})
        every &= found
    return every


def best_first(
    rows: "QuerySet[Any]", words: Sequence[str], *, names: Sequence[str]
) -> "QuerySet[Any]":
    """Return rows ordered by how much of what they are called the words are.

    Called just so comes first, then what begins so, then what has the words in its name.
    """
    if not words:
        return rows
    whole = " ".join(words)
    scores: list[Combinable] = [_score(whole, names, exact=0, begins=2, holds=4, nothing=6)]
    scores += [_score(word, names, exact=1, begins=2, holds=3, nothing=9) for word in words]
    total: Any = scores[0]
    for score in scores[1:]:
        total = total + score
    found: QuerySet[Any] = rows.annotate(match=total)
    return found.order_by("match", *(F(name).asc() for name in names))


def _score(
    text: str, names: Sequence[str], *, exact: int, begins: int, holds: int, nothing: int
) -> Case:
    whens = []
    for lookup, score in (("iexact", exact), ("istartswith", begins), ("icontains", holds)):
        found = Q()
        for name in names:
            found |= Q(**{f"{name}__{lookup}": text})
        whens.append(When(found, then=Value(score)))
    return Case(*whens, default=Value(nothing), output_field=IntegerField())
