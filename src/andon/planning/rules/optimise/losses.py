"""What each service's own incidents cost the whole portfolio in a year, by its cover."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from andon.catalogue.types import Cover
from andon.core.money import Money
from andon.planning.rules import week
from andon.planning.rules.annual import PerIncident, remembered
from andon.planning.rules.exact import from_float, times
from andon.planning.rules.expected import Slope, is_straight, load, slope
from andon.planning.rules.reach import reached_by
from andon.planning.types import Insured, Portfolio

#: Yearly loss by service and cover.
Losses = Mapping[str, Mapping[Cover, Money]]


def expected_losses(*, portfolio: Portfolio) -> dict[str, dict[Cover, Money]]:
    """Return the expected yearly loss of each service's incidents, to all they take down.

    A service's cover shortens its own incidents, and so also what its hard dependants lose by them;
    it does nothing about the incidents of what it depends on itself. Counted where they start,
    losses of services add up, and each cover can be judged on its own.
    """
    services = portfolio.services
    whole, known = reached_by(services), {one.slug: one for one in services}
    per_incident = remembered()
    hits: dict[int, dict[bool, _Hit]] = {}
    found = {}
    for origin in services:
        circle = whole.circle(origin.slug)
        if circle not in hits:
            members = [known[slug] for slug in whole.of(origin.slug)]
            hits[circle] = {covered: _Hit.of(members, covered) for covered in (True, False)}
        by_cover = {
            covered: from_float(hit.loss(origin, per_incident), portfolio.currency)
            for covered, hit in hits[circle].items()
        }
        found[origin.slug] = {cover: by_cover[cover is not Cover.NONE] for cover in Cover}
    return found


@dataclass(frozen=True, slots=True)
class _Hit:
    """Services that go down together, and whether somebody is woken for them."""

    covered: bool
    straight: Slope
    others: tuple[Insured, ...]

    @classmethod
    def of(cls, services: Sequence[Insured], covered: bool) -> "_Hit":
        straight = [one for one in services if is_straight(one, covered=covered)]
        others = tuple(one for one in services if not is_straight(one, covered=covered))
        return cls(covered, slope(straight), others)

    def loss(self, origin: Insured, per_incident: PerIncident) -> float:
        """Return what a year of an origin's incidents costs them."""
        rate = float(origin.incidents_per_year)
        held = load([(origin, rate)], covered=self.covered)
        dear = (per_incident(one, origin, self.covered).value for one in self.others)
        return self.straight.loss(held) + rate * math.fsum(dear)


def callouts(*, service: Insured, portfolio: Portfolio) -> Money:
    """Return what callouts of a covered service cost a year: its incidents out of hours."""
    price = portfolio.assumptions.callout
    if price is None:
        return Money.zero(portfolio.currency)
    share = week.out_of_hours_share(service.working_hours, service.holidays)
    return times(price, Fraction(service.incidents_per_year) * Fraction(share))
