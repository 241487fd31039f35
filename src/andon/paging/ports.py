"""What paging needs from outside."""

from datetime import datetime
from typing import Protocol

from andon.paging.types import Message, Receipt


class Transport(Protocol):
    """Hands one message over to the outside world.

    At most one attempt; never sleeps, never retries, never reads the clock. Returns a receipt or
    raises `TransportError`. Must be safe to call from several threads.
    """

    def send(self, message: Message, now: datetime) -> Receipt:
        """Hand the message over."""
        ...
