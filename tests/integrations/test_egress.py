"""The guard of configurable URLs."""

import socket

import httpx2
import pytest

from andon.integrations import egress
from andon.integrations.egress.text import cut, one_line
from tests.support.outside import Receiver

#: The registries of special-purpose addresses (IANA), the first and the last address of each, and
#: where clouds keep their metadata and what hides such an address inside another.
OURS_OR_NOBODYS = {
    "this network": ("0.0.0.0", "0.255.255.255"),
    "private": (
        *("10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"),
        *("192.168.0.0", "192.168.255.255"),
    ),
    "shared": ("100.64.0.0", "100.127.255.255"),
    "loopback": ("127.0.0.1", "127.255.255.255", "::1"),
    "link-local": ("169.254.0.0", "169.254.255.255", "fe80::1", "febf::1", "fe80::1%eth0"),
    "IETF": ("192.0.0.0", "192.0.0.8", "192.0.0.170", "192.0.0.255", "2001::1", "2001:1ff::1"),
    "documentation": (
        *("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1", "3fff:fff::1"),
    ),
    "AS112": ("192.31.196.1", "192.175.48.1", "2001:4:112::1", "2620:4f:8000::1"),
    "AMT": ("192.52.193.1", "2001:3::1"),
    "relays": ("192.88.99.1",),
    "benchmarks": ("198.18.0.1", "198.19.255.255", "2001:2::1"),
    "ORCHID": ("2001:10::1", "2001:20::1", "2001:30::1"),
    "multicast": ("224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"),
    "reserved": ("240.0.0.0", "255.255.255.255", "4000::1", "8000::1", "e000::1"),
    "unspecified": ("::",),
    "discard": ("100::1", "100:0:0:1::1"),
    "segment routing": ("5f00::1",),
    "unique local": ("fc00::1", "fdff::1"),
    "site-local": ("fec0::1", "feff:ffff::1"),
    "AWS": ("169.254.169.254", "169.254.170.2", "169.254.169.123", "fd00:ec2::254", "fd00:ec2::23"),
    "Azure": ("168.63.129.16", "169.254.169.254"),
    "GCP": ("169.254.169.254", "fd20:ce::254"),
    "Oracle": ("192.0.0.192", "169.254.169.254", "fd00:c1::a9fe:a9fe"),
    "Alibaba": ("100.100.100.200",),
    "OpenStack": ("169.254.169.254", "fe80::a9fe:a9fe"),
    "mapped": ("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:168.63.129.16"),
    "compatible": ("::127.0.0.1", "::169.254.169.254", "::1.1.1.1"),
    "translated": ("::ffff:0:127.0.0.1",),
    "NAT64": ("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::a83f:8110", "64:ff9b::c000:c0"),
    "local NAT64": ("64:ff9b:1::1", "64:ff9b:1:ffff:ffff:ffff:101:101"),
    "6to4": ("2002:7f00:1::", "2002:a9fe:a9fe::", "2002:101:101::1"),
    "Teredo": ("2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:0:101:101::1"),
}


@pytest.mark.parametrize(
    "address", sorted({one for every in OURS_OR_NOBODYS.values() for one in every})
)
def test_o09_addresses_of_our_own_network_are_refused(address: str) -> None:
    assert not egress.Guard().permits(address)


@pytest.mark.parametrize("address", sorted({*OURS_OR_NOBODYS["Azure"], "192.0.0.192", "fec0::1"}))
def test_o09_a_refused_address_is_refused_before_a_socket_is_made(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **_: made.append(args))
    host = f"[{address}]" if ":" in address else address
    client = egress.Client(egress.Guard())
    with pytest.raises(egress.RefusedAddress, match="ANDON_EGRESS_ALLOW"):
        client.post(f"http://{host}/latest/meta-data/", content=b"", headers={})
    client.close()
    assert made == []


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "93.184.216.34", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"),
        *("168.63.129.15", "168.63.129.17", "191.255.255.255", "192.0.1.1", "223.255.255.255"),
        *("2606:4700:4700::1111", "2001:200::1", "2003::1", "3ffe::1", "2620:4f:8001::1"),
        *("::ffff:1.1.1.1", "64:ff9b::101:101"),
    ],
)
def test_addresses_of_the_world_are_permitted(address: str) -> None:
    assert egress.Guard().permits(address)


