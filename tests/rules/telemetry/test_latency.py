"""The time from a fault to the webhook: what is stated, step by step."""

from datetime import timedelta
from decimal import Decimal

import pytest

from andon.catalogue.types import AlertSeverity, TelemetryRules
from andon.slo.rules import tiers
from andon.slo.types import Budgeting, Evaluator
from tests.support import latency
from tests.support.estates import objective

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
PAGE, TICKET = AlertSeverity.PAGE, AlertSeverity.TICKET


@pytest.mark.parametrize(
    ("engine", "severity", "is_recorded", "is_new", "seconds"),
    [
        # scrape 15, flush 1, window 15, evaluation 15, sending 1
        (Evaluator.VMALERT, PAGE, False, False, 47),
        (Evaluator.VMALERT, PAGE, False, True, 57),
        # scrape 15, evaluation 15, sending 1
        (Evaluator.PROMETHEUS, PAGE, False, False, 31),
        # 31 + averages 150, recording 60, flushes 6, evaluation 60, sending 1
        (Evaluator.VMALERT, PAGE, True, False, 308),
        (Evaluator.PROMETHEUS, TICKET, True, False, 316),
    ],
)
def test_what_the_tools_add_at_most_by_default(engine, severity, is_recorded, is_new, seconds):
    found = latency.budget(
        rules=TelemetryRules(),
        engine=engine,
        severity=severity,
        is_recorded=is_recorded,
        is_new_series=is_new,
    )
    assert found.total == seconds * SECOND
    assert all(step.at_most >= timedelta(0) for step in found.steps)


def test_a_full_outage_at_99_9_pages_within_a_hundred_seconds():
    one, rules = objective("checkout"), TelemetryRules()
    fast = tiers.choose(objective=one, rules=rules).tiers[0]
    found = latency.webhook(
        objective=one, tier=fast, rules=rules, engine=Evaluator.VMALERT, ratio=Decimal(1)
    )
    assert found == timedelta(seconds=51.84 + 47)


def test_a_fault_below_the_threshold_never_does():
    one, rules = objective("checkout"), TelemetryRules()
    fast = tiers.choose(objective=one, rules=rules).tiers[0]
    assert (
        latency.webhook(
            objective=one, tier=fast, rules=rules, engine=Evaluator.VMALERT, ratio=Decimal("0.0144")
        )
        is None
    )


def test_a_rehearsal_divides_windows_and_not_what_the_tools_take():
    rules = TelemetryRules(
        scale=60, scrape_interval=SECOND, fast_interval=SECOND, slow_interval=SECOND
    )
    one = objective("checkout")
    fast, slow = tiers.choose(objective=one, rules=rules).tiers[:2]
    told = {
        tier.tier.name: latency.webhook(
            objective=one, tier=tier, rules=rules, engine=Evaluator.VMALERT, ratio=Decimal(1)
        )
        for tier in (fast, slow)
    }
    assert told["page-fast"] == timedelta(seconds=0.864 + 5)
    assert told["page-slow"] == timedelta(seconds=2.16 + 1 + 1 + 1 + 2.5 + 1 + 6 + 1 + 1)


def test_sliced_objectives_read_what_was_recorded():
    one, rules = objective("checkout", budgeting=Budgeting.TIMESLICES), TelemetryRules()
    fast = tiers.choose(objective=one, rules=rules).tiers[0]
    steps = latency.of_tier(objective=one, tier=fast, rules=rules, engine=Evaluator.VMALERT).steps
    assert "recording" in {step.name for step in steps}
