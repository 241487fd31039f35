"""What tools must show when generated files are in force: digests of groups, and a mark."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import promql_parser

from andon.integrations.alertmanager.config import PATH, mark_of
from andon.integrations.prometheus.api import LiveGroup
from andon.slo.types import Estate, Evaluator
from andon.telemetry.rules import generate
from andon.telemetry.types import File, RuleGroup

#: Generated groups begin with this.
PREFIX = "andon-"
_TEXT = r'"(?:[^"\\]|\\.)*"'
_SELECTOR = re.compile(rf"\{{((?:[^\"{{}}]|{_TEXT})*)\}}")
_MATCHER = re.compile(rf"\w+\s*(?:=~|!~|!=|=)\s*{_TEXT}")
_encode = msgspec.json.Encoder(order="deterministic").encode


class Expected(msgspec.Struct, frozen=True):
    """By engine, the digest of every generated group; and the mark of Alertmanager's file."""

    groups: dict[str, dict[str, str]]
    mark: str


@dataclass(frozen=True, slots=True)
class ProofGap:
    """How what is in force differs from what was generated; groups by name."""

    missing: tuple[str, ...]
    different: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def words(self) -> str:
        """Return the difference in words; empty when there is none."""
        parts = (("not there", self.missing), ("other than generated", self.different),
                 ("no longer generated", self.stale))  # fmt: skip
        found = [f"{_some(names)} {what}" for what, names in parts if names]
        return "; ".join(found)


def expected(*, estate: Estate, files: Iterable[File], engines: Iterable[Evaluator]) -> Expected:
    """Return what these engines, and Alertmanager, must show once files of an estate are in force.

    Costs a parse of every expression for Prometheus.
    """
    config = next((file.text for file in files if file.path == PATH), "")
    return Expected(
        {engine.value: _generated(estate, engine) for engine in sorted(engines)}, mark_of(config)
    )


def compare(*, live: Iterable[LiveGroup], wanted: Mapping[str, str], engine: Evaluator) -> ProofGap:
    """Return how the groups in force differ from the wanted ones. Groups of others do not count."""
    shown = {group.name: group for group in live if group.name.startswith(PREFIX)}
    missing = sorted(wanted.keys() - shown.keys())
    different = sorted(
        name
        for name, digest in wanted.items()
        if name in shown and _live(shown[name], engine) != digest
    )
    ours = f"{engine.value}/rules/"
    stale = sorted(name for name in shown.keys() - wanted.keys() if ours in shown[name].file)
    return ProofGap(tuple(missing), tuple(different), tuple(stale))


def _generated(estate: Estate, engine: Evaluator) -> dict[str, str]:
    made = generate.groups(estate=estate, engine=engine)
    return {group.name: _group(group, engine) for groups in made.values() for group in groups}


def _group(group: RuleGroup, engine: Evaluator) -> str:
    rows = [
        (rule.name, canonical(rule.expr, engine), rule.is_alert, _seconds(rule.lasts),
         dict(rule.labels), dict(rule.annotations))
        for rule in group.rules
    ]  # fmt: skip
    return _digest(_seconds(group.interval), rows)


def _live(group: LiveGroup, engine: Evaluator) -> str:
    rows = [
        (rule.name, canonical(rule.query, engine), rule.is_alert, float(round(rule.duration, 3)),
         rule.labels, rule.annotations)
        for rule in group.rules
    ]  # fmt: skip
    return _digest(round(group.interval, 3), rows)


def _digest(interval: float, rows: Sequence[tuple[object, ...]]) -> str:
    return hashlib.sha256(_encode((float(interval), rows))).hexdigest()[:32]


def _seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 3)


def canonical(expr: str, engine: Evaluator) -> str:
    """Return an expression as one parser writes it: Prometheus shows its own spelling of it.

    It sorts the matchers of a selector, too.
    """
    if engine is Evaluator.VMALERT:
        return expr.strip()
    try:
        return _SELECTOR.sub(_in_order, str(promql_parser.parse(expr)))
    except ValueError:
        return expr.strip()


def _in_order(selector: re.Match[str]) -> str:
    return "{" + ",".join(sorted(_MATCHER.findall(selector[1]))) + "}"


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
