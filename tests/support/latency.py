"""How long it takes from a fault to the webhook: the formula's time and what the tools add.

Figures of the tools are their defaults, measured with VictoriaMetrics 1.79.5, Prometheus 2.42 and
Alertmanager 0.25 (docs/slo.md). A bound, not an estimate: on average it is about half as much.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from andon.catalogue.types import AlertSeverity, TelemetryRules
from andon.slo.rules import burn, indicators, tiers
from andon.slo.rules.tiers import Tier
from andon.slo.types import Evaluator, Objective
from andon.telemetry.rules import generate

#: VictoriaMetrics shows samples once they left its buffer.
VM_FLUSH = timedelta(seconds=1)
#: And a series it has never seen to a query it has answered before.
VM_NEW_SERIES = timedelta(seconds=10)
#: vmalert writes what it records every so often (`-remoteWrite.flushInterval`).
VMALERT_FLUSH = timedelta(seconds=5)
#: Reading rules, sending, and a busy machine.
SENDING = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One of the things that take time, at most."""

    name: str
    at_most: timedelta


@dataclass(frozen=True, slots=True)
class Budget:
    """What the tools add at most to the formula's time, step by step."""

    steps: tuple[Step, ...]

    @property
    def total(self) -> timedelta:
        """Return what all steps take at most."""
        return sum((one.at_most for one in self.steps), timedelta())


def budget(
    *,
    rules: TelemetryRules,
    engine: Evaluator,
    severity: AlertSeverity,
    is_recorded: bool,
    is_new_series: bool = False,
) -> Budget:
    """Return what is added between a fault's detection by the formula and the webhook.

    `is_recorded` for tiers that read recorded series; `is_new_series` where no error was ever
    counted before, which VictoriaMetrics takes longer to show.
    """
    every = generate.intervals(rules=rules)
    scrape = rules.scrape_interval
    steps = [Step("scrape", scrape)]
    if engine is Evaluator.VMALERT:
        steps.append(Step("VictoriaMetrics shows the samples", VM_FLUSH))
        # Its `rate` counts from the sample before the window, which is that much longer for it.
        steps.append(Step("windows are one scrape longer", scrape))
        if is_new_series:
            steps.append(Step("VictoriaMetrics shows a new series", VM_NEW_SERIES))
    if is_recorded:
        # The sum of five-minute averages follows a fault by half of that (docs/slo.md).
        steps.append(Step("five-minute averages follow", tiers.RECORDED / rules.scale / 2))
        steps.append(Step("recording", every.slow))
        if engine is Evaluator.VMALERT:
            steps.append(Step("vmalert writes what it recorded", VMALERT_FLUSH + VM_FLUSH))
    steps.append(Step("evaluation", every.slow if is_recorded else every.fast))
    is_page = severity is AlertSeverity.PAGE
    wait = rules.page_wait if is_page else rules.ticket_wait
    steps.append(Step("Alertmanager waits for more of the group", wait))
    steps.append(Step("sending", SENDING))
    return Budget(tuple(steps))


def of_tier(
    *,
    objective: Objective,
    tier: Tier,
    rules: TelemetryRules,
    engine: Evaluator,
    is_new: bool = False,
) -> Budget:
    """Return what is added for a tier of an objective."""
    is_recorded = tier.is_recorded or indicators.is_sliced(objective)
    return budget(
        rules=rules,
        engine=engine,
        severity=tier.tier.severity,
        is_recorded=is_recorded,
        is_new_series=is_new,
    )


def webhook(
    *,
    objective: Objective,
    tier: Tier,
    rules: TelemetryRules,
    engine: Evaluator,
    ratio: Decimal,
    is_new: bool = False,
) -> timedelta | None:
    """Return when the webhook has come at the latest, from the start of a fault; None for never."""
    detected = burn.pair_detection(
        long=tier.tier.long / rules.scale,
        short=tier.tier.short / rules.scale,
        threshold=tier.threshold,
        ratio=ratio,
    )
    if detected is None:
        return None
    added = of_tier(objective=objective, tier=tier, rules=rules, engine=engine, is_new=is_new)
    return detected + added.total
