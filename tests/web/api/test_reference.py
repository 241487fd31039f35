"""The reference page is the OpenAPI document, readable by people: nothing left out, no script."""

import json
import re
import shlex
from html import unescape

import pytest

from andon.web.api.reference.read import TextPiece, says, type_of
from andon.web.api.urls import api as definition

DOCUMENT = definition.get_openapi_schema()


@pytest.fixture
def page(client_of):
    return client_of().get("/api/v1/docs")


def examples(page):
    return [unescape(one) for one in re.findall(r"<pre[^>]*>([^<]+)<", page.content.decode())]


def test_everything_the_document_has_is_on_the_page_and_leads_somewhere(page):
    text = unescape(re.sub(r"<[^>]+>", "", page.content.decode()))
    for path, methods in DOCUMENT["paths"].items():
        for method, asked in methods.items():
            assert f"{method.upper()} {path}" in text
            for one in asked.get("parameters", ()):
                assert one["name"] in text
    links = set(re.findall(r'href="#([^"]+)"', page.content.decode()))
    anchors = set(re.findall(r'id="([^"]+)"', page.content.decode()))
    assert set(DOCUMENT["components"]["schemas"]) <= anchors
    assert links <= anchors
    assert len(anchors) == len(re.findall(r' id="', page.content.decode())), "each is there once"


def test_it_is_read_without_a_key_and_without_anything_from_elsewhere(page):
    assert page.status_code == 200
    text = page.content.decode()
    assert "<script" not in text
    assert " style=" not in text
    assert set(re.findall(r'(?:src|href)="(\w+:[^"]*)"', text)) == set()


def test_the_api_begins_with_its_reference(client_of):
    answer = client_of().get("/api/v1/")
    assert (answer.status_code, answer["Location"]) == (302, "/api/v1/docs")
    answer = client_of().post("/api/v1/docs")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_examples_name_the_configured_address_and_are_understood(page, settings, staff, incident):
    lines = examples(page)
    assert len(lines) == sum(len(one) for one in DOCUMENT["paths"].values())
    for line in lines:
        words = shlex.split(line)
        assert words[:3] == ["curl", "-H", "Authorization: Bearer $ANDON_KEY"]
        assert words[-1].startswith(f"{settings.ANDON_URL}/api/v1/")
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        data = words[words.index("-d") + 1] if "-d" in words else ""
        if data:
            json.loads(data)
        path = words[-1].removeprefix(settings.ANDON_URL)
        answer = staff.generic(method, path, data, content_type="application/json")
        assert answer.status_code not in (400, 405, 422, 500), (line, answer.content)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "string"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({"type": "string", "maxLength": 9}, "string, at most 9 characters"),
        ({"enum": ["", "open", "closed"]}, 'one of "open", "closed"'),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Ref"}}, "list of Ref"),
        ({"type": "string", "format": "date-time"}, "time (RFC 3339)"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "object of string"),
    ],
)  # fmt: skip
def test_what_a_schema_takes_is_said_in_words(schema, words):
    assert "".join(one.text for one in type_of(schema)) == words


def test_code_and_strong_words_are_told_apart():
    assert says("Send `a` **now**.") == (
        TextPiece("Send "), TextPiece("a", "code"), TextPiece(" "), TextPiece("now", "strong"),
        TextPiece("."),
    )  # fmt: skip
