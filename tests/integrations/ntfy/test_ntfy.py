"""ntfy, against its published contract: no ntfy server runs here."""

import json
import time
from collections.abc import Iterator

import pytest

from andon.integrations import egress
from andon.integrations.ntfy.transport import NtfyTransport
from andon.paging.types import Fault, Message, TransportError
from tests.integrations.messages import HOSTILE, NOW, message
from tests.support.outside import Receiver, drip, hang, reset

OK = (200, {}, json.dumps({"id": "sPs71M8A2T", "event": "message"}).encode())


@pytest.fixture
def ntfy(receiver: Receiver) -> Iterator[NtfyTransport]:
    receiver.answers["/"] = OK
    made = NtfyTransport(client=egress.Client(egress.Guard(["127.0.0.0/8"]), total=1.0))
    yield made
    made.close()


def page(receiver: Receiver, topic: str = "ann-7Q2K", **changes: object) -> Message:
    return message("ntfy", f"{receiver.url}/{topic}", **changes)


def body(receiver: Receiver) -> dict[str, object]:
    (request,) = receiver.received
    made: dict[str, object] = json.loads(request.body)
    return made


def test_a_page_is_published_to_the_topic(ntfy: NtfyTransport, receiver: Receiver) -> None:
    receipt = ntfy.send(page(receiver), NOW)
    assert receipt.provider_id == "sPs71M8A2T"
    assert receiver.received[0].path == "/"
    assert body(receiver) == {
        "topic": "ann-7Q2K",
        "title": "[critical] Checkout: 5xx above 1%",
        "message": "Checkout: 5xx above 1%\n\nMoney at risk: GBP 3,333 per minute",
        "priority": 5,
        "tags": ["rotating_light"],
        "click": "https://andon.example/p/7/",
        "actions": [
            {
                "action": "view",
                "label": "Acknowledge",
                "url": "https://andon.example/a/token/",
            }
        ],
    }


def test_a_notice_is_quiet(ntfy: NtfyTransport, receiver: Receiver) -> None:
    ntfy.send(page(receiver, urgent=False, ack_link=""), NOW)
    assert body(receiver)["priority"] == 3
    assert "actions" not in body(receiver)


@pytest.mark.parametrize(
    ("credentials", "header"),
    [("ann:secret@", "Basic YW5uOnNlY3JldA=="), (":tk_abc@", "Bearer tk_abc"), ("", None)],
)
def test_credentials_go_into_the_header(
    ntfy: NtfyTransport, receiver: Receiver, credentials: str, header: str | None
) -> None:
    address = receiver.url.replace("http://", f"http://{credentials}") + "/topic"
    ntfy.send(message("ntfy", address), NOW)
    assert receiver.received[0].headers.get("authorization") == header
    assert "secret" not in receiver.received[0].headers["host"]


def test_o08_hostile_text_is_cut_to_what_ntfy_takes(
    ntfy: NtfyTransport, receiver: Receiver
) -> None:
    ntfy.send(page(receiver, subject=HOSTILE, body=HOSTILE), NOW)
    sent = body(receiver)
    text, title = str(sent["message"]), str(sent["title"])
    assert 4000 < len(text.encode()) <= 4096
    assert len(title.encode()) <= 250
    assert "\n" not in title
    assert "\x00" not in text
    assert "🔥" in text
    assert "שלום" in text


@pytest.mark.parametrize("path", ["", "/", "/topic/", "/with space", "/" + "a" * 65])
def test_an_address_without_a_topic_is_refused(
    ntfy: NtfyTransport, receiver: Receiver, path: str
) -> None:
    with pytest.raises(TransportError, match="topic") as caught:
        ntfy.send(message("ntfy", receiver.url + path), NOW)
    assert caught.value.fault is Fault.RECIPIENT
    assert receiver.received == []


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        # The server is everybody's, as the mail server is: nobody's address is to blame.
        *[
            (status, Fault.INSTALLATION)
            for status in (301, 302, 401, 402, 403, 405, 407, 408, 425, 429)
        ],
        *[(status, Fault.INSTALLATION) for status in (500, 502, 503, 504, 507)],
        *[(status, Fault.RECIPIENT) for status in (404, 410)],
        *[(status, Fault.MESSAGE) for status in (400, 413, 415, 422, 431)],
    ],
)
def test_t11_whose_fault_an_answer_is(
    ntfy: NtfyTransport, receiver: Receiver, status: int, fault: Fault
) -> None:
    receiver.answers["/"] = (status, {"Retry-After": "17"}, b"{}")
    with pytest.raises(TransportError, match=str(status)) as caught:
        ntfy.send(page(receiver), NOW)
    assert (caught.value.fault, caught.value.unknown) == (fault, False)
    assert caught.value.retry_after == 17


@pytest.mark.parametrize("content", [b"<html>please sign in</html>", b"[]", b"{}", b""])
def test_an_answer_that_is_not_ntfys_is_unknown(
    ntfy: NtfyTransport, receiver: Receiver, content: bytes
) -> None:
    receiver.answers["/"] = (200, {}, content)
    with pytest.raises(TransportError) as caught:
        ntfy.send(page(receiver), NOW)
    assert caught.value.unknown


@pytest.mark.parametrize("deed", [hang, reset, drip])
def test_silence_after_the_request_is_unknown_and_bounded(
    ntfy: NtfyTransport, receiver: Receiver, deed: object
) -> None:
    receiver.answers["/"] = deed
    started = time.perf_counter()
    with pytest.raises(TransportError) as caught:
        ntfy.send(page(receiver), NOW)
    assert time.perf_counter() - started < 3
    assert caught.value.unknown


def test_nobody_listening_is_the_installations_fault(ntfy: NtfyTransport) -> None:
    with pytest.raises(TransportError, match="cannot connect") as caught:
        ntfy.send(message("ntfy", "http://127.0.0.1:1/topic"), NOW)
    assert (caught.value.fault, caught.value.unknown) == (Fault.INSTALLATION, False)


def test_our_own_network_is_refused_unless_allowed(receiver: Receiver) -> None:
    with pytest.raises(TransportError, match="ANDON_EGRESS_ALLOW") as caught:
        NtfyTransport(client=egress.Client(egress.Guard())).send(page(receiver), NOW)
    assert caught.value.fault is Fault.INSTALLATION
    assert receiver.received == []
