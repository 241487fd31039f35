"""Reads an OpenAPI document into what a page shows. Pure: values in, values out."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from andon.web.api.reference.examples import REF, Schema, curl

_SAYS = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*")
_BOUNDS = (
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
)


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Part of a text: plain, `code`, `strong`, or the name of a `schema` described below."""

    text: str
    kind: str = ""


Words = tuple[TextPiece, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A filter, part of an address, or member of a body: what it is called, takes and means."""

    name: str
    type: Words
    about: Words
    required: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class ResponseShown:
    """What may come back."""

    status: str
    what: str
    type: Words

    @property
    def refuses(self) -> bool:
        """Return whether it is a refusal."""
        return self.status >= "400"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for, with an example that can be copied."""

    anchor: str
    method: str
    path: str
    summary: str
    about: Words
    asks: tuple[Member, ...]
    body: Words
    answers: tuple[ResponseShown, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Described:
    """A schema by its name."""

    name: str
    about: Words
    members: tuple[Member, ...]
    type: Words


@dataclass(frozen=True, slots=True)
class ReferencePage:
    """The whole page."""

    title: str
    version: str
    about: tuple[Words, ...]
    groups: tuple[tuple[str, tuple[Operation, ...]], ...]
    schemas: tuple[Described, ...]


def read(document: Schema, *, url: str) -> ReferencePage:
    """Return what a page shows of an OpenAPI document; examples are asked of `url`."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, asked in methods.items():
            tag = (asked.get("tags") or ["Other"])[0]
            groups.setdefault(tag, []).append(_operation(document, method, path, asked, url))
    return ReferencePage(
        title=document["info"]["title"],
        version=document["info"]["version"],
        about=tuple(says(one) for one in document["info"]["description"].split("\n\n")),
        groups=tuple((tag, tuple(found)) for tag, found in groups.items()),
        schemas=tuple(
            Described(
                name=name,
                about=says(schema.get("description", "")),
                members=_members(schema),
                type=() if "properties" in schema else type_of(schema),
            )
            for name, schema in sorted(document["components"]["schemas"].items())
        ),
    )


def says(text: str) -> Words:
    """Return a text with its `code` and **strong** parts told apart."""
    found, end = [], 0
    for match in _SAYS.finditer(text):
        found.append(TextPiece(text[end : match.start()]))
        found.append(TextPiece(match[1] or match[2], "code" if match[1] else "strong"))
        end = match.end()
    return tuple(one for one in (*found, TextPiece(text[end:])) if one.text)


def type_of(schema: Schema) -> Words:
    """Return what a schema takes, in words."""
    if "$ref" in schema:
        return (TextPiece(schema["$ref"].removeprefix(REF), "schema"),)
    parts = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if parts:
        said = [type_of(one) for one in parts if one.get("const") != ""]
        return tuple(_joined(said, " or "))
    if "enum" in schema or "const" in schema:
        # An empty filter is none: nobody need be told of it.
        values = [one for one in schema.get("enum") or [schema["const"]] if one != ""]
        codes = [(TextPiece(json.dumps(one), "code"),) for one in values]
        return (TextPiece("one of " if len(codes) > 1 else ""), *_joined(codes, ", "))
    if schema.get("type") == "array":
        return (TextPiece("list of "), *type_of(schema.get("items", {})), *_bounds(schema))
    if isinstance(schema.get("additionalProperties"), Mapping):
        return (TextPiece("object of "), *type_of(schema["additionalProperties"]))
    name = str(schema.get("format") or schema.get("type") or "anything")
    return (TextPiece(name.replace("date-time", "time (RFC 3339)")), *_bounds(schema))


def _operation(document: Schema, method: str, path: str, asked: Schema, url: str) -> Operation:
    content = asked.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = content.get("schema")
    return Operation(
        anchor=asked["operationId"].rpartition("api_")[2],
        method=method.upper(),
        path=path,
        summary=asked.get("summary", ""),
        about=says(asked.get("description", "")),
        asks=tuple(_parameter(one) for one in asked.get("parameters", ())),
        body=type_of(body) if body else (),
        answers=tuple(_answer(status, one) for status, one in asked["responses"].items()),
        example=curl(document, method, url + path, asked),
    )


def _parameter(one: Schema) -> Member:
    return Member(
        name=one["name"],
        type=type_of(one["schema"]),
        about=_about(one["schema"] | {"description": one.get("description", "")}),
        required=one.get("required", False),
        place="in the path" if one["in"] == "path" else "filter",
    )


def _answer(status: int | str, answer: Schema) -> ResponseShown:
    [*schemas] = (one.get("schema") for one in answer.get("content", {}).values())
    return ResponseShown(
        str(status), answer.get("description", ""), type_of(schemas[0]) if schemas else ()
    )


def _members(schema: Schema) -> tuple[Member, ...]:
    needed = schema.get("required", ())
    return tuple(
        Member(name, type_of(one), _about(one), name in needed)
        for name, one in schema.get("properties", {}).items()
    )


def _about(schema: Schema) -> Words:
    words = [says(schema["description"])] if schema.get("description") else []
    if "default" in schema and schema["default"] not in (None, ""):
        words.append((TextPiece("Without it: "), TextPiece(json.dumps(schema["default"]), "code")))
    return tuple(_joined(words, " "))


def _bounds(schema: Schema) -> Words:
    said = [words.format(schema[name]) for name, words in _BOUNDS if name in schema]
    return (TextPiece(f", {', '.join(said)}"),) if said else ()


def _joined(parts: Sequence[Words], between: str) -> Iterator[TextPiece]:
    for number, part in enumerate(parts):
        if number:
            yield TextPiece(between)
        yield from part
