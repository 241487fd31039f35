"""Domains that share a team, solved together; most domains stand alone."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from andon.catalogue.types import Cover
from andon.planning.rules.optimise.group import GroupAnswer, OwnChoice, solve
from andon.planning.rules.optimise.setting import PlanItem, PlanSetting

#: Ways to settle shared teams that are all tried; beyond, a search with a bound.
MOST_WAYS = 256
_PASSES = 4


@dataclass(frozen=True, slots=True)
class Best:
    """A way to cover a component: rotas it pays for, and their services' price."""

    rotas: int
    price: float
    answers: tuple[tuple[GroupAnswer, int], ...]

    def covers(self) -> dict[str, Cover]:
        """Return the covers of all its services."""
        found: dict[str, Cover] = {}
        for answer, rotas in self.answers:
            found.update(answer.covers(rotas))
        return found


@dataclass(frozen=True, slots=True)
class Solved:
    """A component at one weight of the premium: the best by rotas, and a bound on all."""

    bests: tuple[Best, ...]
    bound: float


class Component:
    """Groups connected by teams that own services in several of them."""

    def __init__(self, setting: PlanSetting, groups: Mapping[str, Sequence[PlanItem]]) -> None:
        self.setting, self.groups = setting, groups
        places: dict[str, set[str]] = {}
        for name, items in groups.items():
            for item in items:
                places.setdefault(item.team, set()).add(name)
        self.shared = sorted(team for team, names in places.items() if len(names) > 1)
        self.needed = {team: setting.rotas_for(self._able(team)) for team in self.shared}
        self.full = {team: self._staffed(team) for team in self.shared}
        self.ways = self._ways()
        #: Whether all ways to settle the shared teams are tried.
        self.exact = len(self.ways) <= MOST_WAYS and all(one <= 1 for one in self.needed.values())

    def solve(self, weight: float) -> Solved:
        """Return the best for each number of rotas, with the premium weighted by `weight`."""
        answers: dict[tuple[str, tuple[int, ...]], GroupAnswer] = {}
        if self.exact:
            found = _least(one for way in self.ways for one in self._try(way, weight, answers))
            return Solved(found, self._lowest(found, weight))
        found = _least(self._search(weight, answers))
        return Solved(found, self._bound(weight))

    def _able(self, team: str) -> int:
        """Return how many services could be on a shared team's own rotas."""
        return sum(
            item.team == team and Cover.TEAM in item.options
            for items in self.groups.values()
            for item in items
        )

    def _staffed(self, team: str) -> int:
        """Return the rotas a shared team needs for all its services; 0 if it lacks the people."""
        people = self.setting.people.get(team)
        short = people is not None and people < self.needed[team] * self.setting.people_per_rota
        return 0 if short else self.needed[team]

    def _ways(self) -> list[tuple[int, ...]]:
        choices = [(0, full) if full else (0,) for full in self.full.values()]
        return list(islice(product(*choices), MOST_WAYS + 1))

    def _try(
        self,
        way: tuple[int, ...],
        weight: float,
        answers: dict[tuple[str, tuple[int, ...]], GroupAnswer],
    ) -> tuple[Best, ...]:
        """Return the best for each number of rotas, with shared teams settled one way."""
        settled = dict(zip(self.shared, way, strict=True))
        sums: tuple[Best, ...] = (Best(sum(way), 0.0, ()),)
        for name, items in self.groups.items():
            teams = {item.team for item in items} | set(self._at_home(name))
            key = name, tuple(settled[team] for team in self.shared if team in teams)
            if key not in answers:
                own = {team: OwnChoice(settled[team]) for team in self.shared if team in teams}
                answers[key] = solve(setting=self.setting, items=items, settled=own, weight=weight)
            answer = answers[key]
            sums = _least(
                Best(one.rotas + rotas, one.price + price, (*one.answers, (answer, rotas)))
                for one in sums
                for rotas, price in answer.prices.items()
            )
        return sums

    def _search(
        self, weight: float, answers: dict[tuple[str, tuple[int, ...]], GroupAnswer]
    ) -> Iterator[Best]:
        """Yield what is met on settling shared teams one at a time, as long as that helps."""
        way = (0,) * len(self.shared)
        bests = self._try(way, weight, answers)
        yield from bests
        least = self._lowest(bests, weight)
        for _ in range(_PASSES):
            before = least
            for place, team in enumerate(self.shared):
                other = 0 if way[place] else self.full[team]
                turned = (*way[:place], other, *way[place + 1 :])
                bests = self._try(turned, weight, answers)
                yield from bests
                if self._lowest(bests, weight) < least:
                    way, least = turned, self._lowest(bests, weight)
            if least == before:
                return

    def _bound(self, weight: float) -> float:
        """Return what no way can beat: each domain pays its share of a shared team's rota."""
        total = 0.0
        counts = {
            team: sum(item.team == team for items in self.groups.values() for item in items)
            for team in self.shared
        }
        rota = weight * self.setting.rota
        for items in self.groups.values():
            own = {}
            for team in self.shared:
                here = sum(item.team == team for item in items)
                own[team] = OwnChoice(self.setting.rotas_for(here), rota * here / counts[team])
            # People are forgotten here: a bound may be too low, never too high.
            free = replace(self.setting, people={})
            answer = solve(setting=free, items=items, settled=own, weight=weight)
            total += min(price + rota * rotas for rotas, price in answer.prices.items())
        return total

    def _at_home(self, group: str) -> list[str]:
        return [team for team in self.shared if self.setting.home.get(team) == group]

    def _lowest(self, bests: Iterable[Best], weight: float) -> float:
        rota = weight * self.setting.rota
        return min((one.price + rota * one.rotas for one in bests), default=math.inf)


def components(*, setting: PlanSetting) -> list[Component]:
    """Return the parts of a setting that share neither a team nor a domain."""
    groups: dict[str, list[PlanItem]] = {}
    for item in sorted(setting.items, key=lambda item: item.slug):
        groups.setdefault(item.group, []).append(item)
    teams: dict[str, list[str]] = {}
    for name, items in groups.items():
        for item in items:
            teams.setdefault(item.team, []).append(name)
    left, found = dict.fromkeys(sorted(groups)), []
    while left:
        reached, waiting = {}, [next(iter(left))]
        while waiting:
            name = waiting.pop()
            if name in left:
                del left[name]
                reached[name] = groups[name]
                waiting += [other for item in groups[name] for other in teams[item.team]]
        found.append(Component(setting, dict(sorted(reached.items()))))
    return found


def _least(found: Iterable[Best]) -> tuple[Best, ...]:
    """Return the cheapest for each number of rotas; of equals the first."""
    least: dict[int, Best] = {}
    for one in found:
        if one.rotas not in least or one.price < least[one.rotas].price:
            least[one.rotas] = one
    return tuple(least[rotas] for rotas in sorted(least))
