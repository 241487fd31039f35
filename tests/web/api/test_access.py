"""Who may do what: keys, sessions, staff; and errors outside any route."""

import pytest
from django.test import Client

from andon.incidents import queries
from andon.people.models import ApiKey
from andon.web.api.urls import api as definition
from tests.support import factories as make

HOST = "127.0.0.1:8000"
GETS = [
    path.replace("{number}", "1").replace("{slug}", "checkout")
    for path, operations in definition.get_openapi_schema(path_prefix="/api/v1/")["paths"].items()
    if "get" in operations and "{uid}" not in path
]


@pytest.mark.parametrize("path", GETS)
def test_nothing_is_readable_without_a_key(client_of, path):
    answer = client_of().get(path)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="andon"'
    assert answer.json()["code"] == "not_signed_in"


@pytest.mark.parametrize("path", GETS)
def test_everything_is_readable_with_a_key_of_staff(staff, incident, path):
    answer = staff.get(path.replace("rotas/checkout", "rotas/fruit-rota"))
    absent = ("teams/checkout", "domains/checkout", "people/checkout", "objectives/checkout")
    if any(one in path for one in absent):
        assert answer.status_code == 404
    else:
        assert answer.status_code == 200, answer.content


def test_the_document_is_readable_without_a_key(client_of):
    answer = client_of().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "Andon"


def test_a_revoked_key_opens_nothing(api, ann):
    assert api.get("/api/v1/me").status_code == 200
    ApiKey.objects.update(revoked_at=make.NOW)
    assert api.get("/api/v1/me").status_code == 401


def test_a_key_of_somebody_who_left_opens_nothing(api, ann):
    ann.is_active = False
    ann.save()
    assert api.get("/api/v1/me").status_code == 401


def test_a_key_of_the_organisation_acts_under_its_own_name(db, incident):
    headers = {"host": HOST, "authorization": f"Bearer {make.api_key(None, name='chat bot')}"}
    bot = Client(headers=headers)
    answer = bot.post("/api/v1/incidents/1/acknowledge", {}, content_type="application/json")
    assert answer.json()["acknowledged_by"] == "chat bot"
    assert bot.get("/api/v1/integration-keys").status_code == 403


def test_the_portals_session_reads(ann, client_of):
    browser = client_of()
    browser.force_login(ann, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/api/v1/me").json()["person"] == {"slug": "ann", "name": "Ann"}


def test_the_portals_session_changes_nothing_without_the_csrf_token(ann, client_of, incident):
    browser = client_of(enforce_csrf_checks=True)
    browser.force_login(ann, backend="django.contrib.auth.backends.ModelBackend")
    path = "/api/v1/incidents/1/acknowledge"
    refused = browser.post(path, {}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    browser.cookies["csrftoken"] = token = "a" * 32
    allowed = browser.post(
        path, {}, content_type="application/json", headers={"x-csrftoken": token}
    )
    assert allowed.status_code == 200


def test_a_key_needs_no_csrf_token(ann, client_of, incident):
    machine = client_of(ann, enforce_csrf_checks=True)
    path = "/api/v1/incidents/1/acknowledge"
    assert machine.post(path, {}, content_type="application/json").status_code == 200


def test_integration_keys_are_for_staff_only(api, staff):
    path, body = "/api/v1/integration-keys", {"name": "vmalert", "kind": "alertmanager"}
    assert api.get(path).status_code == 403
    assert api.post(path, body, content_type="application/json").status_code == 403
    assert api.delete(f"{path}/1").status_code == 403
    made = staff.post(path, body, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["key"].startswith("andon_key_")
    [listed] = staff.get(path).json()
    assert (listed["name"], listed["created_by"]) == ("vmalert", "root")
    assert "key" not in listed
    assert staff.delete(f"{path}/{listed['id']}").status_code == 204
    assert staff.get(path).json()[0]["revoked_at"] is not None
    assert staff.delete(f"{path}/{listed['id']}").status_code == 404


@pytest.mark.parametrize(
    ("kind", "asked", "got"),
    [("alertmanager", {}, 0), ("generic", {}, 1200), ("generic", {"per_minute": 0}, 0)],
)
def test_a_key_has_the_rate_of_its_kind_or_the_one_asked_for(staff, kind, asked, got):
    path, body = "/api/v1/integration-keys", {"name": "x", "kind": kind, **asked}
    assert staff.post(path, body, content_type="application/json").status_code == 201
    assert staff.get(path).json()[0]["per_minute"] == got


def test_an_address_that_is_none_is_a_problem_too(api):
    answer = api.get("/api/v1/nothing/here")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_a_method_that_is_not_possible_is_a_problem_too(api):
    answer = api.put("/api/v1/incidents", {}, content_type="application/json")
    assert (answer.status_code, answer["Allow"]) == (405, "GET")
    assert answer.json()["code"] == "method_not_allowed"


def test_our_own_fault_is_a_500_problem_that_tells_nothing(api, monkeypatch, caplog):
    def fail(**_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(queries, "list_incidents", fail)
    answer = api.get("/api/v1/incidents")
    assert (answer.status_code, answer.json()["code"]) == (500, "our_fault")
    assert b"secret" not in answer.content
    assert "secret detail" in caplog.text


def test_a_body_beyond_what_django_keeps_is_413_and_a_problem(api, settings):
    """In front of Django nothing larger passes; should the two bounds ever differ, it is no 500."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    answer = api.post(
        "/api/v1/incidents/acknowledge", {"numbers": [1, 2, 3, 4]}, content_type="application/json"
    )
    assert (answer.status_code, answer["content-type"]) == (413, "application/problem+json")
    assert answer.json()["code"] == "too_large"
