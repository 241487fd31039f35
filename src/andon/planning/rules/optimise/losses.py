"""What each service's own incidents cost the whole portfolio in a year, by its cover."""

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

from andon.catalogue.types import Cover
from andon.core.money import Money
from andon.planning.rules import week
from andon.planning.rules.exact import from_float, times
from andon.planning.rules.expected import loss_per_incident
from andon.planning.types import Insured, Portfolio

#: Yearly loss by service and cover.
Losses = Mapping[str, Mapping[Cover, Money]]


def expected_losses(*, portfolio: Portfolio) -> dict[str, dict[Cover, Money]]:
    """Return the expected yearly loss of each service's incidents, to all they take down.

    A service's cover shortens its own incidents, and so also what its hard dependants lose by them;
    it does nothing about the incidents of what it depends on itself. Counted where they start,
    losses of services add up, and each cover can be judged on its own.
    """
    dependants = _dependants(portfolio)
    found = {}
    for origin in portfolio.services:
        by_cover = {
            covered: sum(
                loss_per_incident(service=hit, origin=origin, covered=covered).value
                for hit in dependants[origin.slug]
            )
            for covered in (False, True)
        }
        found[origin.slug] = {
            cover: from_float(
                by_cover[cover is not Cover.NONE] * float(origin.incidents_per_year),
                portfolio.currency,
            )
            for cover in Cover
        }
    return found


def callouts(*, service: Insured, portfolio: Portfolio) -> Money:
    """Return what callouts of a covered service cost a year: its incidents out of hours."""
    price = portfolio.assumptions.callout
    if price is None:
        return Money.zero(portfolio.currency)
    share = week.out_of_hours_share(service.working_hours)
    return times(price, Fraction(service.incidents_per_year) * Fraction(share))


def _dependants(portfolio: Portfolio) -> dict[str, list[Insured]]:
    """Return each service with all that hard depends on it, however far."""
    known = {one.slug: one for one in portfolio.services}
    needed_by: dict[str, list[str]] = defaultdict(list)
    for one in portfolio.services:
        for slug in one.depends_on:
            needed_by[slug].append(one.slug)
    found = {}
    for slug in known:
        reached, waiting = {slug: None}, [slug]
        while waiting:
            for dependant in needed_by[waiting.pop()]:
                if dependant not in reached:
                    reached[dependant] = None
                    waiting.append(dependant)
        found[slug] = [known[one] for one in reached]
    return found
