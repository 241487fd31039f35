"""What is asked about an override before it is made, and whether any was made since."""

from datetime import datetime

from andon.catalogue import queries as catalogue
from andon.core.periods import Period
from andon.oncall import models, rules
from andon.oncall.queries.rotas import load_rotas
from andon.oncall.types import Doubt, Rota
from andon.people import queries as people


def doubts_about(
    *, rota: str, person: str, period: Period, timezone: str, replaces: str | None = None
) -> tuple[Doubt, ...]:
    """Return what to look at again before somebody takes a rota in a period, in words."""
    found = load_rotas(period=period, slugs=[rota]).get(rota)
    if found is None:
        return ()
    return rules.doubts(
        rota=found,
        person=person,
        period=period,
        replaces=replaces,
        is_stranger=not _is_of(found, person),
        names=people.names(slugs={person, *(one.person for one in found.overrides)}),
        timezone=timezone,
    )


def has_news() -> bool:
    """Return whether something happened to an override that those concerned were not told."""
    return models.Override.objects.exclude(news="").exists()


def rotas_naming(*, person: str, now: datetime) -> list[str]:
    """Return the rotas in which a person has turns or overrides, now or later, by slug.

    Whose team it is does not matter: incident managers share a rota and are in teams of their own.
    One query.
    """
    taken = models.Override.objects.filter(
        person__slug=person, cancelled_at__isnull=True, ends_at__gt=now
    )
    return catalogue.list_rotas_naming(person=person, now=now, also=taken.values("rota_id"))


def _is_of(rota: Rota, person: str) -> bool:
    """Return whether somebody is in a team that a rota answers for; of nobody's, everybody is."""
    if rota.team is None and rota.domain is None:
        return True
    if rota.team is not None and people.is_member(person=person, team=rota.team):
        return True
    return rota.domain is not None and catalogue.has_service_in(person=person, domain=rota.domain)
