"""Reads: rows that are about something."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from andon.alerts.types import AlertKind
from andon.paging.types import PageSubject, SubjectKind


def about(*, subjects: Iterable[PageSubject]) -> list[Q]:
    """Return what tells the pages, or incidents, that are about one of these; a few conditions.

    To be joined by "or": each has its own so that each finds its rows by the index.
    """
    refs: dict[tuple[AlertKind, SubjectKind], set[str]] = defaultdict(set)
    for one in subjects:
        refs[one.kind, one.of].add(one.ref)
    return [
        Q(kind=kind, subject_kind=of, subject_ref__in=sorted(found))
        for (kind, of), found in sorted(refs.items())
    ]
