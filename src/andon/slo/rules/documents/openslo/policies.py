"""Alert policies become tiers: pairs of windows, of which OpenSLO writes the long one.

The short window is a twelfth of it, as in the SRE workbook; threshold f over lookback L of period P
asks for the share f * L / P of the budget. What a tier cannot say is refused.
"""

from andon.catalogue.types import AlertSeverity, BurnTier
from andon.slo.rules import burn
from andon.slo.rules.documents.openslo.node import Mapped
from andon.slo.rules.documents.openslo.parsed import AlertCondition, Policy, Read, Slo, Window
from andon.slo.types import Op

_TWELVE = 12
#: Words of other tools for the two things an alert can ask for.
SEVERITIES = {
    **dict.fromkeys(("page", "critical", "high"), AlertSeverity.PAGE),
    **dict.fromkeys(("ticket", "warning", "medium", "low"), AlertSeverity.TICKET),
}


def tiers(slo: Slo, found: Read, window: Window) -> tuple[BurnTier, ...] | None:
    """Return an SLO's own tiers, none for the organisation's; None when one was reported."""
    policies = [*slo.policies]
    for node in slo.policy_refs:
        policy = found.policies.get(node.data["alertPolicyRef"])
        if policy is None:
            return None
        policies.append(policy)
    made: dict[str, BurnTier] = {}
    complete = True
    for policy in policies:
        if not policy.when_breaching:
            continue
        tier = _tier(policy, found, window)
        if tier is None or tier.name in made:
            complete = False
            if tier is not None:
                fix = "Rename one of the two policies: alerts are named after them."
                policy.node.refuse("slo-tier", f"is a second tier {tier.name!r}", fix)
            continue
        made[tier.name] = tier
    return tuple(made.values()) if complete else None


def _tier(policy: Policy, found: Read, window: Window) -> BurnTier | None:
    condition = policy.condition or _referred(policy, found)
    if condition is None or window.duration is None or not policy.name:
        return None
    severity = SEVERITIES.get(condition.severity.lower())
    if severity is None:
        fix = f"Write one of: {', '.join(SEVERITIES)}."
        message = f"asks for {condition.severity[:80]!r}: neither a page nor a ticket"
        condition.node.refuse("slo-tier", message, fix)
        return None
    if not _is_burning(condition) or condition.threshold is None or condition.lookback is None:
        return None
    long = condition.lookback.length
    share = burn.share(factor=condition.threshold, period=window.duration.length, long=long)
    return BurnTier(policy.name, severity, long, long / _TWELVE, share)


def _referred(policy: Policy, found: Read) -> AlertCondition | None:
    node: Mapped | None = policy.condition_ref
    return found.conditions.get(node.data["conditionRef"]) if node is not None else None


def _is_burning(condition: AlertCondition) -> bool:
    """Return whether a condition can be a tier; report why not."""
    node, good = condition.node, True
    if condition.op in (Op.LT, Op.LTE):
        fix = "Write op: gt."
        node.refuse("slo-tier", "alerts on a budget that burns too slowly", fix, key="op")
        good = False
    if condition.threshold is not None and condition.threshold <= 0:
        fix = "Write a burn rate above 1, such as 14.4."
        node.refuse("slo-tier", "is not above 0: it would always alert", fix, key="threshold")
        good = False
    if condition.lookback is not None and condition.lookback.length.total_seconds() < 12 * 60:
        fix = "Write 12m or more: the short window is a twelfth of it."
        node.refuse("slo-tier", "is too short for a pair of windows", fix, key="lookbackWindow")
        good = False
    if condition.after is not None:
        fix = "Remove it: the short window, a twelfth of lookbackWindow, does what it is for."
        node.refuse("slo-tier", "cannot be said by a pair of windows", fix, key="alertAfter")
        good = False
    return good and condition.op is not None
