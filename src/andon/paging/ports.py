"""What paging needs from outside."""

from datetime import datetime
from typing import Protocol, runtime_checkable

from andon.paging.types import Message, Receipt


class Transport(Protocol):
    """Hands one message over to the outside world.

    At most one attempt; never sleeps, never retries, never reads the clock. Returns a receipt or
    raises `TransportError`. Must be safe to call from several threads.
    """

    def send(self, message: Message, now: datetime) -> Receipt:
        """Hand the message over."""
        ...


@runtime_checkable
class CheckedTransport(Protocol):
    """A transport that can be asked whether it works without sending anything to anybody."""

    def check(self, address: str) -> str:
        """Speak with what messages to an address leave by; return what it said.

        Raises TransportError with whose fault it is that nothing could be handed over now.
        """
        ...
