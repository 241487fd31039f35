"""What bad years lose by service and cover: what the optimiser's risk weight weighs."""

from dataclasses import replace

from andon.catalogue.types import Cover
from andon.core.money import Money
from andon.planning.simulation.run import simulate
from andon.planning.types import Portfolio, Progress


def tails(
    *,
    portfolio: Portfolio,
    years: int = 10_000,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, dict[Cover, Money]]:
    """Return TVaR95 of a year of each service's own incidents, with each cover.

    Dependencies are left out: a service's tail is then its own cover's to change. Services' tails
    do not add up to the portfolio's, which is at most their sum: bad years seldom coincide.
    """
    found: dict[str, dict[Cover, Money]] = {one.slug: {} for one in portfolio.services}
    for covers in ((Cover.NONE,), (Cover.DOMAIN, Cover.TEAM)):
        alone = tuple(replace(one, cover=covers[0], depends_on=()) for one in portfolio.services)
        result = simulate(
            portfolio=replace(portfolio, services=alone),
            years=years,
            seed=seed,
            workers=workers,
            progress=progress,
        )
        for risk in result.services:
            found[risk.slug].update(dict.fromkeys(covers, risk.tvar95.value))
    return found
