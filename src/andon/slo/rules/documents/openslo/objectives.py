"""SLOs: what is wanted of which indicator over which window."""

from datetime import datetime
from decimal import Decimal

from andon.core.documents.forms import zone_name
from andon.slo.rules.documents.openslo.alerting import OPS, read_inline_policy
from andon.slo.rules.documents.openslo.indicators import read_inline
from andon.slo.rules.documents.openslo.node import LONGEST_DISPLAY, Mapped
from andon.slo.rules.documents.openslo.parsed import Goal, Metadata, Policy, Sli, Slo, Window
from andon.slo.types import Budgeting, Op

METHODS = {
    "Occurrences": Budgeting.OCCURRENCES,
    "Timeslices": Budgeting.TIMESLICES,
    "RatioTimeslices": Budgeting.RATIO_TIMESLICES,
}
_ONE, _HUNDRED = Decimal(1), Decimal(100)


def read_slo(node: Mapped, metadata: Metadata, spec: Mapped) -> Slo:
    """Return the SLO that a document describes."""
    spec.only(
        "description", "service", "indicator", "indicatorRef", "timeWindow", "budgetingMethod",
        "objectives", "alertPolicies",
    )  # fmt: skip
    method = METHODS.get(spec.choice("budgetingMethod", tuple(METHODS), required=True))
    sli, sli_ref = _indicator(spec)
    goals = tuple(_goal(one, method) for one in spec.nodes("objectives"))
    if not goals and not spec.data.get("objectives"):
        fix = "Write `objectives: [{target: 0.999}]`."
        spec.refuse("openslo-required", "is missing or empty", fix, key="objectives")
    _check_indicators(spec, goals)
    _check_comparisons(sli, goals)
    policies, policy_refs = _policies(spec)
    return Slo(
        node=node,
        metadata=metadata,
        description=spec.description(),
        service=spec.text("service", required=True),
        budgeting=method,
        window=_window(spec),
        goals=goals,
        sli=sli,
        sli_ref=sli_ref,
        policies=policies,
        policy_refs=policy_refs,
    )


def _indicator(node: Mapped) -> tuple[Sli | None, str]:
    if not (node.has("indicator") or node.has("indicatorRef")):
        return None, ""
    which = node.exactly_one(("indicator", "indicatorRef"))
    inline = node.node("indicator") if which == "indicator" else None
    ref = node.name("indicatorRef") if which == "indicatorRef" else ""
    return (read_inline(inline) if inline else None), ref


def _check_indicators(spec: Mapped, goals: tuple[Goal, ...]) -> None:
    """Report an indicator in two places, in none, or missing from a part of a composite."""
    above = spec.has("indicator") or spec.has("indicatorRef")
    with_own = [goal for goal in goals if _has_own(goal)]
    fix = "Write it in `spec`, or in each of `spec.objectives` for a composite."
    if above and with_own:
        spec.refuse("openslo-exclusive", "has an indicator, and so have its objectives", fix)
    elif not above and not with_own:
        spec.refuse("openslo-exclusive", "has neither `indicator` nor `indicatorRef`", fix)
    elif with_own:
        for goal in goals:
            if not _has_own(goal):
                message = "has no indicator, while others of the composite have"
                goal.node.refuse("openslo-required", message, fix)


def _has_own(goal: Goal) -> bool:
    return goal.node.has("indicator") or goal.node.has("indicatorRef")


def _check_comparisons(sli: Sli | None, goals: tuple[Goal, ...]) -> None:
    """Report `op` and `value` where an indicator written here forbids or needs them."""
    for goal in goals:
        own = goal.sli or sli
        if own is not None:
            check_comparison(goal, own)


def check_comparison(goal: Goal, sli: Sli) -> None:
    """Report `op` and `value` beside a ratio, or missing beside a threshold."""
    for key in ("op", "value"):
        there = goal.node.has(key)
        if sli.ratio is not None and there:
            fix = f"Remove `{key}`: a ratio is compared with its target alone."
            goal.node.refuse("openslo-value", "is forbidden with a ratioMetric", fix, key=key)
        elif sli.threshold is not None and not there:
            fix = "Write op: lte and value: 0.25, what a good sample looks like."
            message = "is missing: a thresholdMetric is compared with it"
            goal.node.refuse("openslo-required", message, fix, key=key)


