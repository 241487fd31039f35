"""Filters that several lists have: whose a thing is."""

from andon.catalogue import queries as catalogue
from andon.web.portal.listing import Filter


def team() -> Filter:
    """Return the filter by team."""
    return _named("team", "Team")


def domain() -> Filter:
    """Return the filter by domain."""
    return _named("domain", "Domain")


def _named(kind: str, title: str) -> Filter:
    choices = sorted(catalogue.names(kind=kind), key=lambda pair: pair[1].lower())
    return Filter(name=kind, title=title, choices=choices, form="typed")
