"""The ways out: which work, whom that leaves out of reach, and what is said of it."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from andon.core.trouble import Trouble
from andon.paging.rules.delivery import server
from andon.paging.rules.trouble import called, many
from andon.paging.types import OutOfReach, Way
from andon.people.types import CONTACT_KINDS

#: A way that works is looked at so often, one that does not so often, and once more soon after it
#: has worked: one failure may be a hiccup.
_WORKING, _BROKEN, _DOUBTED = timedelta(minutes=5), timedelta(seconds=30), timedelta(seconds=10)
#: One that has worked before counts as broken after so many failures in a row.
_FAILURES = 2


def of_installation() -> list[tuple[str, str]]:
    """Return the ways that are there whoever has which address, as kind and server."""
    return [(kind.name, "") for kind in CONTACT_KINDS if kind.server]


def name(*, kind: str, server: str) -> str:
    """Return the name of the trouble of a way; a host may be longer than a name."""
    place = hashlib.blake2b(server.encode(), digest_size=8).hexdigest() if server else ""
    return f"way:{kind}:{place}"


def is_due(*, way: Way | None, now: datetime) -> bool:
    """Return whether a way is to be looked at."""
    if way is None:
        return True
    broken = _BROKEN if is_broken(way=way) else _DOUBTED
    pause = broken if way.failures else _WORKING
    return now - way.checked_at >= pause


def is_broken(*, way: Way) -> bool:
    """Return whether a way is known not to work. One that never has gets no second chance."""
    return bool(way.failures) and (way.worked_at is None or way.failures >= _FAILURES)


def reach(*, people: Iterable[Sequence[tuple[str, str]]], broken: Collection[Way]) -> OutOfReach:
    """Return whom broken ways leave out of reach.

    `people` holds the usable addresses of each person, as kind and address.
    """
    gone = {(way.kind, way.server) for way in broken}
    total = unreachable = 0
    touched: dict[tuple[str, str], int] = defaultdict(int)
    for addresses in people:
        ways = {(kind, server(destination=address)) for kind, address in addresses}
        total += 1
        unreachable += ways <= gone
        for one in ways & gone:
            touched[one] += 1
    return OutOfReach(people=total, unreachable=unreachable, touched=dict(touched))


def troubles(
    *,
    broken: Sequence[Way],
    reach: OutOfReach,
    fallback: Mapping[tuple[str, str], int],
    now: datetime,
) -> list[Trouble]:
    """Return what is to be said of broken ways that somebody depends on.

    `fallback` counts the addresses of the fallback contact by way.
    """
    found = [
        Trouble(
            name=name(kind=way.kind, server=way.server),
            what=_say(way, reach, by_fallback=bool(fallback.get((way.kind, way.server)))),
            since=way.fails_since or way.checked_at,
            said=way.said,
            meanwhile="Andon looks again every half minute, and tries each page all the while",
            over=f"{_of(way)} can be sent again",
            # Somebody's own receiver is theirs to mend, unless they cannot be reached without it.
            is_ours=_is_shared(way) or bool(reach.unreachable),
        )
        for way in broken
        if reach.touched.get((way.kind, way.server)) or fallback.get((way.kind, way.server))
    ]
    if reach.people and reach.unreachable == reach.people and not found:
        found.append(
            Trouble(
                name="ways:none",
                what="Nobody can be paged: nobody in the catalogue has a usable address",
                since=now,
                meanwhile="Until somebody has one, pages reach the fallback contact alone, if any",
                over="somebody in the catalogue has a usable address",
            )
        )
    return found


def _say(way: Way, reach: OutOfReach, *, by_fallback: bool) -> str:
    some = _of(way)
    start = f"{some[:1].upper()}{some[1:]} cannot be sent"
    touched = reach.touched.get((way.kind, way.server), 0)
    if not touched:
        return f"{start}: the fallback contact is not told of anything by it"
    if reach.unreachable == reach.people:
        return f"{start}, and there is no other way to anybody: nobody can be paged"
    if reach.unreachable:
        return f"{start}; {reach.unreachable} of {reach.people} people cannot be paged at all"
    also = ", nor can the fallback contact be told by it" if by_fallback else ""
    return f"{start}; everybody has another address that can be used{also}"


def _of(way: Way) -> str:
    if way.server:
        return f"{many(kind=way.kind)} to one of the servers"
    return called(kind=way.kind) if way.kind in CONTACT_KINDS else many(kind=way.kind)


def _is_shared(way: Way) -> bool:
    kind = CONTACT_KINDS.get(way.kind)
    return kind is None or kind.shared