def _goal(node: Mapped, method: Budgeting | None) -> Goal:
    node.only(
        "displayName", "op", "value", "target", "targetPercent", "timeSliceTarget",
        "timeSliceWindow", "indicator", "indicatorRef", "compositeWeight",
    )  # fmt: skip
    op = node.choice("op", OPS)
    sli, sli_ref = _indicator(node)
    sliced = method in (Budgeting.TIMESLICES, Budgeting.RATIO_TIMESLICES)
    weight = node.number("compositeWeight")
    if weight is not None and weight <= 0:
        fix = "Write a number above 0; 1 is ordinary."
        node.refuse("openslo-value", "is not above 0", fix, key="compositeWeight")
    return Goal(
        node=node,
        display=node.text("displayName", longest=LONGEST_DISPLAY * 4),
        op=Op(op) if op else None,
        value=node.number("value"),
        target=_target(node),
        slice_target=_slice_target(node, required=method is Budgeting.TIMESLICES),
        slice_window=node.duration("timeSliceWindow", required=sliced, minutes=True),
        sli=sli,
        sli_ref=sli_ref,
        weight=_ONE if weight is None else weight,
    )


def _target(node: Mapped) -> Decimal | None:
    key = node.exactly_one(("target", "targetPercent"))
    if not key:
        return None
    found = node.number(key)
    most = _ONE if key == "target" else _HUNDRED
    if found is None:
        return None
    if not 0 <= found < most:
        fix = f"Write a number from 0 up to, not including, {most}."
        node.refuse("openslo-value", f"is {found}", fix, key=key)
        return None
    return found / most


def _slice_target(node: Mapped, *, required: bool) -> Decimal | None:
    found = node.number("timeSliceTarget", required=required)
    if found is not None and required and not 0 < found <= 1:
        fix = "Write a share above 0, at most 1: 0.95"
        node.refuse("openslo-value", f"is {found}", fix, key="timeSliceTarget")
        return None
    return found


def _window(spec: Mapped) -> Window | None:
    nodes = spec.nodes("timeWindow")
    written = spec.data.get("timeWindow")
    if written is None or (isinstance(written, list) and len(written) != 1):
        fix = "Write `timeWindow: [{duration: 30d, isRolling: true}]`."
        spec.refuse("openslo-value", "must hold exactly one", fix, key="timeWindow")
        return None
    if not nodes:
        return None
    [node] = nodes
    node.only("duration", "isRolling", "calendar")
    duration = node.duration("duration", required=True)
    rolling, calendar = node.boolean("isRolling"), node.node("calendar")
    if rolling and node.has("calendar"):
        fix = "Keep `isRolling: true`, or `calendar`."
        node.refuse("openslo-exclusive", "is rolling and has a `calendar`", fix)
    elif not rolling and not node.has("calendar"):
        fix = "Write isRolling: true, or `calendar` with startTime and timeZone."
        node.refuse("openslo-exclusive", "is neither rolling nor has a `calendar`", fix)
    starts, zone = _calendar(calendar) if calendar else (None, "")
    return Window(node, duration, starts, zone)


def _calendar(node: Mapped) -> tuple[datetime | None, str]:
    node.only("startTime", "timeZone")
    text, zone = node.text("startTime", required=True), node.text("timeZone", required=True)
    starts = None
    if text:
        try:
            starts = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - wall time
        except ValueError:
            fix = "Write a date and a time without a zone: 2026-01-01 00:00:00"
            node.refuse("openslo-value", f"is {text[:80]!r}", fix, key="startTime")
    if zone and not _is_zone(zone):
        fix = "Write a name of the IANA database: Europe/London."
        node.refuse("openslo-value", f"is {zone[:80]!r}", fix, key="timeZone")
        zone = ""
    return starts, zone


def _is_zone(text: str) -> bool:
    try:
        zone_name(text)
    except ValueError:
        return False
    return True


def _policies(spec: Mapped) -> tuple[tuple[Policy, ...], tuple[Mapped, ...]]:
    inline, refs = [], []
    for node in spec.nodes("alertPolicies"):
        if "alertPolicyRef" not in node.data:
            inline.append(read_inline_policy(node))
            continue
        if len(node.data) > 1:
            fix = "Keep `alertPolicyRef`, or the rest."
            message = "has `alertPolicyRef` and is written out too"
            node.refuse("openslo-exclusive", message, fix)
        if node.name("alertPolicyRef", required=True):
            refs.append(node)
    return tuple(inline), tuple(refs)
