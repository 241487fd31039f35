"""What Grafana cannot tell us here: dashboards checked against the SDK's types, and a lint.

The lint is in the spirit of grafana/dashboard-linter. Two of its rules are left out on purpose:
recorded series have neither `job` nor `instance`, so there are no such variables to ask for.
"""

import enum
import json
import re
import types
import typing
from collections.abc import Iterator
from typing import Any

import promql_parser

from andon.integrations.grafana.sdk import JSONEncoder, models

# After ours, which imports the SDK without its warning.
from grafana_foundation_sdk.cog.plugins import register_default_plugins  # isort: skip

#: What Grafana puts in before it asks, as it might be.
VARIABLES = {
    "${__from:date:seconds}": "1700000000",
    "$__range_s": "864000",
    "$__range": "864000s",
    "$__rate_interval": "5m",
}
#: The units in use, all of Grafana's list of value formats.
UNITS = {"none", "short", "percentunit", "s", "cps", "currencyGBP", "currencyUSD", "currencyCHF"}
NO_DATA_PANELS = {"row", "text"}


def expanded(expr: str, variables: dict[str, str] | None = None) -> str:
    """Return a query as the data source gets it."""
    for name, value in {**VARIABLES, **(variables or {})}.items():
        expr = expr.replace(name, value)
    return expr


def panels(document: dict[str, Any], *, kind: str = "") -> list[dict[str, Any]]:
    return [panel for panel in document["panels"] if kind in ("", panel["type"])]


