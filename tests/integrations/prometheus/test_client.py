"""The client of Prometheus and its kin: headers and paths kept, every trouble named."""

import base64

import pytest

from andon.integrations.prometheus.client import PrometheusClient
from andon.paging.types import Fault, TransportError
from tests.support.components import free_port
from tests.support.outside import Receiver, drip, hang, reset

VALUE = b'{"status":"success","data":{"result":[1]}}'


def test_headers_path_and_parameters_arrive(receiver: Receiver) -> None:
    path = "/select/0/prometheus/api/v1/rules?type=alert"
    receiver.answers[path] = (200, {}, VALUE)
    headers = (("Authorization", "Bearer s"), ("X-Scope-OrgID", "shop"))
    client = PrometheusClient(url=receiver.url + "/select/0/prometheus/", headers=headers)
    assert client.get("/api/v1/rules", {"type": "alert"}) == {"result": [1]}
    arrived = receiver.received[0]
    assert arrived.path == path
    assert arrived.headers["authorization"] == "Bearer s"
    assert arrived.headers["x-scope-orgid"] == "shop"
    client.close()


def test_a_long_query_is_posted_as_a_form(receiver: Receiver) -> None:
    receiver.answers["/api/v1/query"] = (200, {}, VALUE)
    client = PrometheusClient(url=receiver.url)
    query = "sum(" + "x" * 100_000 + ")"
    assert client.post("/api/v1/query", {"query": query}) == {"result": [1]}
    assert receiver.received[0].body == f"query=sum%28{'x' * 100_000}%29".encode()
    client.close()


def test_a_large_answer_is_read_whole(receiver: Receiver) -> None:
    long = "x" * 3_000_000
    body = f'{{"status":"success","data":"{long}"}}'.encode()
    receiver.answers["/api/v1/query"] = (200, {}, body)
    client = PrometheusClient(url=receiver.url)
    assert client.get("/api/v1/query") == long
    client.close()


@pytest.mark.parametrize(
    ("answer", "words", "permanent"),
    [
        (
            (400, {}, b'{"status":"error","errorType":"bad_data","error":"parse error"}'),
            r"answered 400 to /api/v1/query: parse error",
            True,
        ),
        ((200, {}, b'{"status":"error","error":"too many"}'), "refused .*: too many", True),
        ((200, {}, b"<html>"), "its answer is not JSON", True),
        ((200, {}, b'{"data": 1}'), "does not answer as Prometheus does", True),
        ((302, {"Location": "http://127.0.0.1/"}, b""), "answered 302", True),
        ((503, {}, b"loading"), "answered 503 to /api/v1/query: loading", False),
        ((429, {}, b""), "answered 429", False),
        (reset, r"broke off", False),
        (drip, "did not answer in time|broke off", False),
        (hang, "did not answer in time", False),
    ],
)
def test_whatever_goes_wrong_says_which_tool_and_what(
    receiver: Receiver, answer: object, words: str, permanent: bool
) -> None:
    receiver.answers["/api/v1/query"] = answer
    address = receiver.url.replace("://", "://ann:secret@")
    client = PrometheusClient(url=address, name="VictoriaMetrics", total=0.5)
    with pytest.raises(TransportError, match=words) as raised:
        client.get("/api/v1/query")
    assert str(raised.value).startswith(f"VictoriaMetrics at {receiver.url}: ")
    assert "secret" not in str(raised.value)
    assert (raised.value.fault is Fault.INSTALLATION) is permanent
    basic = base64.b64encode(b"ann:secret").decode()
    assert receiver.received[0].headers["authorization"] == f"Basic {basic}"
    client.close()


def test_nobody_at_the_address_is_worth_another_try() -> None:
    client = PrometheusClient(url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(TransportError, match="cannot connect") as raised:
        client.get("/api/v1/query")
    assert raised.value.fault is Fault.TEMPORARY
    client.close()
