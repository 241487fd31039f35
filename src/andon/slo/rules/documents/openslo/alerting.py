"""Alert policies, their conditions, and whom they tell."""

from andon.slo.rules.documents.openslo.metadata import read_metadata
from andon.slo.rules.documents.openslo.node import Mapped
from andon.slo.rules.documents.openslo.parsed import AlertCondition, Policy
from andon.slo.types import Op

OPS = tuple(str(one) for one in Op)


def read_policy(spec: Mapped, name: str) -> Policy:
    """Return the alert policy that a `spec` describes."""
    spec.only(
        "description", "alertWhenNoData", "alertWhenBreaching", "alertWhenResolved",
        "conditions", "notificationTargets",
    )  # fmt: skip
    spec.description()
    spec.boolean("alertWhenNoData")
    spec.boolean("alertWhenResolved")
    breaching = not spec.has("alertWhenBreaching") or spec.boolean("alertWhenBreaching")
    condition, ref = _conditions(spec)
    targets = spec.nodes("notificationTargets")
    if not spec.data.get("notificationTargets"):
        fix = "Write `notificationTargets: [{targetRef: NAME}]`."
        spec.refuse("openslo-required", "is missing or empty", fix, key="notificationTargets")
    refs = tuple(one for one in targets if _is_target_ref(one))
    return Policy(spec, name, breaching, condition, ref, refs)


def read_inline_policy(node: Mapped) -> Policy:
    """Return an alert policy that stands inside an SLO."""
    return read_policy(*_inline(node, "AlertPolicy"))


def read_condition(spec: Mapped, name: str) -> AlertCondition:
    """Return the condition that a `spec` describes."""
    spec.only("description", "severity", "condition")
    spec.description()
    severity = spec.text("severity", required=True)
    node = spec.node("condition", required=True)
    if node is None:
        return AlertCondition(spec, name, severity, None, None, None, None)
    node.only("kind", "op", "threshold", "lookbackWindow", "alertAfter")
    node.choice("kind", ("burnrate",), required=True)
    op = node.choice("op", OPS, required=True)
    return AlertCondition(
        node=node,
        name=name,
        severity=severity,
        op=Op(op) if op else None,
        threshold=node.number("threshold", required=True),
        lookback=node.duration("lookbackWindow", required=True),
        after=node.duration("alertAfter") if node.data.get("alertAfter") != "0m" else None,
    )


def check_target(spec: Mapped) -> None:
    """Check the `spec` of a notification target. Whom to tell, the catalogue says."""
    spec.only("description", "target")
    spec.description()
    spec.text("target", required=True)


def _conditions(spec: Mapped) -> tuple[AlertCondition | None, Mapped | None]:
    nodes = spec.nodes("conditions")
    written = spec.data.get("conditions")
    if not isinstance(written, list) or len(written) != 1:
        if written is None or isinstance(written, list):
            fix = "One policy has one condition: write more policies for more."
            spec.refuse("openslo-value", "must hold exactly one", fix, key="conditions")
        return None, None
    if not nodes:
        return None, None
    [node] = nodes
    if _is_reference(node, "conditionRef"):
        return None, node if node.name("conditionRef", required=True) else None
    return read_condition(*_inline(node, "AlertCondition")), None


def _is_target_ref(node: Mapped) -> bool:
    if _is_reference(node, "targetRef"):
        return bool(node.name("targetRef", required=True))
    spec, _ = _inline(node, "AlertNotificationTarget")
    check_target(spec)
    return False


def _is_reference(node: Mapped, key: str) -> bool:
    """Return whether a node refers to something; report one that also says it, or says nothing."""
    if key not in node.data:
        return False
    if len(node.data) > 1:
        fix = f"Keep `{key}`, or the rest."
        node.refuse("openslo-exclusive", f"has `{key}` and is written out too", fix)
    return True


def _inline(node: Mapped, kind: str) -> tuple[Mapped, str]:
    node.only("kind", "metadata", "spec")
    node.choice("kind", (kind,), required=True)
    metadata = read_metadata(node)
    return node.spec(required=True), metadata.name
