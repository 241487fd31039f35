"""Every address and method of Andon, as the URL map has them: too large is 413, nothing is 500."""

import gzip
import http.client
import random
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from andon.core import clock
from andon.project import asgi, front
from tests.support import factories as make
from tests.support import scenery
from tests.web.hooks.conftest import sender, stored  # noqa: F401 - fixtures
from tests.web.hooks.test_protocol import Line, bearer, serving

pytestmark = pytest.mark.database

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
HOOKS = ("/hooks/alertmanager/", "/hooks/generic/", "/v2/enqueue", "/hooks/nothing/", "/hooks/")
PROBES = ("/healthz", "/readyz", "/metrics")
UUID = "0192f3c0-7c1e-7a51-9a0b-6a2f5f0b9d11"
SAMPLES = {
    "slug": "checkout",
    "int": "7",
    "str": "token",
    "uuid": UUID,
    "uuidstr": UUID,
    "path": "a/b",
}
#: What nothing is called, and what no database can look for.
ODD = {**SAMPLES, "str": "%00", "int": "9" * 30}
FORM = "application/x-www-form-urlencoded"


def addresses(samples: dict[str, str], patterns: object = None, before: str = "/") -> Iterator[str]:
    """Yield an address of every pattern, with samples for what varies."""
    for pattern in patterns or get_resolver().url_patterns:
        text = before + _filled(pattern, samples)
        if isinstance(pattern, URLResolver):
            yield from addresses(samples, pattern.url_patterns, text)
        elif isinstance(pattern, URLPattern):
            yield text


def _filled(pattern: URLPattern | URLResolver, samples: dict[str, str]) -> str:
    text = str(pattern.pattern)
    if not hasattr(pattern.pattern, "converters") or "(?P<" in text or text.startswith("^"):
        text = re.sub(r"\(\?P<\w+>[^)]*\)", "sample", text)
        return re.sub(r"[\^$\\*\[\]]|\(\?[^)]*\)|sS", "", text).replace("(", "").replace(")", "")
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: samples.get(found[1] or "str", "7"), text)


NONE = ("/nothing/", "/%00/", "/api/v1/nothing", "/static/x", "/services/%00/", "/a/%00/")
ROUTES = sorted({*addresses(SAMPLES), *HOOKS, *PROBES, *NONE})


def test_the_map_was_walked():
    assert {"/sign-in/", "/api/v1/incidents", "/services/checkout/"} <= set(ROUTES), ROUTES
    assert len(ROUTES) > 80


@contextmanager
def listening(sender) -> Iterator[int]:  # noqa: F811
    app = asgi.build(intake=sender.intake, ready=lambda: "")
    with serving(sender, app=app) as (_, port):
        yield port


def status(port: int, method: str, route: str, *fields: str, body: Iterable[bytes] = ()) -> int:
    """Send a request, all of it, and only then read the answer, as simple clients do."""
    line = Line(port)
    head = "\r\n".join([f"{method} {route} HTTP/1.1", "Host: 127.0.0.1", *fields, "", ""])
    try:
        line.send(head.encode())
        for part in body:
            line.send(part)
        return int(line.first_line().split()[1])
    finally:
        line.close()


def chunks(count: int) -> Iterator[bytes]:
    part = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    for _ in range(count):
        yield part
    yield b"0\r\n\r\n"


def of_django(route: str) -> bool:
    return route not in (*HOOKS, *PROBES)


def test_a_body_that_says_it_is_too_large_is_413_on_every_route(sender):  # noqa: F811
    length = "Content-Length: 314572800"
    with listening(sender) as port:
        found = {
            (method, route): status(port, method, route, length)
            for route in ROUTES
            for method in METHODS
        }
        wrong = {asked: n for asked, n in found.items() if n != 413 and of_django(asked[1])}
        assert not wrong
        keys = {kind: sender.key(kind) for kind in ("alertmanager", "generic")}
        for kind, key in keys.items():
            assert status(port, "POST", f"/hooks/{kind}/", length, bearer(key)) == 413
        # Its key stands in the body, of which 8 MiB are searched to say whose fault it is.
        whole = [b"a" * 1_000_000] * 9
        assert status(port, "POST", "/v2/enqueue", length, body=whole) == 413
        assert {n for n in found.values() if n >= 500} <= {503}  # /healthz: no engine runs here


