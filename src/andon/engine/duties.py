"""The duties of this installation: what runs beside the stages, if its settings ask for it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from andon.engine import budgets, telemetry, ways
from andon.engine.duty import Duty
from andon.paging.ports import Transport

#: What all of them are called; each has one row of `core.turns` and one beat.
NAMES = frozenset({budgets.NAME, *telemetry.NAMES, ways.NAME})


def configured(
    *, node: str, read_clock: Callable[[], datetime], transports: Mapping[str, Transport]
) -> list[Duty]:
    """Return the duties that settings ask for, not yet started."""
    looking = ways.duty(node=node, read_clock=read_clock, transports=transports)
    reading = budgets.duty(node=node, read_clock=read_clock)
    made = telemetry.duties(node=node, read_clock=read_clock)
    return [looking, *made, reading] if reading is not None else [looking, *made]
