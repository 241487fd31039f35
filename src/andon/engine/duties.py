"""The duties of this installation: what runs beside the stages, if its settings ask for it."""

from collections.abc import Callable
from datetime import datetime

from andon.engine import budgets, telemetry
from andon.engine.duty import Duty


def configured(*, node: str, read_clock: Callable[[], datetime]) -> list[Duty]:
    """Return the duties that settings ask for, not yet started."""
    reading = budgets.duty(node=node, read_clock=read_clock)
    made = telemetry.duties(node=node, read_clock=read_clock)
    return [*made, reading] if reading is not None else made
