"""Makes an example of a request that can be copied, from what its schemas say. Pure."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

REF = "#/components/schemas/"
#: What stands for a member or part of an address of which its schema gives no example.
_NAMED = {"person": "ann", "replaces": "ben", "people": "ann", "rotas": "checkout-rota"}
_FORMATS = {
    "date-time": "2026-11-27T22:03:00Z",
    "date": "2026-11-27",
    "uuid": "0192f3c0-7c1e-7a51-9a0b-6a2f5f0b9d11",
}
_STANDS = {"integer": 1, "number": 1.0, "boolean": False, "object": {}}


def curl(document: Schema, method: str, address: str, asked: Schema) -> str:
    """Return the line that asks for an operation with a key from the environment."""
    for one in asked.get("parameters", ()):
        if one["in"] == "path":
            before, _, after = address.partition(f"{{{one['name']}}}")
            noun = before.rstrip("/").rpartition("/")[2]
            value = _NAMED.get(noun) or example_of(document, one["schema"])
            address = f"{before}{value}{after}"
    words = ["curl", '-H "Authorization: Bearer $ANDON_KEY"']
    words += [f"-X {method.upper()}"] if method != "get" else []
    body = asked.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body:
        sent = json.dumps(example_of(document, body))
        words += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(sent)}"]
    return " ".join([*words, shlex.quote(address)])


def example_of(document: Schema, schema: Schema, name: str = "") -> Any:
    """Return something a schema lets through, as far as it says what that is."""
    if "$ref" in schema:
        found = document["components"]["schemas"][schema["$ref"].removeprefix(REF)]
        return example_of(document, found, name)
    if parts := (schema.get("anyOf") or schema.get("allOf")):
        return (
            schema["examples"][0] if "examples" in schema else example_of(document, parts[0], name)
        )
    if "properties" in schema:
        wanted = schema.get("required") or list(schema["properties"])[:1]
        return {one: example_of(document, schema["properties"][one], one) for one in wanted}
    if schema.get("type") == "array":
        return [example_of(document, schema.get("items", {}))]
    return _plain(schema, name)


def _plain(schema: Schema, name: str) -> Any:
    if name in _NAMED:
        return _NAMED[name]
    given = [*schema.get("examples", ()), *(one for one in schema.get("enum", ()) if one)]
    if given:
        return given[0]
    known = _FORMATS.get(schema.get("format", ""))
    return known or schema.get("minimum", _STANDS.get(schema.get("type", ""), "..."))
