"""Burn-rate tiers as dashboards show them."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from andon.catalogue.types import WORKBOOK, AlertSeverity, TelemetryRules
from andon.slo.types import Objective


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier: its windows as the names of series have them, and the burn rate that alerts."""

    name: str
    severity: AlertSeverity
    long: str
    short: str
    factor: Decimal

    @property
    def factor_in_words(self) -> str:
        """Return the burn rate without needless digits."""
        return f"{self.factor.quantize(Decimal('0.01')).normalize():f}"


def of(*, objective: Objective, rules: TelemetryRules) -> tuple[Tier, ...]:
    """Return the tiers that alert for an objective."""
    found = []
    for tier in objective.tiers or rules.tiers or WORKBOOK:
        factor = (
            tier.share
            * Decimal(objective.window // timedelta(seconds=1))
            / Decimal(tier.long // timedelta(seconds=1))
        )
        if (
            tier.name not in objective.without
            and factor >= 1
            and factor * (1_000_000 - objective.target_ppm) < 1_000_000
        ):
            found.append(
                Tier(tier.name, tier.severity, short(tier.long), short(tier.short), factor)
            )
    return tuple(found)


def short(span: timedelta) -> str:
    """Return a window as PromQL writes it, in the largest unit that divides it."""
    seconds = span // timedelta(seconds=1)
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
