"""What a route does not know is refused, at every list and every write; people write INC-2."""

import json
from typing import Any

import pytest

from andon.incidents.models import Incident
from andon.incidents.queries import parse_number
from andon.web.api.urls import api as definition

DOCUMENT = definition.get_openapi_schema()
HELD = {
    "number": "1",
    "uid": "0192f3c0-7c1e-7a51-9a0b-6a2f5f0b9d11",
    "slug": "checkout",
    "key": "1",
    "override": "1",
}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for template, methods in DOCUMENT["paths"].items():
        path = template
        for name, value in HELD.items():
            path = path.replace(f"{{{name}}}", value)
        assert "{" not in path, f"{template}: say in HELD what stands there"
        found += [(method.upper(), path, asked) for method, asked in methods.items()]
    return found


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return resolved(DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return schema


def objects(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every object that may stand in a body, however deep."""
    whole = resolved(schema)
    found = [whole] if whole.get("type") == "object" else []
    inner = [*whole.get("properties", {}).values(), *whole.get("anyOf", [])]
    inner += [whole["items"]] if "items" in whole else []
    return found + [one for part in inner for one in objects(part)]


def minimal(schema: dict[str, Any]) -> Any:
    """Return something small that a schema lets through."""
    whole = resolved(schema)
    if "anyOf" in whole:
        return minimal(whole["anyOf"][0])
    if "enum" in whole:
        return whole["enum"][0]
    if whole.get("type") == "object":
        return {name: minimal(whole["properties"][name]) for name in whole.get("required", [])}
    if whole.get("type") == "array":
        return [minimal(whole["items"])]
    if whole.get("format") == "date-time":
        return "2026-11-27T22:03:00Z"
    numbers = {"integer": whole.get("minimum", 1), "number": whole.get("minimum", 1)}
    return numbers.get(whole.get("type", ""), "x")


def test_every_route_refuses_a_filter_it_does_not_know(staff, incident):
    wrong = {}
    for method, path, asked in operations():
        sent = asked.get("requestBody", {}).get("content", {}).get("application/json", {})
        body = json.dumps(minimal(sent["schema"]) if sent else {})
        parameters = [one for one in asked.get("parameters", ()) if one["in"] == "query"]
        needed = {one["name"]: minimal(one["schema"]) for one in parameters if one.get("required")}
        answer = staff.generic(
            method,
            path,
            data="" if method == "GET" else body,
            content_type="application/json",
            query_params={**needed, "no_such_filter": "x"},
        )
        said = answer.json()
        told = (said.get("code"), said.get("unknown"), said.get("known"))
        if told != ("unknown_filter", ["no_such_filter"], [one["name"] for one in parameters]):
            wrong[f"{method} {path}"] = said
        assert answer.status_code in (400, 422), path
    assert wrong == {}


def test_a_misspelt_filter_is_answered_with_the_nearest(api, incident):
    answer = api.get("/api/v1/incidents?stat=open")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    detail = answer.json()["detail"]
    assert detail.startswith("There is no filter `stat`; did you mean `state`? Filters here: `")
    assert "`service`" in detail
    answer = api.get("/api/v1/me?x=1")
    assert "Filters here: none." in answer.json()["detail"]


def test_a_filter_given_twice_is_refused(api, incident):
    answer = api.get("/api/v1/incidents?state=open&state=closed")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_filter")
    assert "more than once" in answer.json()["detail"]


def test_who_asks_comes_before_what_they_ask(client_of):
    assert client_of().get("/api/v1/incidents?stat=open").status_code == 401


def test_a_secret_in_a_filters_name_is_not_said_again(api):
    key = "andon_key_" + "a" * 40
    assert key not in api.get(f"/api/v1/me?{key}=1").content.decode()


def test_every_body_refuses_members_it_does_not_know():
    loose = [
        f"{method} {path}: {one.get('title')}"
        for method, path, asked in operations()
        if "requestBody" in asked
        for one in objects(asked["requestBody"]["content"]["application/json"]["schema"])
        if one.get("additionalProperties") is not False
    ]
    assert loose == []


def test_a_write_that_takes_no_body_refuses_one(api, incident):
    path = "/api/v1/incidents/INC-1/acknowledge"
    answer = api.post(path, {"note": "on it"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert Incident.objects.get().acknowledged_at is None
    assert api.post(path, {}, content_type="application/json").status_code == 200


@pytest.mark.parametrize(
    "written", ["INC-1", "inc-1", "Inc-1", "1", "%231", "INC%201", "inc1", "0001"]
)
def test_an_incident_is_read_by_its_reference_as_people_write_it(api, incident, written):
    answer = api.get(f"/api/v1/incidents/{written}")
    assert (answer.status_code, answer.json()["name"]) == (200, "INC-1")
    assert api.get(f"/api/v1/incidents/{written}/timeline").status_code == 200


@pytest.mark.parametrize("written", ["INC-", "PX-1", "one", "INC-1x", "-1", "0", "9" * 40, "%00"])
def test_what_is_no_reference_is_refused_in_words(api, incident, written):
    answer = api.get(f"/api/v1/incidents/{written}")
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"


def test_many_are_acknowledged_by_reference(api, incident):
    answer = api.post(
        "/api/v1/incidents/acknowledge",
        {"numbers": ["INC-1", "inc-2"]},
        content_type="application/json",
    )
    assert (answer.json()["done"], list(answer.json()["refused"])) == ([1], ["2"])


@pytest.mark.parametrize(
    ("text", "number"),
    [("INC-2", 2), ("inc 2", 2), ("#2", 2), (" Inc2 ", 2), ("02", 2), ("INC--2", None), ("", None)],
)
def test_a_reference_is_understood(text, number):
    assert parse_number(text) == number