def test_an_administrator_can_allow_a_network() -> None:
    guard = egress.Guard(["10.0.0.0/8", "fd00::/8"])
    assert guard.permits("10.1.2.3")
    assert guard.permits("::ffff:10.1.2.3")
    assert guard.permits("fd00::1")
    assert not guard.permits("192.168.1.1")
    assert not guard.permits("::ffff:127.0.0.1")
    assert egress.Guard(["168.63.129.16"]).permits("168.63.129.16")
    assert egress.Guard(["fec0::/10", "64:ff9b:1::/48"]).permits("fec0::1")


@pytest.mark.parametrize("name", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_o09_other_ways_to_write_loopback_are_refused(name: str) -> None:
    with pytest.raises(egress.RefusedAddress, match="ANDON_EGRESS_ALLOW"):
        egress.Guard(resolve=_system).addresses(name, 80)


def _system(host: str, port: int) -> list[str]:
    try:
        return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port)]
    except RuntimeError:  # the tests' own guard takes some of these for names
        return [socket.inet_ntoa(socket.inet_aton(host))]


def test_of_many_addresses_only_the_permitted_are_used() -> None:
    guard = egress.Guard(resolve=lambda _host, _port: ["10.0.0.1", "1.1.1.1", "::1"])
    assert guard.addresses("mixed.example", 443) == ["1.1.1.1"]


def test_o09_rebinding_gains_nothing(receiver: Receiver) -> None:
    """A name whose first answer is permitted and whose next one is not."""
    port = int(receiver.url.rpartition(":")[2])
    answers = [["127.0.0.1"], ["127.0.0.2"]]
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    guard = egress.Guard(["127.0.0.1/32"], resolve=rebinding)
    client = egress.Client(guard)
    url = f"http://rebind.example:{port}/x"
    assert client.post(url, content=b"{}", headers={"Connection": "close"}).status_code == 200
    assert asked == ["rebind.example"], "resolved once, and connected to what was judged"
    assert receiver.received[0].headers["host"] == f"rebind.example:{port}"
    with pytest.raises(egress.RefusedAddress):
        client.post(url, content=b"{}", headers={})
    assert len(receiver.received) == 1
    client.close()


def test_o09_a_redirect_into_our_network_is_not_followed(receiver: Receiver) -> None:
    receiver.answers["/from"] = (307, {"Location": f"{receiver.url}/metadata"}, b"")
    client = egress.Client(egress.Guard(["127.0.0.0/8"]))
    assert client.post(f"{receiver.url}/from", content=b"", headers={}).status_code == 307
    assert receiver.paths("/metadata") == []
    client.close()


def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    client = egress.Client(egress.Guard(["127.0.0.0/8"]))
    assert client.post(f"{receiver.url}/x", content=b"", headers={}).status_code == 200
    client.close()


def test_a_name_that_does_not_exist_cannot_be_connected_to() -> None:
    client = egress.Client(egress.Guard())
    with pytest.raises(httpx2.ConnectError, match="cannot resolve"):
        client.post("http://nobody.invalid/", content=b"", headers={})
    client.close()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/",
        "file:///etc/passwd",
        "gopher://x",
        "//x",
        "http://",
        "http://x:port/",
        "http://[::1/",
    ],
)
def test_only_web_addresses_can_be_configured(url: str) -> None:
    with pytest.raises(egress.RefusedAddress):
        egress.check_url(url)


def test_r76_text_is_cut_inside_no_character() -> None:
    assert cut("é" * 10, limit=20) == "é" * 10
    assert cut("é" * 11, limit=20) == "é" * 8 + "…"
    assert len(cut("🔥" * 5000, limit=4096).encode()) <= 4096
    assert one_line("a\r\n b\tc\x00", limit=50) == "a b c"
