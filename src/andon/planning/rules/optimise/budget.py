"""All components under one budget: a price on the premium, and the best mix of what it brings up.

Without a budget every component's own best is the best of all. With one, a weight on the premium
(a Lagrange multiplier) gives a bound that no plan within the budget can beat, and the components'
answers at all weights tried are mixed by a knapsack; the distance between the two is the gap.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from andon.catalogue.types import Cover
from andon.planning.rules.optimise.component import Component, Solved
from andon.planning.rules.optimise.plan import UnableToOptimise
from andon.planning.rules.optimise.setting import Option, PlanSetting

_HALVINGS = 24
_GREATEST_WEIGHT = 1e9
#: Mixtures kept between components; of more, the best in each of so many slices of the budget.
_MOST_MIXTURES = 20_000
_EXACT = 0.5


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to cover a component: premium and total a year, in minor units."""

    premium: int
    total: int
    covers: dict[str, Cover]


@dataclass(frozen=True, slots=True)
class BudgetFound:
    """Covers for all services, and what no covers can beat, in minor units."""

    covers: dict[str, Cover]
    bound: int


def search(*, setting: PlanSetting, parts: Sequence[Component], budget: int | None) -> BudgetFound:
    """Return the cheapest covers within a budget for the premium, if there is one.

    Raises UnableToOptimise when constraints or budget cannot be kept.
    """
    pool = _Pool(setting, parts)
    premium, bound = pool.at(0.0)
    if budget is None or premium <= budget:
        return BudgetFound(_merged(pool.last), round(bound))
    spendable = budget - budget % _unit(setting)
    bounds = [bound] if pool.complete else [bound, *_bounds(pool, spendable)]
    mixture = mix(offers=pool.offers(), budget=spendable)
    total = sum(one.total for one in mixture.offers)
    if pool.complete and mixture.exact:
        return BudgetFound(_merged(mixture.offers), total)
    return BudgetFound(_merged(mixture.offers), int(max(bounds) - _EXACT))


def _unit(setting: PlanSetting) -> int:
    """Return what every premium is a multiple of."""
    prices = (one.callouts for item in setting.items for one in item.options.values())
    return max(math.gcd(setting.rota, *prices), 1)


def _bounds(pool: "_Pool", budget: int) -> list[float]:
    """Return lower bounds, the best of them last or near; fills the pool on the way."""
    low, high = 0.0, 1.0
    while pool.at(high)[0] > budget and high < _GREATEST_WEIGHT:
        low, high = high, high * 4
    bounds = []
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        premium, lowest = pool.at(middle)
        bounds.append(lowest - middle * budget)
        low, high = (low, middle) if premium <= budget else (middle, high)
    return bounds


@dataclass(frozen=True, slots=True)
class Mixture:
    """One offer of each component; `exact` when no better mixture of the offers exists."""

    offers: tuple[Offer, ...]
    exact: bool


def mix(*, offers: Sequence[Sequence[Offer]], budget: int) -> Mixture:
    """Return the cheapest offers together that fit a budget, one of each component.

    Raises UnableToOptimise when none fit. Exact as long as few enough mixtures stay unbeaten.
    """
    exact = True
    spent, total = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    steps: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    least = [min(one.premium for one in choices) for choices in offers]
    for number, choices in enumerate(offers):
        room = budget - sum(least[number + 1 :])
        premiums = np.array([one.premium for one in choices], dtype=np.int64)
        totals = np.array([one.total for one in choices], dtype=np.int64)
        sums, prices = (spent[:, None] + premiums).ravel(), (total[:, None] + totals).ravel()
        kept = _unbeaten(sums, prices, room)
        if not kept.size:
            raise UnableToOptimise("no plan that keeps the other constraints fits the budget")
        exact = exact and kept.size < _MOST_MIXTURES
        steps.append((kept // len(choices), kept % len(choices)))
        spent, total = sums[kept], prices[kept]
    place, chosen = int(total.argmin()), []
    for (before, which), choices in zip(reversed(steps), reversed(offers), strict=True):
        chosen.append(choices[int(which[place])])
        place = int(before[place])
    return Mixture(tuple(reversed(chosen)), exact)


class _Pool:
    """What components answer at each weight tried."""

    def __init__(self, setting: PlanSetting, parts: Sequence[Component]) -> None:
        self.setting, self.parts = setting, parts
        self.options = {item.slug: item.options for item in setting.items}
        self.known: list[dict[tuple[int, int], Offer]] = [{} for _ in parts]
        self.last: list[Offer] = []
        #: Whether one weight brings up every offer worth having: without callouts, all premium is
        #: rotas, and the best for each number of them is the same at any weight.
        self.complete = not any(
            one.callouts for options in self.options.values() for one in options.values()
        ) and all(part.exact for part in parts)

    def at(self, extra: float) -> tuple[int, float]:
        """Return the premium of the best at a weight on top of one, and the bound there."""
        solved = [part.solve(1 + extra) for part in self.parts]
        if any(not one.bests for one in solved):
            raise UnableToOptimise("some services must be covered, and there are not the people")
        self.last = [self._best(number, one, 1 + extra) for number, one in enumerate(solved)]
        return sum(one.premium for one in self.last), sum(one.bound for one in solved)

    def offers(self) -> list[list[Offer]]:
        """Return all different offers of each component."""
        return [list(offers.values()) for offers in self.known]

    def _best(self, number: int, solved: Solved, weight: float) -> Offer:
        rota = weight * self.setting.rota
        best = min(solved.bests, key=lambda one: one.price + rota * one.rotas)
        found = None
        for one in solved.bests:
            offer = self._offer(one.covers(), one.rotas)
            self.known[number].setdefault((offer.premium, offer.total), offer)
            found = offer if one is best else found
        if found is None:
            raise AssertionError("the best is one of them")
        return found

    def _offer(self, covers: dict[str, Cover], rotas: int) -> Offer:
        chosen: list[Option] = [self.options[slug][cover] for slug, cover in covers.items()]
        premium = rotas * self.setting.rota + sum(one.callouts for one in chosen)
        return Offer(premium, premium + sum(one.loss + one.risk for one in chosen), covers)


def _unbeaten(sums: NDArray[np.int64], prices: NDArray[np.int64], room: int) -> NDArray[np.int64]:
    """Return the places of mixtures that fit and that no mixture of less premium beats."""
    order = np.lexsort((prices, sums))
    order = order[sums[order] <= room]
    best = np.minimum.accumulate(prices[order])
    first = np.ones(len(order), dtype=bool)
    first[1:] = best[1:] < best[:-1]
    kept: NDArray[np.int64] = order[first]
    if len(kept) <= _MOST_MIXTURES:
        return kept
    slices = (sums[kept] * np.float64(_MOST_MIXTURES) / max(room, 1)).astype(np.int64)
    cheapest: NDArray[np.int64] = kept[np.append(slices[1:] != slices[:-1], True)]
    return cheapest


def _merged(offers: Sequence[Offer]) -> dict[str, Cover]:
    return {slug: cover for one in offers for slug, cover in one.covers.items()}
