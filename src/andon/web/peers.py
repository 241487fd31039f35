"""Who is on the other side: the address a request came from, through proxies that are trusted."""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def address_of(*, peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the address of the sender of a request.

    `forwarded_for` is the header X-Forwarded-For: each proxy writes whom it heard from at its end.
    It is read from there, and only as far as proxies in `trusted` wrote it: anybody can send the
    rest. Without a trusted peer it is not read at all.
    """
    told = [part.strip() for part in forwarded_for.split(",") if part.strip()]
    address = peer
    while told and is_within(address, trusted):
        following = _bare(told.pop())
        if not _is_address(following):
            break
        address = following
    return address


def _bare(text: str) -> str:
    """Return an address without the port that some proxies write behind it."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def is_within(text: str, networks: Sequence[Network]) -> bool:
    """Return whether a text is an address in one of the networks."""
    if not _is_address(text):
        return False
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
