"""Reads: the turns somebody has ahead of them, and what everybody on a rota is called."""

from collections.abc import Collection
from datetime import datetime, timedelta

from andon.core.periods import Period
from andon.oncall import rules
from andon.oncall.queries.rotas import load_rotas
from andon.oncall.types import Rota, Served, Shift
from andon.people import queries as people

#: How far ahead turns are looked for.
_AHEAD = timedelta(days=35)


def coming_shifts(*, person: str, slugs: Collection[str], now: datetime) -> list[Served]:
    """Return a person's turns of the next five weeks, the soonest first."""
    period = Period(now, now + _AHEAD)
    rotas = load_rotas(period=period, slugs=slugs)
    found = [
        one
        for rota in rotas.values()
        for one in rules.served(rota=rota, period=period, names={})
        if one.shift.person == person
    ]
    return sorted(found, key=lambda one: one.shift.period)


def names_on(*, rota: Rota, shifts: Collection[Shift]) -> dict[str, str]:
    """Return the names of everybody a rota mentions, by slug; an unknown slug stands for itself."""
    slugs = {shift.person for shift in shifts} | {one.person for one in rota.overrides}
    slugs |= {one.replaces for one in rota.overrides if one.replaces}
    for version in rota.versions:
        slugs |= set(version.rotation.participants)
        slugs |= {version.carried.person} if version.carried else set()
    known = people.names(slugs=slugs)
    return {slug: known.get(slug, slug) for slug in sorted(slugs)}
