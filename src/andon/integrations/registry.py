"""What answers for each kind, as this installation is set up. Loaded when it is needed."""

import importlib
from collections.abc import Callable
from datetime import datetime

from andon.alerts.ports import Receiver
from andon.integrations.gathering import FOLDERS
from andon.paging.ports import Transport
from andon.paging.types import Fault, Message, Receipt, TransportError
from andon.people.types import CONTACT_KINDS


class NoTransport:
    """Stands in where this installation cannot send, and says what is missing."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def send(self, message: Message, now: datetime) -> Receipt:  # noqa: ARG002 - the port's shape
        """Refuse, without blaming the address."""
        raise TransportError(self._reason, fault=Fault.INSTALLATION)

    def check(self, address: str) -> str:  # noqa: ARG002 - the port's shape
        """Refuse as `send` does."""
        raise TransportError(self._reason, fault=Fault.INSTALLATION)


def transports() -> dict[str, Transport]:
    """Return a transport for every kind of contact, as this installation's settings say."""
    return {kind.name: _transport(FOLDERS[kind.name]) for kind in CONTACT_KINDS}


def receiver(kind: str) -> Receiver:
    """Return what reads the bodies that come in with keys of a kind."""
    found: Receiver = importlib.import_module(f"{FOLDERS[kind]}.receiver").RECEIVER
    return found


def _transport(folder: str) -> Transport:
    make: Callable[[], Transport] = importlib.import_module(f"{folder}.transport").transport
    try:
        return make()
    except TransportError as error:
        return NoTransport(str(error))
