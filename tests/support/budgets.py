"""Objectives with budgets that were read, for tests of what shows them."""

from datetime import datetime, timedelta
from typing import Any

from andon.budgets.models import BudgetPoint, BudgetReading, TargetLoss
from andon.catalogue.models import Service
from andon.slo.models import Declaration
from andon.slo.rules.documents.stored import objective_document
from andon.telemetry.models import Rollout, RuleState
from tests.support import estates, factories
from tests.support.scenery import Scene

PERIOD = timedelta(days=30)


def declared(service: Service, *, now: datetime, slug: str = "", **changes: Any) -> Declaration:
    """Declare an objective of a service, as the short form does."""
    made = estates.objective(
        service.slug,
        slug=slug or service.slug,
        title=changes.pop("title", f"{service.title} answers without errors"),
        **changes,
    )
    return Declaration.objects.create(
        kind="slo",
        slug=made.slug,
        service=service,
        document=objective_document(made),
        created_at=now - timedelta(days=90),
    )


def read(
    objective: Declaration, *, now: datetime, left: float, covered: float = 1.0, **fields: Any
) -> BudgetReading:
    """Store a reading of a rolling window of 30 days, at 99.9%."""
    defaults: dict[str, Any] = {
        "read_at": now,
        "window_starts_at": now - PERIOD,
        "window_ends_at": now,
        "bad": 1000.0 * (1 - left),
        "total": 1_000_000.0,
        "target_ppm": 999_000,
        "allowed_seconds": PERIOD.total_seconds() * 0.001,
        "availability": 1 - 0.001 * (1 - left),
        "covered": covered,
        "burn": {"1h": 0.4, "6h": 0.9},
        "tried_at": now,
    }
    return BudgetReading.objects.create(objective=objective, left=left, **{**defaults, **fields})


def fell(objective: Declaration, *, now: datetime, to: float, steps: int = 240) -> None:
    """Store a burn-down that fell evenly to what is left, with a dip and a gap in it."""
    BudgetPoint.objects.bulk_create(
        BudgetPoint(
            objective=objective,
            at=now - PERIOD * (steps - at) / steps,
            left=1.0 + (to - 1.0) * (at / steps) ** 2 - (0.18 if 150 < at < 160 else 0),
            availability=0.9995,
        )
        for at in range(steps + 1)
        if not 90 < at < 104
    )


def lost(
    objective: Declaration, *, lost_at: datetime, regained_at: datetime | None = None
) -> TargetLoss:
    """Store a loss of the target."""
    return TargetLoss.objects.create(
        objective=objective, lost_at=lost_at, regained_at=regained_at, method="sliding-window"
    )


def measure(scene: Scene, *, now: datetime) -> None:
    """Give the shop telemetry: budgets in every state, a rollout, rules that need a look."""
    checkout = declared(scene.checkout, now=now)
    notes = ["Only 94% of the window was measured; the rest is taken to have been like it."]
    pace = {"burn": {"1h": 6.2}, "exhausts_at": now + timedelta(days=2, hours=7)}
    read(checkout, now=now, left=0.47, covered=0.94, notes=notes, **pace)
    fell(checkout, now=now, to=0.47)
    lost(checkout, lost_at=now - timedelta(minutes=16))
    stock = declared(scene.stock, now=now)
    read(stock, now=now, left=-0.31, exhausts_at=now)
    fell(stock, now=now, to=-0.31)
    restored = scene.restored.started_at
    lost(
        checkout,
        lost_at=restored - timedelta(minutes=2),
        regained_at=restored + timedelta(minutes=21),
    )
    search = factories.service("search", title="Search", owner=scene.checkout.owner)
    failed = declared(search, now=now)
    BudgetReading.objects.create(
        objective=failed, tried_at=now, error="Prometheus at http://metrics: cannot connect"
    )
    _rolled_out(now)
    _rules(now)


def _rolled_out(now: datetime) -> None:
    steps = (
        ("promtool", "accepts the files"),
        ("vmalert", "accepts the files"),
        ("files", "31 generated files, set 99e45ba192e79ebf"),
        ("vmalert at http://vmalert:8880", "reloaded, and its API shows all that was generated"),
        ("Alertmanager at http://alertmanager:9093", "reloaded, and its API shows all of it"),
    )
    for days, digest in ((3, "4f1c"), (0, "99e4")):
        Rollout.objects.create(
            at=now - timedelta(days=days, minutes=4),
            by="the engine",
            digest=digest * 16,
            outcome="applied",
            steps=[{"tool": tool, "ok": True, "words": words} for tool, words in steps],
            took_ms=1840,
        )


def _rules(now: datetime) -> None:
    seen = {"engine": "vmalert", "seen_at": now, "seen_since": now - timedelta(days=120)}
    make = RuleState.objects.create
    make(name="SloPageFast", service="checkout", slo="checkout", state="inactive", **seen)
    make(
        name="SloTicketSlow",
        service="stock-1",
        slo="stock-1",
        state="firing",
        firing_since=now - timedelta(days=6),
        last_fired_at=now,
        **seen,
    )
