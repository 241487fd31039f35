"""Who takes whom down: what a service needs hard, directly or through others, itself included.

Services in a circle of needs have the same answer, so it is worked out once for all of them. Sets
are kept as the bits of integers: a tangle of ten thousand services takes megabytes, not gigabytes.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from andon.planning.types import Insured

#: Slugs, each with what it needs directly. What is no slug of the graph is left out.
Graph = tuple[tuple[str, tuple[str, ...]], ...]
#: With fewer bits it is quicker to look for each than to look at all.
_FEW = 16


class Reach:
    """The closure of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._slugs = tuple(slug for slug, _ in graph)
        place = {slug: number for number, slug in enumerate(self._slugs)}
        needs = [[place[one] for one in needed if one in place] for _, needed in graph]
        #: By place of the slug: its circle. A circle's number is above those of all it needs.
        self._circle, circles = _circles(needs)
        self._masks = _masks(needs, self._circle, circles)
        self._place = place

    def circle(self, slug: str) -> int:
        """Return the number of a service's circle of needs; all in a circle reach the same."""
        return self._circle[self._place[slug]]

    def of(self, slug: str) -> tuple[str, ...]:
        """Return a service and all it needs, in the order of the graph."""
        return tuple(self._slugs[bit] for bit in _bits(self._masks[self.circle(slug)]))


def reach(services: Iterable[Insured]) -> Reach:
    """Return who needs whom among services. Remembered for the graphs last asked for."""
    return closure(tuple((one.slug, one.depends_on) for one in services))


def reached_by(services: Iterable[Insured]) -> Reach:
    """Return whom each service's incidents take down: the same the other way round."""
    found: dict[str, list[str]] = {}
    chosen = tuple(services)
    for one in chosen:
        found.setdefault(one.slug, [])
    for one in chosen:
        for slug in one.depends_on:
            if slug in found:
                found[slug].append(one.slug)
    return closure(tuple((slug, tuple(needing)) for slug, needing in found.items()))


@lru_cache(maxsize=8)
def closure(graph: Graph) -> Reach:
    """Return the closure of a graph."""
    return Reach(graph)


def _circles(needs: list[list[int]]) -> tuple[list[int], list[list[int]]]:
    """Return the circle of each node and the nodes of each circle, by Tarjan and without a stack.

    Recursion would end at the depth of a chain of a thousand services.
    """
    count = len(needs)
    order, low, circle = [-1] * count, [0] * count, [-1] * count
    open_nodes: list[int] = []
    circles: list[list[int]] = []
    clock = 0
    for root in range(count):
        walk = [(root, iter(needs[root]))] if order[root] < 0 else []
        while walk:
            node, rest = walk[-1]
            if order[node] < 0:
                order[node] = low[node] = clock
                clock += 1
                open_nodes.append(node)
            following = _next(node, rest, order, low, circle)
            if following >= 0:
                walk.append((following, iter(needs[following])))
                continue
            walk.pop()
            if walk:
                above = walk[-1][0]
                low[above] = min(low[above], low[node])
            if low[node] == order[node]:
                circles.append(_close(node, open_nodes, circle, len(circles)))
    return circle, circles


def _next(
    node: int, rest: Iterator[int], order: list[int], low: list[int], circle: list[int]
) -> int:
    """Return the next node to walk to, or -1 when all was seen; note the lowest open one met."""
    lowest = low[node]
    following = -1
    for needed in rest:
        if order[needed] < 0:
            following = needed
            break
        if circle[needed] < 0 and order[needed] < lowest:
            lowest = order[needed]
    low[node] = lowest
    return following


def _close(node: int, open_nodes: list[int], circle: list[int], number: int) -> list[int]:
    members = []
    while True:
        member = open_nodes.pop()
        circle[member] = number
        members.append(member)
        if member == node:
            return members


def _masks(needs: list[list[int]], circle: list[int], circles: list[list[int]]) -> list[int]:
    """Return by circle the bits of all it reaches, itself included."""
    masks: list[int] = []
    for number, members in enumerate(circles):
        mask = sum(1 << member for member in members)
        below = {circle[needed] for member in members for needed in needs[member]} - {number}
        # The highest first: what it reaches need not be joined again.
        for one in sorted(below, reverse=True):
            if not mask >> circles[one][0] & 1:
                mask |= masks[one]
        masks.append(mask)
    return masks


def _bits(mask: int) -> list[int]:
    if mask.bit_count() > _FEW:
        return [place for place, bit in enumerate(reversed(f"{mask:b}")) if bit == "1"]
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found
