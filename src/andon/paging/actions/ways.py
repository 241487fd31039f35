"""Looks whether messages could leave, before there is one: off the path of pages."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime

from andon.core import masking
from andon.paging import models, queries
from andon.paging.ports import CheckedTransport, Transport
from andon.paging.rules import ways as rules
from andon.paging.rules.delivery import server
from andon.paging.types import Fault, TransportError, Way
from andon.people.types import CONTACT_KINDS

#: Servers of push messages and webhooks that are looked at; those that most addresses name.
MOST = 50


def look(
    *,
    transports: Mapping[str, Transport],
    now: datetime,
    force: bool = False,
    pause: Callable[[], None] = lambda: None,
) -> list[Way]:
    """Speak with every server that messages leave by and that is due; return what was found.

    Nothing is sent to anybody. With `force` all are asked. `pause` is called between two of them
    and may raise.
    """
    known = {(way.kind, way.server): way for way in queries.ways()}
    if known and not force and not any(rules.is_due(way=way, now=now) for way in known.values()):
        # Whom addresses belong to is read when something is due: new servers wait for that.
        return []
    wanted = _wanted()
    due = {
        key: address
        for key, address in wanted.items()
        if force or rules.is_due(way=known.get(key), now=now)
    }
    found = _ask_each(transports, due, known, now, pause)
    _record(found)
    _forget(wanted)
    return found


def ask(
    *,
    transports: Mapping[str, Transport],
    known: Collection[tuple[str, str]],
    now: datetime,
) -> list[Way]:
    """Speak with every server but those that are known; return what was found, and keep nothing."""
    due = {key: address for key, address in _wanted().items() if key not in known}
    return _ask_each(transports, due, {}, now, lambda: None)


def _ask_each(
    transports: Mapping[str, Transport],
    due: Mapping[tuple[str, str], str],
    known: Mapping[tuple[str, str], Way],
    now: datetime,
    pause: Callable[[], None],
) -> list[Way]:
    found = []
    for (kind, place), address in due.items():
        pause()
        was = known.get((kind, place)) or Way(kind, place, checked_at=now)
        known_kind = kind in CONTACT_KINDS
        way = _ask(transports.get(kind), was, address, now) if known_kind else _unknown(was, now)
        if way is not None:
            found.append(way)
    return found


def _record(found: Collection[Way]) -> None:
    """Keep what was found, for all processes."""
    models.Way.objects.bulk_create(
        [models.Way(**{name: getattr(way, name) for name in _FIELDS}) for way in found],
        update_conflicts=True,
        unique_fields=["kind", "server"],
        update_fields=[name for name in _FIELDS if name not in ("kind", "server")],
    )


_FIELDS = ("kind", "server", "checked_at", "worked_at", "fails_since", "failures", "said")


def _wanted() -> dict[tuple[str, str], str]:
    """Return an address for each server that somebody's messages leave by; the mail server's too.

    An address of everybody's is as good as another: only its server is spoken with.
    """
    count: dict[tuple[str, str], int] = {}
    first: dict[tuple[str, str], str] = {}
    for kind, address in queries.addresses():
        key = (kind, server(destination=address))
        count[key] = count.get(key, 0) + 1
        first.setdefault(key, address)
    urls = sorted((key for key in first if key[1]), key=lambda key: -count[key])[:MOST]
    unknown = [key for key in first if key[0] not in CONTACT_KINDS]
    return dict.fromkeys([*rules.of_installation(), *unknown], "") | {
        key: first[key] for key in urls
    }


def _forget(wanted: Collection[tuple[str, str]]) -> None:
    """Forget servers that nobody's address names any more."""
    for way in queries.ways():
        if (way.kind, way.server) not in wanted:
            models.Way.objects.filter(kind=way.kind, server=way.server).delete()


def _unknown(was: Way, now: datetime) -> Way:
    """Return that nothing can be sent to addresses of a kind which this Andon does not know."""
    said = f"no integration of this installation knows the kind of contact {was.kind!r}"
    since = was.fails_since or now
    return replace(was, checked_at=now, fails_since=since, failures=was.failures + 1, said=said)


def _ask(transport: Transport | None, was: Way, address: str, now: datetime) -> Way | None:
    """Return what became of a look at a way; None where nothing is known of it now."""
    if not isinstance(transport, CheckedTransport):
        return None
    try:
        said = transport.check(address)
    except TransportError as error:
        if error.fault is Fault.RECIPIENT or (error.fault is Fault.TEMPORARY and not was.server):
            # The address and not its server; or a mail server that is there, and busy.
            return None
        return replace(
            was,
            checked_at=now,
            fails_since=was.fails_since or now,
            failures=was.failures + 1,
            said=masking.without(str(error), address=address),
        )
    said = masking.without(said, address=address)
    return Way(was.kind, was.server, checked_at=now, worked_at=now, said=said)
