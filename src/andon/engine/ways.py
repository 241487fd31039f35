"""The duty that looks whether messages could leave, so that it is known before there is one."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from andon.engine.duty import Duty
from andon.paging.actions import ways
from andon.paging.ports import Transport

NAME = "ways"
#: How often it is asked what is due; `paging.rules.ways` says what is.
EVERY = timedelta(seconds=10)


def duty(
    *, node: str, read_clock: Callable[[], datetime], transports: Mapping[str, Transport]
) -> Duty:
    """Return the duty. What it finds is told as a trouble, and is no failure of its own."""
    return Duty(
        name=NAME,
        every=EVERY,
        work=lambda turn: len(ways.look(transports=transports, now=turn.now, pause=turn.pause)),
        node=node,
        read_clock=read_clock,
    )
