"""Whether the query for deployments can be asked for many services at once.

Then each `$service` becomes a choice of slugs, so that the answer must keep apart which service was
deployed: by the label `service`, from the selectors to the top.
"""

from collections.abc import Callable, Mapping
from typing import Any

import promql_parser

from andon.slo.rules.deployments import LABEL, SERVICE, of_services, places
from andon.slo.rules.documents import promql

#: Labels that name the service; None where an expression does not ask for one.
_Names = frozenset[str] | None
_NOTHING: frozenset[str] = frozenset()
_EQUAL = ("Equal", "Re")
#: What gives one answer for all services, however many are asked for.
_ONE_ANSWER = ("absent", "absent_over_time", "scalar", "vector")
EXAMPLE = f'changes(app_info{{service="{SERVICE}"}}[5m]) > 0'


class UnableToTellApart(ValueError):
    """The query cannot be asked for many services at once; `fix` says what to write instead."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def check(text: str) -> None:
    """Raise UnableToTellApart, or promql.Unreadable where it is no PromQL."""
    parsed = promql.parse(text)
    names = _names(parsed)
    written, whole = text.count(SERVICE), places(text)
    if names is None and not written:
        raise UnableToTellApart(f"does not say where {SERVICE} goes", f"Write {EXAMPLE}.")
    if written != whole:
        fix = f'Write service="{SERVICE}", and nothing beside it between the quotes.'
        raise UnableToTellApart(f"has {SERVICE} where no label's whole value is", fix)
    if names and LABEL not in names:
        other = min(names)
        message = f"does not keep the label `{LABEL}`: its answer tells services by `{other}`"
        fix = f'Put label_replace(..., "{LABEL}", "$1", "{other}", "(.*)") around it.'
        raise UnableToTellApart(message, fix)
    promql.parse(of_services(query=text, services=["checkout"]))


def _names(one: Any) -> _Names:
    found = _KINDS[type(one).__name__](one)
    if found is not None and not found:
        message = f"does not keep the label `{LABEL}`: `{str(one)[:120]}` is one for all services"
        fix = f"Aggregate `by ({LABEL})` and match `on ({LABEL})`."
        raise UnableToTellApart(message, fix)
    return found


def _selector(one: Any) -> _Names:
    if any(SERVICE in each.value for some in one.matchers.or_matchers for each in some):
        return _NOTHING
    asked = [each for each in one.matchers.matchers if SERVICE in each.value]
    if any(str(each.op).rpartition(".")[2] not in _EQUAL for each in asked):
        fix = f'Ask for the service itself: service="{SERVICE}".'
        raise UnableToTellApart(f"asks for all but {SERVICE}", fix)
    return frozenset(each.name for each in asked) or None


def _call(one: Any) -> _Names:
    if one.func.name in ("label_replace", "label_join"):
        return _relabelled(one)
    found = [names for names in map(_names, one.args) if names is not None]
    if not found:
        return None
    return _NOTHING if one.func.name in _ONE_ANSWER else frozenset.intersection(*found)


def _relabelled(one: Any) -> _Names:
    names = _names(one.args[0])
    if names is None:
        return None
    texts = [getattr(each, "val", "") for each in one.args[1:]]
    target = texts[0]
    if one.func.name == "label_replace":
        is_named = texts[2] in names and "$" in texts[1]
    else:
        is_named = bool(names & set(texts[2:]))
    return names | {target} if is_named else names - {target}


def _aggregate(one: Any) -> _Names:
    names, kept = _names(one.expr), one.modifier
    if names is None:
        return None
    return _NOTHING if kept is None else _of_labels(names, kept)


def _of_labels(names: frozenset[str], kept: Any) -> frozenset[str]:
    """Return what is left of names by `by` or `without`, `on` or `ignoring`."""
    is_list = str(kept.type).rpartition(".")[2] in ("By", "Include")
    return names & set(kept.labels) if is_list else names - set(kept.labels)


def _binary(one: Any) -> _Names:
    left, right = _names(one.lhs), _names(one.rhs)
    if left is None or right is None:
        return _one_sided(one, left, right)
    matched = _matched(one, left & right)
    if not matched:
        return _NOTHING
    if str(one.op) in ("and", "unless"):
        return left
    if str(one.op) == "or":
        return left & right
    return {"ManyToOne": left, "OneToMany": right}.get(_card(one), matched)


def _one_sided(one: Any, left: _Names, right: _Names) -> _Names:
    """Return the names where only one side, or none, asks for a service."""
    names = left if right is None else right
    if names is None or _is_scalar(one.rhs if right is None else one.lhs):
        return names
    if str(one.op) in ("and", "unless", "or"):
        if right is None:
            return _NOTHING if str(one.op) == "or" else left
        return _matched(one, names) if str(one.op) == "and" else _NOTHING
    many = {"ManyToOne": left, "OneToMany": right}.get(_card(one))
    return many if many is not None else _matched(one, names)


def _matched(one: Any, names: frozenset[str]) -> frozenset[str]:
    matching = one.modifier.matching if one.modifier else None
    return names if matching is None else _of_labels(names, matching)


def _card(one: Any) -> str:
    return str(one.modifier.card).rpartition(".")[2] if one.modifier else ""


def _is_scalar(one: Any) -> bool:
    kind = type(one).__name__
    if kind in ("ParenExpr", "UnaryExpr"):
        return _is_scalar(one.expr)
    if kind == "BinaryExpr":
        return _is_scalar(one.lhs) and _is_scalar(one.rhs)
    if kind == "Call":
        return bool(one.func.return_type == promql_parser.ValueType.Scalar)
    return kind == "NumberLiteral"


def _text(one: Any) -> _Names:
    return _NOTHING if SERVICE in one.val else None


_KINDS: Mapping[str, Callable[[Any], _Names]] = {
    "VectorSelector": _selector,
    "MatrixSelector": lambda one: _selector(one.vector_selector),
    "SubqueryExpr": lambda one: _names(one.expr),
    "ParenExpr": lambda one: _names(one.expr),
    "UnaryExpr": lambda one: _names(one.expr),
    "NumberLiteral": lambda _: None,
    "StringLiteral": _text,
    "Call": _call,
    "AggregateExpr": _aggregate,
    "BinaryExpr": _binary,
}
