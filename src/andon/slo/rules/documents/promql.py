"""Queries as files write them: parsed, and in the form that rules can put their windows into."""

import json
import re
from functools import lru_cache

import promql_parser

from andon.core.documents.fields import LONG, Fields
from andon.core.documents.problems import Gravity
from andon.slo.rules import promql

#: How a range is written while it is not known which: Andon's way, and the way of Sloth's OpenSLO.
_OTHER_WINDOW = re.compile(r"\{\{\s*\.window\s*\}\}")
_RANGE = re.compile(r"\[\s*\$window\s*[\]:]")
_BRACES, _NAME_FIRST = re.compile(r"\{([^{}]*)\}"), re.compile(r'(?:^|,)\s*""')
#: Any range will do for parsing.
_SOME = "5m"
#: What makes the tree of an expression deeper. The parser recurses, and a long enough chain of
#: operators or brackets ends the process: nobody writes as many as this.
MOST_NESTED = 250
_DEEPER = re.compile(r"[-+*/%^(\[<>=!]|\b(?:and|or|unless|atan2|offset)\b", re.IGNORECASE)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
#: VictoriaMetrics joins matchers by `or`, and the parser reads it; no Prometheus does.
_JOINED = re.compile(r'""\s*or\b', re.IGNORECASE)
#: Functions that Prometheus 2 does not know, and a newer one partly by a feature flag only.
_NEWER = re.compile(
    r"\b(double_exponential_smoothing|fill|first_over_time|histogram_(?:avg|stddev|stdvar)|info"
    r"|limitk|limit_ratio|mad_over_time|sort_by_label(?:_desc)?|step|ts_of_\w+_over_time)"
    r"\s*(?:\(|by\b|without\b)",
    re.IGNORECASE,
)
_NO_VECTORS = ("MatrixSelector", "SubqueryExpr", "StringLiteral")
#: Labels that tell good events from bad: without them a selector means all events.
RESULT_LABELS = frozenset(
    {
        "code", "status", "status_code", "status_class", "http_status", "http_status_code",
        "http_response_status_code", "response_code", "response_flags", "grpc_code",
        "grpc_status", "rpc_grpc_status_code", "result", "outcome", "success", "error",
        "error_type", "exception", "le",
    }
)  # fmt: skip
ONLY_VMALERT = (
    "Only vmalert evaluates it: it is left out of the rules for Prometheus. Where vmalert does "
    "not run, write it in PromQL, or nothing watches it."
)
_SIGNS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}


class UnreadableQuery(ValueError):
    """The text is no PromQL; the message says why."""


def normal(text: str) -> str:
    """Return a query with the range written as `$window`."""
    return _OTHER_WINDOW.sub(promql.WINDOW, text).strip()


@lru_cache(maxsize=1024)
def parse(text: str) -> object:
    """Return the parsed expression. Raises Unreadable."""
    if _nesting(text) > MOST_NESTED:
        raise UnreadableQuery(f"it has more than {MOST_NESTED} operators and brackets")
    try:
        return promql_parser.parse(text.replace(promql.WINDOW, _SOME))
    except ValueError as error:
        raise UnreadableQuery(str(error).strip() or "it is no PromQL") from error


def parse_for_rules(text: str) -> object:
    """Return the parsed expression. Raises Unreadable also where only VictoriaMetrics reads it."""
    if any(_JOINED.search(one) for one in _BRACES.findall(_QUOTED.sub('""', text))):
        raise UnreadableQuery("it joins matchers by `or`, which only VictoriaMetrics reads")
    return parse(text)


def newer(text: str) -> str:
    """Return a function in a query that Prometheus 2 does not know; empty when there is none."""
    found = _NEWER.search(_QUOTED.sub('""', text))
    return found[1] if found else ""


def is_metricsql(text: str) -> bool:
    """Return whether some Prometheus cannot read a query that VictoriaMetrics can."""
    try:
        parse_for_rules(text)
    except UnreadableQuery:
        return True
    return bool(newer(text))