def test_a_body_that_turns_out_too_large_is_413_on_every_route(sender):  # noqa: F811
    chunked = ("Transfer-Encoding: chunked", "Content-Type: multipart/form-data; boundary=a")
    count = front.MOST_BYTES // 65536 + 8
    with listening(sender) as port:
        for route in filter(of_django, ROUTES):
            assert status(port, "POST", route, *chunked, body=chunks(count)) == 413, route
        for kind in ("alertmanager", "generic"):
            fields = (*chunked, bearer(sender.key(kind)))
            assert status(port, "POST", f"/hooks/{kind}/", *fields, body=chunks(600)) == 413
        assert status(port, "POST", "/v2/enqueue", *chunked, body=chunks(count)) == 413


def test_300_mb_to_sign_in_write_nothing_and_the_answer_is_read(sender, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    field = ("Content-Length: 314572800", f"Content-Type: {FORM}")
    with listening(sender) as port:
        whole = (b"a" * 1_000_000 for _ in range(300))
        assert status(port, "POST", "/sign-in/", *field, body=whole) == 413
        assert not list(tmp_path.iterdir())


def test_the_api_says_413_as_a_problem_and_the_portal_in_words(sender):  # noqa: F811
    with listening(sender) as port:
        answers = []
        for path in ("/api/v1/incidents", "/sign-in/"):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            line.request("POST", path, body=b"x" * (front.MOST_BYTES + 1))
            answer = line.getresponse()
            answers.append((answer.status, answer.headers["content-type"], answer.read()))
            line.close()
    assert [one[:2] for one in answers] == [
        (413, "application/problem+json"),
        (413, "text/plain; charset=utf-8"),
    ]
    assert b'"code": "too_large"' in answers[0][2]
    assert b"larger than 1048576 bytes" in answers[1][2]


def test_a_body_as_large_as_allowed_is_taken(sender):  # noqa: F811
    length = (f"Content-Length: {front.MOST_BYTES}", f"Content-Type: {FORM}")
    with listening(sender) as port:
        body = iter([b"a" * front.MOST_BYTES])
        assert status(port, "POST", "/sign-in/", *length, body=body) == 403  # no CSRF token


def test_nothing_anybody_asks_is_our_fault(db, settings, tmp_path):
    """Every address and method, with bodies of no sense, by nobody and by an administrator."""
    settings.STATIC_ROOT = tmp_path
    dice = random.Random(20261128)
    scenery.build(now=clock.now())
    root = make.person("root", name="Root", staff=True)
    root.is_superuser = True
    root.save()
    nobody, admin = (Client(raise_request_exception=False) for _ in range(2))
    admin.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    sent = [
        (FORM, b"csrfmiddlewaretoken=1&at=%00&name=%ff&number=99999999999999999999"),
        ("application/json", b'{"at": "x", "number": 1e999, "name": "\\ud800\\u0000"}'),
        ("application/json", b"[" * 2000),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=a", b"--a\r\nContent-Disposition: form-data"),
        ("text/plain; charset=nonsense", gzip.compress(b"x")),
    ]
    query = {
        "after": "\x00",
        "page": "9" * 30,
        "at": "2026-13-45",
        "q": "%",
        "from": "x",
        "to": "y",
    }
    bad = []
    for route in filter(of_django, sorted({*ROUTES, *addresses(ODD)})):
        for method in METHODS:
            kind, body = dice.choice(sent)
            for client in (nobody, admin):
                answer = client.generic(
                    method,
                    route,
                    body,
                    content_type=kind,
                    query_params=query if dice.random() < 0.5 else None,
                    headers={"host": "127.0.0.1"},
                )
                if answer.status_code >= 500:
                    bad.append((method, route, kind, answer.status_code))
    assert not bad
