"""Objectives with budgets that were read, for tests of what shows them."""

from datetime import datetime, timedelta
from typing import Any

from andon.catalogue.models import Service
from andon.slo.documents.stored import objective_document
from andon.slo.models import BudgetPoint, BudgetReading, Declaration, TargetLoss
from tests.support import estates

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
