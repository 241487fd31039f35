"""Which addresses are somebody's on the open internet, and which are nobody's or our own. Pure.

From the IANA registries of special-purpose addresses (RFC 6890) as they stood in November 2026, and
not from Python's `is_global`, which differs between versions and knows no cloud.
"""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Everything else of IPv4 can be somebody's.
_NOT_OURS_TO_REACH_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # private
        "100.64.0.0/10",  # shared (RFC 6598); Alibaba's metadata at 100.100.100.200
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local: the metadata of AWS, Azure, GCP, OpenStack and others
        "192.0.0.0/24",  # IETF protocols; Oracle's metadata at 192.0.0.192
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  # documentation
        "192.31.196.0/24", "192.175.48.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4, withdrawn (RFC 7526)
        "198.18.0.0/15",  # benchmarks
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "168.63.129.16/32",  # Azure's host, though the address is public
    )
)  # fmt: skip
#: All that has been given out of IPv6. Loopback, fc00::/7, fe80::/10, fec0::/10, ff00::/8, and the
#: local prefix of NAT64 (64:ff9b:1::/48) lie outside.
_GIVEN_OUT_6 = ipaddress.IPv6Network("2000::/3")
_NOT_OURS_TO_REACH_6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # IETF protocols: Teredo, ORCHID, benchmarks
        "2001:db8::/32", "3fff::/20",  # documentation
        "2002::/16",  # 6to4, withdrawn (RFC 7526)
        "2620:4f:8000::/48",  # AS112
    )
)  # fmt: skip
#: NAT64 (RFC 6052): the last 32 bits are an IPv4 address, which is where it leads.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def inside(address: Address) -> Address:
    """Return where an address leads: the IPv4 address inside one that only carries it, or itself.

    Other ways to carry one (6to4, Teredo, IPv4-compatible) are out of use, and never public.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Return whether an address leads to somebody on the open internet."""
    place = inside(address)
    if isinstance(place, ipaddress.IPv4Address):
        return not any(place in network for network in _NOT_OURS_TO_REACH_4)
    return place in _GIVEN_OUT_6 and not any(place in one for one in _NOT_OURS_TO_REACH_6)
