"""The guard of configurable URLs."""

import socket

import httpx2
import pytest

from andon.integrations import egress
from andon.integrations.egress.text import cut, one_line
from tests.support.outside import Receiver


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.100.100.200", "224.0.0.1", "255.255.255.255",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::", "192.0.2.1", "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)  # fmt: skip
def test_o09_addresses_of_our_own_network_are_refused(address: str) -> None:
    assert not egress.Guard().permits(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"],
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
