"""Which alerts are held back because another, which people do hear of, explains them.

Inhibition must never lose a page. So it is a relation without cycles: from each alert held back a
way leads, over alerts that fire, to one that is not held back (docs/decisions/0012).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from andon.catalogue.types import WORKBOOK, AlertSeverity, BurnTier, Cover
from andon.slo.types import Estate, Objective, Subject

_RANK = {Cover.NONE: 0, Cover.DOMAIN: 1, Cover.TEAM: 2}


@dataclass(frozen=True, slots=True)
class Explained:
    """Pages of `service` are held back while a page of one of `needs` fires.

    `pages` says which: a tier, and the objectives of the needed services that have it.
    """

    service: str
    needs: tuple[str, ...]
    pages: tuple[tuple[str, tuple[str, ...]], ...]


def slower_tiers(*, estate: Estate) -> dict[str, tuple[str, ...]]:
    """Return the tiers that each tier's name holds back: those of its severity that are slower.

    Names that two lists of tiers put in different orders hold each other back in neither.
    """
    orders = [_by_speed(tiers) for tiers in _lists(estate)]
    pairs = {pair for order in orders for pair in _pairs(order)}
    found: dict[str, list[str]] = {}
    for fast, slow in sorted(pairs):
        if fast != slow and not _leads(pairs, slow, fast):
            found.setdefault(fast, []).append(slow)
    return {fast: tuple(slow) for fast, slow in found.items()}


def explained(*, estate: Estate) -> tuple[Explained, ...]:
    """Return the services whose pages a needed service's page explains, sorted.

    A needed service counts when its page wakes somebody whenever the other's would: its cover is no
    less. Only its availability objectives count, and of them the page that ends first, so that
    nothing stays hidden for long once it has recovered. Where one has no such objective, what it
    needs itself stands in. Services that need each other explain nothing to each other.
    """
    subjects = {subject.slug: subject for subject in estate.subjects}
    sources = _sources(estate)
    circle = _circles(subjects)
    targets = {objective.service for objective in estate.objectives}
    found = []
    for slug in sorted(targets & subjects.keys()):
        near = _nearest(slug, subjects, sources)
        needs = sorted(
            one
            for one in near
            if circle[one] != circle[slug]
            and _RANK[subjects[one].cover] >= _RANK[subjects[slug].cover]
        )
        if needs:
            pages = [page for one in needs for page in sources[one]]
            found.append(Explained(slug, tuple(needs), _by_tier(pages)))
    return tuple(found)


def _by_tier(pages: Iterable[tuple[str, str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {}
    for objective, tier in sorted(pages):
        found.setdefault(tier, []).append(objective)
    return tuple((tier, tuple(names)) for tier, names in sorted(found.items()))


def _lists(estate: Estate) -> list[tuple[BurnTier, ...]]:
    lists = {objective.tiers for objective in estate.objectives if objective.tiers}
    lists.add(estate.rules.tiers or WORKBOOK)
    return sorted(lists, key=lambda tiers: [tier.name for tier in tiers])


def _by_speed(tiers: Sequence[BurnTier]) -> list[BurnTier]:
    return sorted(tiers, key=lambda tier: (tier.severity, tier.long, tier.short, tier.name))


def _pairs(order: Sequence[BurnTier]) -> Iterable[tuple[str, str]]:
    for at, fast in enumerate(order):
        for slow in order[at + 1 :]:
            if slow.severity is fast.severity:
                yield fast.name, slow.name


def _leads(pairs: set[tuple[str, str]], start: str, end: str) -> bool:
    """Return whether one name leads to another over any number of pairs."""
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        if here == end:
            return True
        ahead = {slow for fast, slow in pairs if fast == here} - seen
        seen |= ahead
        waiting.extend(ahead)
    return False


def _sources(estate: Estate) -> dict[str, list[tuple[str, str]]]:
    """Return objective and tier of the pages that explain, by service."""
    found: dict[str, list[tuple[str, str]]] = {}
    for objective in estate.objectives:
        tier = _first_to_end(objective, estate)
        if tier and not objective.target_reason:
            found.setdefault(objective.service, []).append((objective.slug, tier))
    return found


def _first_to_end(objective: Objective, estate: Estate) -> str:
    tiers = objective.tiers or estate.rules.tiers or WORKBOOK
    pages = [
        tier
        for tier in tiers
        if tier.severity is AlertSeverity.PAGE and tier.name not in objective.without
    ]
    return min(pages, key=lambda tier: (tier.short, tier.long, tier.name)).name if pages else ""


def _nearest(slug: str, subjects: Mapping[str, Subject], sources: Mapping[str, object]) -> set[str]:
    """Return the services nearest on each way of needs that have a page which explains."""
    found: set[str] = set()
    seen, waiting = {slug}, [slug]
    while waiting:
        for need in subjects[waiting.pop()].needs:
            if need in seen or need not in subjects:
                continue
            seen.add(need)
            if need in sources:
                found.add(need)
            else:
                waiting.append(need)
    return found


def _circles(subjects: Mapping[str, Subject]) -> dict[str, int]:
    """Return a number for each service, the same for all that need each other.

    Kosaraju's two passes, without recursion.
    """
    ahead = {slug: [n for n in one.needs if n in subjects] for slug, one in subjects.items()}
    back: dict[str, list[str]] = {slug: [] for slug in subjects}
    for slug, needs in ahead.items():
        for need in needs:
            back[need].append(slug)
    found: dict[str, int] = {}
    for number, slug in enumerate(reversed(_finished(ahead))):
        waiting = [slug] if slug not in found else []
        while waiting:
            here = waiting.pop()
            if here not in found:
                found[here] = number
                waiting.extend(back[here])
    return found


def _finished(ahead: Mapping[str, Sequence[str]]) -> list[str]:
    """Return all nodes in the order in which a search in depth leaves them."""
    order: list[str] = []
    seen: set[str] = set()
    for start in ahead:
        if start in seen:
            continue
        seen.add(start)
        stack = [(start, iter(ahead[start]))]
        while stack:
            here, rest = stack[-1]
            new = next((one for one in rest if one not in seen), None)
            if new is None:
                order.append(here)
                stack.pop()
            else:
                seen.add(new)
                stack.append((new, iter(ahead[new])))
    return order
