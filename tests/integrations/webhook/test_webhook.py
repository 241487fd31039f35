"""Signed webhooks, over real HTTP on loopback."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import trustme

from andon.integrations import egress
from andon.integrations.webhook.signature import UnusableSecret, derive_secret, sign
from andon.integrations.webhook.transport import WebhookTransport
from andon.paging.types import Fault, Message, TransportError
from tests.integrations.messages import HOSTILE, NOW, UID, message
from tests.support.outside import Receiver, hang, reset

SECRET = "whsec_YW5kb24tdGVzdC1zZWNyZXQ="
KEY = "the installation's key"


@pytest.fixture
def webhook() -> Iterator[WebhookTransport]:
    client = egress.Client(egress.Guard(["127.0.0.0/8"]), total=1.0)
    made = WebhookTransport(client=client, installation_key=KEY)
    yield made
    made.close()


def page(receiver: Receiver, path: str = "/hook", **changes: object) -> Message:
    return message("webhook", f"{receiver.url}{path}", **changes)


def test_the_published_vector() -> None:
    signed = sign(
        secret=SECRET,
        message_id="msg_01TEST",
        timestamp=1767225600,
        body=b'{"type":"incident.opened"}',
    )
    assert signed == "v1,c9GhdMEIoxFIbo6YahcA+KgHNSUiJ8XxP6sC3Le0iCA="


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_%%%", "YW5kb24tdGVzdC1zZWNyZXQ=", "whsec_YQ=="]
)
def test_what_is_no_secret_is_refused(secret: str) -> None:
    with pytest.raises(UnusableSecret):
        sign(secret=secret, message_id="m", timestamp=0, body=b"")


def test_a_page_arrives_signed(webhook: WebhookTransport, receiver: Receiver) -> None:
    receipt = webhook.send(page(receiver, f"/hook?a=1#{SECRET}"), NOW)
    (request,) = receiver.received
    assert request.path == "/hook?a=1"
    assert request.headers["webhook-id"] == f"msg_{UID}" == receipt.provider_id
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert request.headers["webhook-signature"] == sign(
        secret=SECRET,
        message_id=f"msg_{UID}",
        timestamp=int(NOW.timestamp()),
        body=request.body,
    )
    body = json.loads(request.body)
    assert body["type"] == "page.notified"
    assert body["data"]["acknowledge_url"] == "https://andon.example/a/token/"
    assert body["data"]["facts"]["service"] == "Checkout"


def test_without_a_secret_in_the_address_each_receiver_has_its_own(
    webhook: WebhookTransport, receiver: Receiver
) -> None:
    webhook.send(page(receiver, "/a"), NOW)
    webhook.send(page(receiver, "/b"), NOW)
    first, second = receiver.received
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    secret = derive_secret(installation_key=KEY, url=f"{receiver.url}/a")
    assert first.headers["webhook-signature"] == sign(
        secret=secret,
        message_id=f"msg_{UID}",
        timestamp=int(NOW.timestamp()),
        body=first.body,
    )


def test_the_command_prints_the_secret_of_a_receiver() -> None:
    url = "https://receiver.example/hook"
    command = [sys.executable, "-m", "andon.integrations.webhook", url]
    printed = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "ANDON_SECRET_KEY": KEY},
    )
    assert printed.stdout.strip() == derive_secret(installation_key=KEY, url=url)


@pytest.mark.parametrize(
    ("purpose", "kind"), [("resolved", "page.resolved"), ("unanswered", "page.unanswered")]
)
def test_the_type_says_why(
    webhook: WebhookTransport, receiver: Receiver, purpose: str, kind: str
) -> None:
    webhook.send(page(receiver, data={"purpose": purpose}), NOW)
    assert json.loads(receiver.received[0].body)["type"] == kind


def test_o08_hostile_text_stays_within_limits(
    webhook: WebhookTransport, receiver: Receiver
) -> None:
    facts = {"huge": HOSTILE * 30}
    webhook.send(page(receiver, subject=HOSTILE, body=HOSTILE * 10, data=facts), NOW)
    (request,) = receiver.received
    assert len(request.body) <= 256 * 1024
    data = json.loads(request.body)["data"]
    assert data["facts"] == {"left_out": "too large"}
    assert len(data["subject"]) == 1000
    assert data["acknowledge_url"]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_will_do(webhook: WebhookTransport, receiver: Receiver, status: int) -> None:
    receiver.answers["/hook"] = (status, {}, b"")
    assert str(status) in webhook.send(page(receiver), NOW).detail


def test_410_says_that_the_address_is_gone(webhook: WebhookTransport, receiver: Receiver) -> None:
    receiver.answers["/hook"] = (410, {}, b"")
    with pytest.raises(TransportError, match="410") as caught:
        webhook.send(page(receiver), NOW)
    assert caught.value.fault is Fault.RECIPIENT


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("30", 30), (format_datetime(NOW + timedelta(minutes=2)), 120), ("soon", None), ("-1", None)],
)
def test_retry_after_is_read_in_both_forms(
    webhook: WebhookTransport, receiver: Receiver, header: str, seconds: float | None
) -> None:
    receiver.answers["/hook"] = (503, {"Retry-After": header}, b"")
    with pytest.raises(TransportError) as caught:
        webhook.send(page(receiver), NOW)
    assert caught.value.retry_after == seconds


def test_a_receiver_that_hangs_is_left_in_time(
    webhook: WebhookTransport, receiver: Receiver
) -> None:
    receiver.answers["/hook"] = hang
    with pytest.raises(TransportError) as caught:
        webhook.send(page(receiver), NOW)
    assert caught.value.unknown


@pytest.mark.parametrize("address", ["ftp://x/", "nonsense", "http://127.0.0.1:1/#whsec_!"])
def test_an_address_that_cannot_be_posted_to_is_the_recipients_fault(
    webhook: WebhookTransport, address: str
) -> None:
    with pytest.raises(TransportError) as caught:
        webhook.send(message("webhook", address), NOW)
    assert caught.value.fault is Fault.RECIPIENT


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        *[(status, Fault.RECIPIENT) for status in (301, 302, 307, 401, 403, 404, 405, 410)],
        *[(status, Fault.MESSAGE) for status in (400, 402, 406, 409, 411, 413, 415, 418, 422, 431)],
        *[(status, Fault.TEMPORARY) for status in (408, 425, 429, 500, 502, 503, 504, 507, 599)],
    ],
)
def test_t11_whose_fault_an_answer_is(
    webhook: WebhookTransport, receiver: Receiver, status: int, fault: Fault
) -> None:
    receiver.answers["/hook"] = (status, {}, b"")
    with pytest.raises(TransportError, match=str(status)) as caught:
        webhook.send(page(receiver), NOW)
    assert (caught.value.fault, caught.value.unknown) == (fault, False)


def test_t11_whose_fault_it_is_that_there_was_no_answer(receiver: Receiver) -> None:
    def send(address: str, allow: tuple[str, ...] = ("0.0.0.0/0",), **guard: Any) -> TransportError:
        client = egress.Client(egress.Guard(allow, **guard), total=1.0)
        with pytest.raises(TransportError) as caught:
            WebhookTransport(client=client, installation_key=KEY).send(
                message("webhook", address), NOW
            )
        client.close()
        return caught.value

    def fails(code: int) -> Any:
        def resolve(host: str, port: int) -> list[str]:
            raise socket.gaierror(code, "it cannot be told")

        return resolve

    refused = send(receiver.url + "/hook", allow=())
    assert (refused.fault, "ANDON_EGRESS_ALLOW" in str(refused)) == (Fault.INSTALLATION, True)
    assert send("http://127.0.0.1:1/hook").fault is Fault.TEMPORARY
    nameless = "http://receiver.example/hook"
    assert send(nameless, resolve=fails(socket.EAI_AGAIN)).fault is Fault.INSTALLATION
    assert send(nameless, resolve=fails(socket.EAI_NONAME)).fault is Fault.TEMPORARY
    receiver.answers["/hook"] = reset
    broken = send(receiver.url + "/hook")
    assert (broken.fault, broken.unknown) == (Fault.TEMPORARY, True)


def test_t11_a_certificate_nobody_vouches_for_is_the_installations_fault() -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        peer, _ = listener.accept()
        with contextlib.suppress(OSError):
            context.wrap_socket(peer, server_side=True).close()

    thread = threading.Thread(target=greet, daemon=True)
    thread.start()
    client = egress.Client(egress.Guard(["127.0.0.0/8", "::1/128"]), total=2.0)
    url = f"https://localhost:{listener.getsockname()[1]}/hook"
    with pytest.raises(TransportError, match="certificate") as caught:
        WebhookTransport(client=client, installation_key=KEY).send(message("webhook", url), NOW)
    assert caught.value.fault is Fault.INSTALLATION
    client.close()
    thread.join(5)
    listener.close()


def test_a_check_connects_and_sends_nothing(webhook: WebhookTransport) -> None:
    receiver = Receiver()
    stop = receiver.start()
    try:
        assert webhook.check(f"{receiver.url}/hook") == "127.0.0.1 takes connections"
    finally:
        stop()
    assert receiver.received == []
    with pytest.raises(TransportError, match="cannot connect") as caught:
        webhook.check(f"{receiver.url}/hook")
    assert caught.value.fault is Fault.TEMPORARY


def test_a_check_goes_no_way_that_a_message_may_not() -> None:
    receiver = Receiver()
    stop = receiver.start()
    fenced = WebhookTransport(client=egress.Client(egress.Guard()), installation_key=KEY)
    try:
        with pytest.raises(TransportError, match="ANDON_EGRESS_ALLOW") as caught:
            fenced.check(f"{receiver.url}/hook")
    finally:
        fenced.close()
        stop()
    assert caught.value.fault is Fault.INSTALLATION


def test_a_check_finds_a_certificate_nobody_vouches_for() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    client = egress.Client(egress.Guard(["127.0.0.0/8"]), total=2.0)
    made = WebhookTransport(client=client, installation_key=KEY)
    with socket.create_server(("127.0.0.1", 0)) as plain:
        accepting = threading.Thread(target=_greet, args=(plain, context))
        accepting.start()
        with pytest.raises(TransportError, match="certificate") as caught:
            made.check(f"https://127.0.0.1:{plain.getsockname()[1]}/hook")
        accepting.join()
    made.close()
    assert caught.value.fault is Fault.INSTALLATION


def _greet(plain: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = plain.accept()
    with contextlib.suppress(OSError), connection:
        context.wrap_socket(connection, server_side=True)