def counted(fields: Fields, key: str, *, metricsql: bool = False, named: str = "") -> str:
    """Return a query of counters, to which rules can give a range; empty when reported."""
    text = instant(fields, key, metricsql=metricsql, named=named)
    if not text or promql.WINDOW in text or promql.is_selector(text):
        return text
    fields.refuse(
        "slo-query",
        f"`{named or key}` is an expression without $window: no rule could say over how long",
        "Write a plain selector of a counter, or the range as $window: rate(x_total[$window]).",
        key=key,
    )
    return ""


def instant(fields: Fields, key: str, *, metricsql: bool = False, named: str = "") -> str:
    """Return a query that gives a vector; empty when it is missing or reported.

    `named` is what problems call it, where that is not its key.
    """
    named = named or key
    text = normal(fields.text(key, longest=LONG))
    if not text:
        return ""
    if text.count(promql.WINDOW) != len(_RANGE.findall(text)):
        fix = "Write it between brackets only: rate(x_total[$window])."
        fields.refuse("slo-query", f"`{named}` has $window where no range is", fix, key=key)
        return ""
    try:
        parsed = parse_for_rules(text)
    except UnreadableQuery as error:
        return _unread(fields, key, text, f"`{named}` is no PromQL: {error}", metricsql=metricsql)
    if _has_quoted_names(text):
        fix = "Use the name that Prometheus 2 shows, with `_` for `.`."
        message = f"`{named}` has a name in quotes, which Prometheus 2 and vmalert cannot read"
        fields.refuse("slo-query", message, fix, key=key)
        return ""
    if type(parsed).__name__ in _NO_VECTORS:
        fix = "Leave the range out, or put a function around it."
        fields.refuse("slo-query", f"`{named}` is a range or a text, no vector", fix, key=key)
        return ""
    if function := newer(text):
        _warn_newer(fields, key, f"`{named}` uses {function}", metricsql=metricsql)
    return text


def is_plain(text: str) -> bool:
    """Return whether a text is a selector and nothing else."""
    return promql.is_selector(text)


def everything(text: str) -> str:
    """Return the selector of all events that a selector of good or bad ones is a part of.

    Empty when that cannot be told: it is no plain selector, or nothing in it tells them apart.
    """
    if promql.WINDOW in text or not promql.is_selector(text):
        return ""
    parsed = parse(text)
    matchers = list(parsed.matchers.matchers)  # type: ignore[attr-defined]
    kept = [one for one in matchers if one.name not in RESULT_LABELS]
    if len(kept) == len(matchers) or parsed.matchers.or_matchers:  # type: ignore[attr-defined]
        return ""
    written = ",".join(f"{one.name}{_sign(one)}{quoted(one.value)}" for one in kept)
    return f"{parsed.name or ''}{{{written}}}" if written else str(parsed.name or "")  # type: ignore[attr-defined]


def quoted(text: str) -> str:
    """Return a text as PromQL quotes it."""
    return json.dumps(text, ensure_ascii=False)


def _has_quoted_names(text: str) -> bool:
    """Return whether metrics or labels are called by UTF-8 names: `{"http.server"}`."""
    if '"' not in text and "'" not in text:
        return False
    return any(_NAME_FIRST.search(one) for one in _BRACES.findall(_QUOTED.sub('""', text)))


def _warn_newer(fields: Fields, key: str, uses: str, *, metricsql: bool) -> None:
    fix = ONLY_VMALERT if metricsql else "See that the Prometheus that evaluates it knows it."
    message = f"{uses}, which Prometheus 2 does not know, and a newer one may not either"
    fields.refuse("slo-query", message, fix, key=key, gravity=Gravity.WARNING)


def _unread(fields: Fields, key: str, text: str, why: str, *, metricsql: bool) -> str:
    if metricsql:
        fields.refuse(
            "slo-query",
            f"{why}; it may be MetricsQL",
            ONLY_VMALERT,
            key=key,
            gravity=Gravity.WARNING,
        )
        return text
    fix = "Mend the expression; `promtool` and the query page of Prometheus show where."
    fields.refuse("slo-query", why, fix, key=key)
    return ""


def _sign(matcher: object) -> str:
    return _SIGNS[str(matcher.op).rpartition(".")[2]]  # type: ignore[attr-defined]


def _nesting(text: str) -> int:
    """Return an upper bound of how deep the tree of an expression is."""
    return len(_DEEPER.findall(_QUOTED.sub("", text)))
