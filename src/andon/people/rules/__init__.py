"""Who may see which address, and who may try to sign in now."""

from andon.people.rules.addresses import listed, masked, said_of
from andon.people.rules.signing_in import (
    ATTACK,
    SLOW,
    SPRAYED,
    TRIES,
    TRIES_UNDER_ATTACK,
    WINDOW,
    network_of,
    sign_in_wait,
)

__all__ = [
    "ATTACK",
    "SLOW",
    "SPRAYED",
    "TRIES",
    "TRIES_UNDER_ATTACK",
    "WINDOW",
    "listed",
    "masked",
    "network_of",
    "said_of",
    "sign_in_wait",
]