def expressions(document: dict[str, Any]) -> Iterator[str]:
    """Yield every query of a dashboard, those of its annotations too."""
    for panel in document["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]
    for annotation in document["annotations"]["list"]:
        yield annotation["target"]["expr"]


def expression(document: dict[str, Any], title: str, index: int = 0) -> str:
    """Return the query of the first panel with a title."""
    panel = next(panel for panel in document["panels"] if panel["title"] == title)
    return str(panel["targets"][index]["expr"])


# --- the schema ---------------------------------------------------------------------------------


def schema_problems(document: dict[str, Any]) -> list[str]:
    """Return where a dashboard is not as the SDK's types have it: unknown fields, wrong values."""
    register_default_plugins()
    read = models.Dashboard.from_json(json.loads(json.dumps(document)))
    written = json.loads(json.dumps(read, cls=JSONEncoder))
    return [*_differences(document, written, "$"), *_type_problems(read, "$")]


def _differences(ours: Any, theirs: Any, where: str) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            if key not in theirs:
                yield f"{where}.{key}: not in the schema"
            elif key not in ours:
                yield f"{where}.{key}: missing"
            else:
                yield from _differences(ours[key], theirs[key], f"{where}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _differences(one, other, f"{where}[{index}]")
    elif ours != theirs:
        yield f"{where}: {ours!r} came back as {theirs!r}"


def _type_problems(value: Any, where: str) -> Iterator[str]:
    hints = typing.get_type_hints(type(value))
    for name, hint in hints.items():
        if hasattr(value, name):
            yield from _against(getattr(value, name), hint, f"{where}.{name}")


def _against(value: Any, hint: Any, where: str) -> Iterator[str]:
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any or hint is object:
        if hasattr(value, "to_json"):
            yield from _type_problems(value, where)
    elif origin in (typing.Union, types.UnionType):
        if value is None and types.NoneType in options:
            return
        fitting = [option for option in options if option is not types.NoneType]
        tried = [list(_against(value, option, where)) for option in fitting]
        yield from min(tried, key=len)
    elif origin is typing.Literal:
        if value not in options:
            yield f"{where}: {value!r} is not one of {options}"
    elif origin is list:
        yield from _list(value, options[0], where)
    elif origin is dict:
        if not isinstance(value, dict):
            yield f"{where}: {value!r} is not a mapping"
        else:
            for key, item in value.items():
                yield from _against(item, options[1], f"{where}.{key}")
    else:
        yield from _plain(value, hint, where)


def _list(value: Any, hint: Any, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where}: {value!r} is not a list"
        return
    for index, item in enumerate(value):
        yield from _against(item, hint, f"{where}[{index}]")


def _plain(value: Any, hint: Any, where: str) -> Iterator[str]:
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        if value not in {member.value for member in hint}:
            yield f"{where}: {value!r} is not a {hint.__name__}"
    elif hint is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{where}: {value!r} is not a number"
    elif hint is int:
        if isinstance(value, bool) or not isinstance(value, int):
            yield f"{where}: {value!r} is not an integer"
    elif isinstance(value, dict) and hasattr(hint, "from_json"):
        # Some lists of the SDK's values are read as they are; read them the rest of the way.
        read = hint.from_json(value)
        yield from _differences(value, json.loads(json.dumps(read, cls=JSONEncoder)), where)
        yield from _type_problems(read, where)
    elif not isinstance(value, hint):
        yield f"{where}: {value!r} is not a {hint.__name__}"
    elif hasattr(value, "to_json"):
        yield from _type_problems(value, where)


# --- the lint -----------------------------------------------------------------------------------


def lint(document: dict[str, Any]) -> list[str]:
    """Return what Grafana would show badly or not at all."""
    found = [*_about_the_whole(document), *_about_the_grid(document)]
    for panel in document["panels"]:
        where = f"panel {panel.get('id')} {panel.get('title')!r}"
        found += [f"{where}: {problem}" for problem in _about_a_panel(panel)]
    for annotation in document["annotations"]["list"]:
        where = f"annotation {annotation.get('name')!r}"
        found += [f"{where}: {p}" for p in _about_a_query(annotation.get("target", {}))]
    return found


def _about_the_whole(document: dict[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", document.get("uid", "")):
        yield f"uid {document.get('uid')!r} is not 1 to 40 letters, digits, - and _"
    if not document.get("title", "").strip():
        yield "no title"
    if document.get("editable", True):
        yield "editable: what a person changes here is overwritten"
    if not document.get("time", {}).get("from", "").startswith("now-"):
        yield "the time range is not relative, and time overrides of panels need that"
    sources = [v for v in document["templating"]["list"] if v["type"] == "datasource"]
    if [(v["name"], v["label"], v["query"]) for v in sources] != [
        ("datasource", "Data source", "prometheus")
    ]:
        yield "not exactly one variable `datasource`, labelled `Data source`, for Prometheus"
    ids = [panel.get("id") for panel in document["panels"]]
    if len(set(ids)) != len(ids) or None in ids or 0 in ids:
        yield "panels without an id of their own"
    for link in document.get("links", []):
        if not re.match(r"https?://", link["url"]):
            yield f"link {link['title']!r} leads to {link['url']!r}"
    if "%%" in json.dumps({**document, "panels": [], "title": ""}):
        yield "a blank was not filled in"


def _about_the_grid(document: dict[str, Any]) -> Iterator[str]:
    taken: dict[tuple[int, int], int] = {}
    for panel in document["panels"]:
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24 or min(place.values()) < 0:
            yield f"panel {panel['id']} stands outside the grid"
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if (x, y) in taken:
                    yield f"panels {taken[x, y]} and {panel['id']} overlap"
                    return
                taken[x, y] = panel["id"]


def _about_a_panel(panel: dict[str, Any]) -> Iterator[str]:
    if not panel.get("title", "").strip():
        yield "no title"
    if panel["type"] != "row" and not panel.get("description", "").strip():
        yield "no description"
    if panel["type"] in NO_DATA_PANELS:
        return
    if panel.get("datasource") != {"type": "prometheus", "uid": "${datasource}"}:
        yield "not the templated data source"
    if panel["fieldConfig"]["defaults"].get("unit") not in UNITS:
        yield f"unit {panel['fieldConfig']['defaults'].get('unit')!r}"
    targets = panel.get("targets") or []
    if not targets:
        yield "no query"
    refs = [target.get("refId") for target in targets]
    if len(set(refs)) != len(refs) or not all(refs):
        yield f"refIds {refs}"
    for target in targets:
        yield from _about_a_query(target)


def _about_a_query(target: dict[str, Any]) -> Iterator[str]:
    if target.get("datasource") != {"type": "prometheus", "uid": "${datasource}"}:
        yield "a query without the templated data source"
    expr = expanded(target.get("expr", ""))
    if "$" in expr or "%%" in expr:
        yield f"something was not put in: {expr}"
        return
    try:
        promql_parser.parse(expr)
    except ValueError as error:
        yield f"{expr}: {error}"
    for function in re.findall(r"([a-z_]+)\([a-z_:]*_total\b", expr):
        if function not in ("rate", "irate", "increase"):
            yield f"a counter under {function}"
    if (
        re.search(r"\birate\(|\brate\(", target["expr"])
        and "$__rate_interval" not in target["expr"]
    ):
        yield "rate over something else than $__rate_interval"
