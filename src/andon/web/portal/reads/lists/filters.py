"""Filters that several lists have: whose a thing is, and the reader's own."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from andon.catalogue import queries as catalogue
from andon.people.models import Membership
from andon.web.portal.listing import Filter


def team(narrow: Callable[[str], Q]) -> Filter:
    """Return the filter by team; `narrow` is given a slug."""
    return _named("team", "Team", narrow)


def domain(narrow: Callable[[str], Q]) -> Filter:
    """Return the filter by domain; `narrow` is given a slug."""
    return _named("domain", "Domain", narrow)


def teams_of(viewer_id: int) -> "QuerySet[Any]":
    """Return the teams of whoever reads, for a filter."""
    return Membership.objects.filter(person_id=viewer_id).values("team_id")


def own_services(viewer_id: int, *, of: str = "") -> Q:
    """Return what is true of a reader's own services: their teams', or on their budget.

    `of` is how the rows asked lead to their service, such as `service__`.
    """
    return (
        Q(**{f"{of}owner_id__in": teams_of(viewer_id)})
        | Q(**{f"{of}budget_holder_id": viewer_id})
        | Q(**{f"{of}domain__budget_holder_id": viewer_id})
    )


def _named(kind: str, title: str, narrow: Callable[[str], Q]) -> Filter:
    choices = sorted(catalogue.names(kind=kind), key=lambda pair: pair[1].lower())
    return Filter(name=kind, title=title, choices=choices, narrow=narrow, form="typed")
