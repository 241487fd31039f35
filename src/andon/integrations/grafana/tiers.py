"""Burn-rate tiers as dashboards show them."""

from dataclasses import dataclass
from decimal import Decimal

from andon.catalogue.types import AlertSeverity, TelemetryRules
from andon.slo.rules import promql, tiers
from andon.slo.types import Objective


@dataclass(frozen=True, slots=True)
class TierCurve:
    """A tier: its windows as the names of series have them, and the burn rate that alerts."""

    name: str
    severity: AlertSeverity
    long: str
    short: str
    factor: Decimal

    @property
    def factor_in_words(self) -> str:
        """Return the burn rate without needless digits."""
        return promql.number(self.factor.quantize(Decimal("0.01")))


def of(*, objective: Objective, rules: TelemetryRules) -> tuple[TierCurve, ...]:
    """Return the tiers that alert for an objective."""
    return tuple(
        TierCurve(
            each.tier.name,
            each.tier.severity,
            promql.duration(each.tier.long),
            promql.duration(each.tier.short),
            each.factor,
        )
        for each in tiers.choose(objective=objective, rules=rules).tiers
    )
