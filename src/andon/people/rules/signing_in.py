"""Who may try to sign in now: guessing is slowed, and nobody is locked out by a stranger's guesses.

Guesses are counted by name and by where they come from. What strangers do never counts against a
browser in which that person has signed in before, and a place that has not guessed wrong yet always
has a few tries: so a name cannot be taken from whoever is on call by guessing at it.
"""

import ipaddress
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from andon.people.types import Door, SignInTry, Wait

#: How long a try counts.
WINDOW = timedelta(minutes=15)
#: Tries under one name from one place, or from one browser that is known for it.
TRIES = 10
#: So many under one name from everywhere are an attack: each place then has fewer.
ATTACK, TRIES_UNDER_ATTACK = 50, 3
#: So many under any names from one place are spraying: the place is slowed to one in `SLOW`.
SPRAYED, SLOW = 30, timedelta(seconds=30)
#: What there were too many of, as said to whoever waits.
_TOO_MANY = {Door.PASSWORD: "wrong passwords", Door.LINK: "sign-in links asked for"}


def network_of(*, address: str) -> str:
    """Return what counts as one place: an IPv4 address, or the /64 that one IPv6 line is given."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def sign_in_wait(
    *,
    tries: Collection[SignInTry],
    name: str,
    network: str,
    device: str,
    now: datetime,
    door: Door = Door.PASSWORD,
) -> Wait | None:
    """Return how long a try to sign in has to wait and why, or None when it may be made.

    `tries` are those at this door, under this name or from this network, that have not succeeded.
    """
    many = _TOO_MANY[door]
    recent = [one for one in tries if one.at > now - WINDOW]
    if device:
        own = [one for one in recent if one.device == device and one.name == name]
        return _until_fewer(own, TRIES, f"{many} in this browser")
    strange = [one for one in recent if not one.device]
    under_name = [one for one in strange if one.name == name]
    allowed = TRIES_UNDER_ATTACK if len(under_name) >= ATTACK else TRIES
    pair = [one for one in under_name if one.network == network]
    return _until_fewer(pair, allowed, f"{many} under this name from your network") or _slowed(
        [one for one in strange if one.network == network], f"{many} from your network", now
    )


def _until_fewer(tries: Sequence[SignInTry], allowed: int, what: str) -> Wait | None:
    if len(tries) < allowed:
        return None
    newest = sorted((one.at for one in tries), reverse=True)
    return Wait(newest[allowed - 1] + WINDOW, f"Too many {what}")


def _slowed(tries: Sequence[SignInTry], what: str, now: datetime) -> Wait | None:
    if len(tries) < SPRAYED:
        return None
    until = max(one.at for one in tries) + SLOW
    return Wait(until, f"Too many {what}") if until > now else None
