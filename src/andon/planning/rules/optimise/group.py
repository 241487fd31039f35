"""One domain solved exactly: whether it has rotas, and who joins which, for each number of rotas.

Dynamic programming over teams. A team's table says the least price of its services with so many on
domain rotas and so many rotas of its own; merged over the teams, with the domain's own rotas and
the people to staff them all, it says the least price for every number of rotas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from andon.catalogue.types import Cover
from andon.planning.rules.optimise.setting import COVERS, PlanItem, PlanSetting

Floats = NDArray[np.float64]
Bytes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class OwnChoice:
    """What is settled about a team that owns services in several domains."""

    rotas: int
    #: Price its rota adds here if any service here uses it: for bounds only.
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """The least price of a group for each number of rotas it pays for; their price not included."""

    prices: dict[int, float]
    _group: "RotaGroup" = field(repr=False)
    _ways: dict[int, tuple[int, int]] = field(repr=False)

    def covers(self, rotas: int) -> dict[str, Cover]:
        """Return the covers that reach the least price with so many rotas."""
        return self._group.covers(*self._ways[rotas])


def solve(
    *,
    setting: PlanSetting,
    items: Sequence[PlanItem],
    settled: Mapping[str, OwnChoice],
    weight: float,
) -> GroupAnswer:
    """Return the best of a group, with the premium weighted by `weight`."""
    return RotaGroup(setting, items, settled, weight).answer()


class GroupTeam:
    """A team's part of a group: `table[on domain rotas, own rotas]`."""

    def __init__(
        self, setting: PlanSetting, items: Sequence[PlanItem], own: OwnChoice | None, weight: float
    ) -> None:
        self.items, self.limit = items, setting.services_per_rota
        able = sum(Cover.TEAM in item.options for item in items)
        joining = sum(Cover.DOMAIN in item.options for item in items)
        most = setting.rotas_for(able) if own is None else own.rotas
        if own is None and setting.people_per_rota and items[0].team in setting.people:
            most = min(most, setting.people[items[0].team] // setting.people_per_rota)
        self.room = min(able, most * self.limit)
        self.counts = range(most + 1) if own is None else range(most, most + 1)
        self.best = np.full((joining + 1, self.room + 1), np.inf)
        self.best[0, 0] = 0.0
        self.steps: list[Bytes] = []
        for item in items:
            self._add(item, weight)
        if own is not None and own.share:
            self.best[:, 1:] += own.share
        self.table = np.stack(
            [self.best[:, : n * self.limit + 1].min(axis=1) for n in self.counts], axis=1
        )

    def covers(self, joined: int, column: int) -> dict[str, Cover]:
        """Return the covers behind an entry of the table."""
        own = int(self.best[joined, : self.counts[column] * self.limit + 1].argmin())
        found = {}
        for item, step in zip(reversed(self.items), reversed(self.steps), strict=True):
            cover = COVERS[int(step[joined, own])]
            found[item.slug] = cover
            joined -= cover is Cover.DOMAIN
            own -= cover is Cover.TEAM
        return found

    def _add(self, item: PlanItem, weight: float) -> None:
        ways = np.full((3, *self.best.shape), np.inf)
        for place, cover in enumerate(COVERS):
            if cover in item.options:
                price = item.options[cover].price(weight)
                ways[place] = _shifted(self.best, cover) + price
        self.steps.append(ways.argmin(axis=0).astype(np.int8))
        self.best = ways.min(axis=0)


class RotaGroup:
    """All teams of a domain together."""

    def __init__(
        self,
        setting: PlanSetting,
        items: Sequence[PlanItem],
        settled: Mapping[str, OwnChoice],
        weight: float,
    ) -> None:
        self.setting = setting
        by_team: dict[str, list[PlanItem]] = {}
        for item in items:
            by_team.setdefault(item.team, []).append(item)
        self.teams = [
            GroupTeam(setting, by_team[team], settled.get(team), weight) for team in sorted(by_team)
        ]
        self.free = [team not in settled for team in sorted(by_team)]
        self.people = _pool(setting, items[0].group, settled)
        self.best: Floats = np.zeros((1, 1))
        self.steps: list[Bytes] = []
        for team, free in zip(self.teams, self.free, strict=True):
            self._merge(team, free)

    def answer(self) -> GroupAnswer:
        """Return the least price by number of rotas."""
        prices: dict[int, float] = {}
        ways: dict[int, tuple[int, int]] = {}
        rows, columns = self.best.shape
        for own in range(columns):
            for shared in range(self.setting.rotas_for(rows - 1) + 1):
                if (own + shared) * self.setting.people_per_rota > self.people:
                    break
                room = shared * self.setting.services_per_rota + 1
                joined = int(self.best[:room, own].argmin())
                price, count = float(self.best[joined, own]), own + shared
                if price < prices.get(count, np.inf):
                    prices[count], ways[count] = price, (joined, own)
        return GroupAnswer(prices, self, ways)

    def covers(self, joined: int, own: int) -> dict[str, Cover]:
        """Return the covers behind an entry of the merged table."""
        found: dict[str, Cover] = {}
        for team, free, step in zip(
            reversed(self.teams), reversed(self.free), reversed(self.steps), strict=True
        ):
            part, column = divmod(int(step[joined, own]), team.table.shape[1])
            found.update(team.covers(part, column))
            joined -= part
            own -= column if free else 0
        return found

    def _merge(self, team: GroupTeam, free: bool) -> None:
        """Fold a team's table in: the least sum over all ways to share the counts out."""
        table = team.table
        rows, columns = self.best.shape
        joining, counts = table.shape
        shape = rows + joining - 1, columns + (counts - 1 if free else 0)
        best, step = np.full(shape, np.inf), np.zeros(shape, dtype=np.int32)
        for joined in range(joining):
            for column in range(counts):
                right = column if free else 0
                area = slice(joined, joined + rows), slice(right, right + columns)
                price = self.best + table[joined, column]
                better = price < best[area]
                best[area] = np.where(better, price, best[area])
                step[area] = np.where(better, joined * counts + column, step[area])
        self.best = best
        self.steps.append(step)


def _pool(setting: PlanSetting, group: str, settled: Mapping[str, OwnChoice]) -> float:
    """Return the people at home in a group who are not on rotas settled elsewhere."""
    teams = [team for team, home in setting.home.items() if home == group]
    if group.startswith("/"):
        # A team alone: its own rotas are all there is, and the team's table minds its people.
        return np.inf
    if any(team not in setting.people for team in teams):
        return np.inf
    settled_here = sum(settled[team].rotas for team in teams if team in settled)
    return sum(setting.people[team] for team in teams) - settled_here * setting.people_per_rota


def _shifted(best: Floats, cover: Cover) -> Floats:
    """Return the table after one more service with this cover."""
    if cover is Cover.NONE:
        return best
    moved = np.full_like(best, np.inf)
    if cover is Cover.DOMAIN:
        moved[1:] = best[:-1]
    else:
        moved[:, 1:] = best[:, :-1]
    return moved
