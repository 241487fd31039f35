"""The address of a sender is what trusted proxies say it is, and nothing that a sender says."""

import ipaddress

import pytest

from andon.web import peers

PROXIES = [ipaddress.ip_network(one) for one in ("10.0.0.0/8", "2001:db8:ff::/48")]


@pytest.mark.parametrize(
    ("peer", "header", "address"),
    [
        ("198.51.100.9", "", "198.51.100.9"),
        ("198.51.100.9", "192.0.2.1", "198.51.100.9"),
        ("10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "192.0.2.1:51234", "192.0.2.1"),
        ("10.0.0.1", "[2001:db8::7]:51234", "2001:db8::7"),
        ("10.0.0.1", "made-up, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.5, 192.0.2.1, 10.9.9.9", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.5, nonsense", "10.0.0.1"),
        ("10.0.0.1", " , ", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("2001:db8:ff::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("", "192.0.2.1", ""),
    ],
)
def test_an_address_is_read_from_the_end_as_far_as_proxies_wrote_it(
    peer: str, header: str, address: str
) -> None:
    assert peers.address_of(peer=peer, forwarded_for=header, trusted=PROXIES) == address


def test_without_a_trusted_proxy_the_header_says_nothing() -> None:
    assert peers.address_of(peer="10.0.0.1", forwarded_for="192.0.2.1", trusted=[]) == "10.0.0.1"
