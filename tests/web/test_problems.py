"""Whatever refuses, a program gets a problem document, and a browser a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.test import Client
from django.urls import path as at

from andon.project.urls import urlpatterns as ours
from andon.web.problems import CONTENT_TYPE, is_for_machines, reads_pages
from tests.support import factories

pytestmark = [pytest.mark.database, pytest.mark.django_db]

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@login_not_required
def broken(_request: object) -> None:
    raise RuntimeError("planted")


urlpatterns = [at("broken/", broken), *ours]


@pytest.fixture(autouse=True)
def served(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.STATIC_ROOT = tmp_path
    settings.ROOT_URLCONF = __name__
    return iter(())


def client(accept: str = "", **options: Any) -> Client:
    headers = {"host": "127.0.0.1"} | ({"accept": accept} if accept else {})
    return Client(headers=headers, raise_request_exception=False, **options)


#: (method, address, status): each from another place that refuses.
REFUSED = (
    ("GET", "/integration/0123/enqueue", 404),
    ("POST", "/generic/2010-04-15/create_event.json", 404),
    ("POST", "/hooks", 404),
    ("POST", "/v2", 404),
    ("GET", "/api/v1/nothing", 404),
    ("GET", "/api/v2/", 404),
    ("GET", "/static/nothing.js", 404),
    ("PUT", "/search/", 405),
    ("DELETE", "/a/made-up-token/", 405),
    ("GET", "/calendars/made-up.ics", 404),
    ("GET", "/%00/", 404),
)


@pytest.mark.parametrize("accept", ["", "*/*", "application/json"])
@pytest.mark.parametrize(("method", "address", "status"), REFUSED)
def test_a_program_gets_a_problem_document(
    method: str, address: str, status: int, accept: str
) -> None:
    asked = client(accept)
    asked.force_login(factories.person(), backend="django.contrib.auth.backends.ModelBackend")
    answer = asked.generic(method, address)
    assert (answer.status_code, answer["Content-Type"]) == (status, CONTENT_TYPE)
    said = answer.json()
    assert (said["status"], said["code"]) == (
        status,
        {404: "not_found", 405: "method_not_allowed"}[status],
    )
    assert said["detail"]
    assert int(answer["Content-Length"]) == len(answer.content)
    if status == 405:
        assert answer["Allow"] in said["detail"]


@pytest.mark.parametrize("address", ["/nothing/here/", "/services/no-such/x/", "/%00/"])
def test_a_browser_gets_a_page(address: str) -> None:
    answer = client(BROWSER).get(address)
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (404, "text/html")
    assert b"There is no such page" in answer.content


def test_a_refused_form_a_strange_host_and_a_defect_are_told_in_the_form_of_who_asks() -> None:
    said = {}
    for accept in ("application/json", BROWSER):
        asked = client(accept, enforce_csrf_checks=True)
        answers = (
            asked.post("/sign-in/", {"username": "x"}),
            asked.get("/sign-in/", headers={"host": "evil.example:x"}),
            asked.get("/broken/"),
        )
        said[accept] = [(one.status_code, one["Content-Type"].partition(";")[0]) for one in answers]
    assert said["application/json"] == [
        (403, CONTENT_TYPE),
        (400, CONTENT_TYPE),
        (500, CONTENT_TYPE),
    ]
    assert said[BROWSER] == [(403, "text/html"), (400, "text/html"), (500, "text/html")]


def test_a_program_that_is_not_signed_in_is_told_so_and_a_browser_led_to_the_form() -> None:
    answer = client("application/json").get("/services/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert "Location" not in answer
    for accept in ("", "*/*", BROWSER):
        led = client(accept).get("/services/")
        assert (led.status_code, led["Location"]) == (302, "/sign-in/?next=/services/")


def test_keys_in_wrong_addresses_are_not_said_again() -> None:
    answer = client().post("/hook/generic/andon_key_0123456789abcdef")
    assert answer.status_code == 404
    assert "0123456789abcdef" not in answer.content.decode()


def test_somebody_who_is_signed_in_gets_the_same_answers() -> None:
    ann = factories.person("ann")
    for accept, kind in (("application/json", CONTENT_TYPE), (BROWSER, "text/html")):
        asked = client(accept)
        asked.force_login(ann, backend="django.contrib.auth.backends.ModelBackend")
        for address in ("/nothing/here/", "/services/no-such/"):
            answer = asked.get(address)
            assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (404, kind)


def test_who_is_a_machine() -> None:
    for path in ("/api", "/api/v1/x", "/hooks/", "/v2/enqueue", "/metrics", "/calendars/x.ics"):
        assert is_for_machines(path=path, accept=BROWSER), path
    for path in ("/", "/services/", "/apiary/", "/v2x"):
        assert not is_for_machines(path=path, accept=BROWSER), path
        assert not is_for_machines(path=path, accept="*/*"), path
        assert is_for_machines(path=path, accept="application/problem+json"), path
    assert reads_pages(accept=BROWSER)
    assert not reads_pages(accept="image/avif,*/*")
