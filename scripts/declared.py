"""Writes what follows from the declarations of the catalogue: editors' schemas, tables of the docs.

`python scripts/declared.py` writes them; a test asks `stale()` whether that was forgotten.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from andon.catalogue.rules.documents.annotations import contacts
from andon.catalogue.rules.documents.envelope import OUR_KINDS, REQUIRED, SPELT, UNREAD
from andon.catalogue.rules.presets import PRESETS
from andon.catalogue.types.declared import PROFILE
from andon.catalogue.types.entity import BACKSTAGE, NOTES, OURS, PREFIX, SPEC
from andon.catalogue.types.organisations import Organisation
from andon.catalogue.types.written import WRITTEN, keys
from andon.core.documents import declaring
from andon.core.documents.declaring import DeclaredKey
from andon.people.types import CONTACT_KINDS

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "src" / "andon" / "catalogue" / "schemas"
PAGE = ROOT / "docs" / "catalogue.md"
BEGIN, END = "<!-- declared: {} -->", "<!-- /declared -->"
DRAFT = "http://json-schema.org/draft-07/schema#"
#: Kinds whose `spec` is Andon's own: nobody else may add to it.
CLOSED = frozenset(OUR_KINDS)
_NAME = "^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$"
_URL = r"^(?!(https?|wss?|ftp):[/?#]*$)[a-zA-Z][a-zA-Z0-9+.-]*:\S+$"
_TEXT = {"type": "string", "minLength": 1}
_LABEL = {"type": "string", "pattern": f"^({_NAME[1:-1]})?$", "maxLength": 63}
_TAG = {"type": "string", "pattern": "^[a-z0-9:+#]+(-[a-z0-9:+#]+)*$", "maxLength": 63}
#: One of two keys, by kind.
_EITHER = {"rota": ("team", "domain"), "alertrule": ("expr", "logs")}

Schema = dict[str, Any]


def of_key(one: DeclaredKey) -> Schema:
    """Return what editors are told of a key."""
    said = f"{one.key.doc} {one.kind.hint}".strip()
    found: Schema = {"description": said} if said else {}
    if one.kind.of is None:
        schema = dict(one.kind.schema)
        # Annotations are text, numbers too.
        texts = schema.get("oneOf", ()) if one.key.within == NOTES else ()
        schema = next((dict(form) for form in texts if form["type"] == "string"), schema)
        return schema | found
    inner = of_value(one.kind.of)
    if one.kind.is_list:
        return {"type": "array", **one.kind.schema, **found, "items": inner}
    return {**inner, **found}


def of_value(of: type[Any]) -> Schema:
    """Return what editors are told of a mapping of declared keys."""
    return mapping(declaring.keys(of))


def mapping(found: tuple[DeclaredKey, ...], *, is_open: bool = False) -> Schema:
    """Return a mapping of keys, those that stand in one of its own gathered there."""
    schema: Schema = {
        "type": "object",
        "properties": {one.name: of_key(one) for one in found},
        "additionalProperties": is_open,
    }
    required = [one.name for one in found if one.key.required or one.kind.is_required]
    return schema | ({"required": required} if required else {})


def entity(kind: str) -> Schema:
    """Return the schema of a kind of entity."""
    spelt = SPELT[kind]
    anycase = "".join(f"[{letter.lower()}{letter.upper()}]" for letter in spelt)
    return {
        "$schema": DRAFT,
        "$id": f"{kind}.json",
        "title": spelt,
        "type": "object",
        "additionalProperties": False,
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"enum": [OURS] if kind in OUR_KINDS else list(BACKSTAGE)},
            "kind": {"type": "string", "pattern": f"^{anycase}$"},
            "metadata": metadata(kind),
            "spec": organisation() if kind == "organisation" else spec(kind),
        },
    }


def metadata(kind: str) -> Schema:
    """Return what stands in the metadata of a kind, its annotations among it."""
    notes = {one.name: of_key(one) for one in keys(kind, NOTES)}
    if kind == "user":
        notes |= {PREFIX + name: contact(name) for name in contacts()}
    others = "|".join(name.removeprefix(PREFIX) for name in sorted(notes))
    closed = f"^andon\\.dev/(?!({others})$)" if notes else r"^andon\.dev/"
    link = {"url": {"type": "string", "description": "Absolute.", "pattern": _URL}}
    name = {"type": "string", "pattern": _NAME, "maxLength": 63}
    space = {"type": "string", "pattern": "^[a-z0-9]+(?:-+[a-z0-9]+)*$", "maxLength": 63}
    return {
        "type": "object",
        "properties": {
            "name": {"description": "At most 63 letters, digits, - _ and .", **name},
            "namespace": {"description": "Lower case; leave out for `default`.", **space},
            "title": {"description": "The name people read.", **_TEXT},
            "description": _TEXT,
            "labels": {"type": "object", "additionalProperties": _LABEL},
            "annotations": {
                "type": "object",
                "properties": notes,
                "additionalProperties": {"type": "string"},
                "patternProperties": {closed: False},
            },
            "tags": {"type": "array", "items": _TAG},
            "links": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {**link, "title": _TEXT, "icon": _TEXT},
                    "additionalProperties": True,
                    "required": ["url"],
                },
            },
        },
        "additionalProperties": True,
        "required": ["name"],
    }


def spec(kind: str) -> Schema:
    """Return what stands in the `spec` of a kind."""
    found = mapping(keys(kind, SPEC), is_open=kind not in CLOSED)
    if profile := keys(kind, PROFILE):
        found["properties"][PROFILE] = mapping(profile, is_open=True)
    needed = dict.fromkeys([*found.get("required", ()), *REQUIRED.get(kind, ())])
    needed |= dict.fromkeys(["type"] if kind == "domain" else [])
    found |= {"required": list(needed)} if needed else {}
    either = [{"required": [key]} for key in _EITHER.get(kind, ())]
    return found | ({"oneOf": either} if either else {})


def organisation() -> Schema:
    """Return what stands in an Organisation's `spec`."""
    every = declaring.keys(Organisation)
    found = mapping(tuple(one for one in every if not one.key.within))
    for within in dict.fromkeys(one.key.within for one in every if one.key.within):
        found["properties"][within] = mapping(
            tuple(one for one in every if one.key.within == within)
        )
    properties = found["properties"]
    properties["availabilityTargets"]["properties"]["preset"]["enum"] = list(PRESETS)
    properties["fallback"]["items"] = {
        "type": "object",
        "properties": {name: contact(name) for name in CONTACT_KINDS.names()},
        "additionalProperties": False,
        "minProperties": 1,
    }
    return found


