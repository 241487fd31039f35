"""OpenSLO documents into objects: each checked by the specification, then the references."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from andon.core.documents.document import Document
from andon.core.documents.fields import Report
from andon.core.documents.near import near_name
from andon.core.documents.problems import Gravity
from andon.slo.rules.documents.openslo import alerting, indicators, objectives
from andon.slo.rules.documents.openslo.metadata import read_metadata
from andon.slo.rules.documents.openslo.node import Mapped
from andon.slo.rules.documents.openslo.parsed import Metadata, Policy, Read, Sli, Slo, Source

VERSION = "openslo/v1"
_OLD = {
    "openslo/v1alpha": (
        "Convert it: timeWindows[{count: 28, unit: Day, isRolling}] becomes "
        "timeWindow[{duration: 28d, isRolling}], objectives[].ratioMetrics becomes "
        "spec.indicator.spec.ratioMetric with metricSource{type, spec{query}}, and the source, "
        "queryType and query of thresholdMetric do too; then write apiVersion: openslo/v1."
    ),
    "openslo.com/v2alpha": (
        "Convert it: sli and sliRef become indicator and indicatorRef, dataSourceRef and spec "
        "become metricSource{metricSourceRef, spec}, metadata.displayName is back; then write "
        "apiVersion: openslo/v1."
    ),
}
_Reader = Callable[[Mapped, Metadata, Mapped], Any]


def read(documents: Iterable[Document], report: Report) -> Read:
    """Return the objects of OpenSLO documents; report everything that is wrong in themselves."""
    found: dict[str, dict[str, Any]] = {kind: {} for kind in _READERS}
    places: dict[tuple[str, str], str] = {}
    for document in documents:
        data = document.data if isinstance(document.data, dict) else {}
        node = Mapped(document, (), data, report)
        one = _object(node)
        if one is None:
            continue
        kind, name, value = one
        if (kind, name) in places:
            message = f"is taken: {kind} {name} is declared at {places[kind, name]}"
            metadata = node.of(name).node("metadata") or node
            metadata.refuse("openslo-duplicate", message, "Rename one of the two.", key="name")
            continue
        places[kind, name] = node.place
        found[kind][name] = value
    result = Read(
        slos=found["SLO"],
        slis=found["SLI"],
        policies=found["AlertPolicy"],
        conditions=found["AlertCondition"],
        targets=found["AlertNotificationTarget"],
        sources=found["DataSource"],
        services=found["Service"],
    )
    _follow(result)
    return result


def _object(node: Mapped) -> tuple[str, str, Any] | None:
    if not _is_v1(node):
        return None
    kind = node.choice("kind", tuple(_READERS), required=True)
    name = _name(node)
    node = node.of(name)
    node.only("apiVersion", "kind", "metadata", "spec")
    metadata = read_metadata(node)
    if not kind:
        return None
    spec = node.spec(required=kind in _WITH_SPEC)
    value = _READERS[kind](node, metadata, spec)
    return (kind, metadata.name, value) if metadata.name else None


def _is_v1(node: Mapped) -> bool:
    version = node.text("apiVersion", required=True)
    if version == VERSION:
        return True
    if version in _OLD:
        message = f"is {version}: Andon reads {VERSION} only"
        node.of(_name(node)).refuse("openslo-version", message, _OLD[version], key="apiVersion")
    elif version:
        message = f"is {version[:80]!r}, no version of OpenSLO"
        node.of(_name(node)).refuse(
            "openslo-version", message, f"Write apiVersion: {VERSION}", key="apiVersion"
        )
    return False


def _name(node: Mapped) -> str:
    metadata = node.data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else ""
    return name[:63].replace("\x00", "") if isinstance(name, str) else ""


def _service(node: Mapped, _metadata: Metadata, spec: Mapped) -> Mapped:
    spec.only("description")
    spec.description()
    return node


def _data_source(_node: Mapped, _metadata: Metadata, spec: Mapped) -> str:
    spec.only("description", "type", "connectionDetails")
    spec.description()
    if not spec.has("connectionDetails"):
        fix = "Write `connectionDetails: {}` at least."
        spec.refuse("openslo-required", "is missing", fix, key="connectionDetails")
    return spec.text("type", required=True)


def _target(node: Mapped, _metadata: Metadata, spec: Mapped) -> Mapped:
    alerting.check_target(spec)
    return node


_READERS: Mapping[str, _Reader] = {
    "SLO": objectives.read_slo,
    "SLI": lambda _node, metadata, spec: indicators.read_sli(spec, metadata.name),
    "AlertPolicy": lambda _node, metadata, spec: alerting.read_policy(spec, metadata.name),
    "AlertCondition": lambda _node, metadata, spec: alerting.read_condition(spec, metadata.name),
    "AlertNotificationTarget": _target,
    "DataSource": _data_source,
    "Service": _service,
}
_WITH_SPEC = frozenset(_READERS) - {"Service"}


def _follow(found: Read) -> None:
    """Report references that lead nowhere."""
    for sli in found.slis.values():
        _check_sources(sli, found)
    for policy in found.policies.values():
        _check_policy(policy, found)
    for slo in found.slos.values():
        _check_slo(slo, found)


def _check_slo(slo: Slo, found: Read) -> None:
    holders: list[tuple[Mapped, Sli | None, str]] = [
        (slo.node.spec(required=False), slo.sli, slo.sli_ref)
    ]
    holders += [(goal.node, goal.sli, goal.sli_ref) for goal in slo.goals]
    for node, sli, ref in holders:
        if ref:
            _lead(node, "indicatorRef", "SLI", found.slis)
        if sli is not None:
            _check_sources(sli, found)
    for policy in slo.policies:
        _check_policy(policy, found)
    for node in slo.policy_refs:
        _lead(node, "alertPolicyRef", "AlertPolicy", found.policies)


def _check_policy(policy: Policy, found: Read) -> None:
    if policy.condition_ref is not None:
        _lead(policy.condition_ref, "conditionRef", "AlertCondition", found.conditions)
    for node in policy.target_refs:
        _lead(node, "targetRef", "AlertNotificationTarget", found.targets)


def _check_sources(sli: Sli, found: Read) -> None:
    for source in sources_of(sli):
        if source.ref:
            # With a type of its own it can be asked all the same.
            needed = not source.type
            _lead(source.node, "metricSourceRef", "DataSource", found.sources, needed=needed)


def sources_of(sli: Sli) -> list[Source]:
    """Return the queries of an indicator."""
    ratio = sli.ratio
    parts = (ratio.good, ratio.bad, ratio.total, ratio.raw) if ratio else (sli.threshold,)
    return [one for one in parts if one is not None]


def _lead(
    node: Mapped, key: str, kind: str, known: Mapping[str, object], *, needed: bool = True
) -> None:
    """Report a reference that leads nowhere."""
    ref = node.data[key]
    if ref in known:
        return
    near = near_name(ref, list(known)[:500], cutoff=0.7)
    fix = f"Did you mean {near}?" if near else f"Declare the {kind}, or mend the name."
    gravity = Gravity.ERROR if needed else Gravity.WARNING
    message = f"is {ref!r}: no {kind} has that name"
    node.refuse("openslo-reference", message, fix, key=key, gravity=gravity)
