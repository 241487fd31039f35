"""Which rota answers for a team or a domain, in or out of working hours."""

from collections.abc import Iterable

from andon.catalogue.types import RotaCovers
from andon.oncall.types import Rota


def answering(
    *,
    rotas: Iterable[Rota],
    working: bool,
    team: str | None = None,
    domain: str | None = None,
) -> Rota | None:
    """Return the rota that answers, or None: the team's own before the domain's.

    A rota made for just these hours goes before one that always answers; then the slug decides, so
    that the same catalogue always gives the same answer.
    """
    exact = RotaCovers.WORKING_HOURS if working else RotaCovers.OUT_OF_HOURS
    fitting = [r for r in rotas if r.versions and r.covers in (exact, RotaCovers.ALWAYS)]
    for owned in (
        [r for r in fitting if team is not None and r.team == team],
        [r for r in fitting if domain is not None and r.domain == domain],
    ):
        if owned:
            return min(owned, key=lambda r: (r.covers is RotaCovers.ALWAYS, r.slug))
    return None