def contact(name: str) -> Schema:
    """Return what editors are told of an address of a kind of contact."""
    kind = CONTACT_KINDS.of(name)
    form = kind.form
    said = kind.what[:1].upper() + kind.what[1:]
    return {
        "type": "string",
        "description": f"{said}.",
        "pattern": form.pattern,
        "maxLength": form.longest,
    }


def whole() -> Schema:
    """Return the schema that picks another by an entity's kind."""
    picks = [
        {
            "if": {
                "required": ["kind"],
                "properties": {"kind": {"enum": [SPELT[kind], kind]}},
            },
            "then": {"$ref": f"{kind}.json"},
        }
        for kind in SPELT
        if kind in WRITTEN
    ]
    known = [*SPELT.values(), *(one.capitalize() for one in UNREAD), *SPELT, *UNREAD]
    ours = {
        "if": {
            "required": ["apiVersion", "kind"],
            "properties": {"apiVersion": {"pattern": r"^(andon\.dev|backstage\.io)/"}},
        },
        "then": {"properties": {"kind": {"enum": list(dict.fromkeys(known))}}},
    }
    return {
        "$schema": DRAFT,
        "$id": "catalogue.json",
        "title": "Andon catalogue",
        "description": "Any entity of the catalogue: chosen by its kind. "
        "Other kinds pass, but not under andon.dev/ and backstage.io/.",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata"],
        "allOf": [*picks, ours],
    }


def annotations() -> str:
    """Return the table of annotations, by what carries them."""
    carried: dict[str, tuple[DeclaredKey, list[str]]] = {}
    for kind in WRITTEN:
        for one in keys(kind, NOTES):
            carried.setdefault(one.name, (one, []))[1].append(SPELT[kind])
    rows = ["| Key | On | Example | Meaning |", "|---|---|---|---|"]
    for name, (one, kinds) in sorted(carried.items()):
        said = of_key(one).get("description", "").replace("|", "\\|")
        words = [f"`{word}`" for word in one.kind.schema.get("enum", ())]
        choice = f" One of {', '.join(words)}." if words else ""
        example = f"`{one.key.example}`" if one.key.example else ""
        rows.append(f"| `{name}` | {', '.join(sorted(kinds))} | {example} | {said}{choice} |")
    return "\n".join(rows)


def written() -> dict[Path, str]:
    """Return what every file has to hold."""
    schemas = {f"{kind}.json": entity(kind) for kind in WRITTEN} | {"catalogue.json": whole()}
    found = {SCHEMAS / name: json.dumps(one, indent=2) + "\n" for name, one in schemas.items()}
    begin = BEGIN.format("annotations")
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(END)}", re.DOTALL)
    table = f"{begin}\n{annotations()}\n{END}"
    return found | {PAGE: pattern.sub(lambda _: table, PAGE.read_text(encoding="utf-8"))}


def stale() -> list[str]:
    """Return the files that do not hold what the declarations say."""
    return [
        path.relative_to(ROOT).as_posix()
        for path, text in written().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def main() -> int:
    """Write every file that is stale."""
    from andon.integrations import gathering  # noqa: PLC0415 - kinds of contact are declared there

    gathering.gather()
    for name in stale():
        print(name)
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
