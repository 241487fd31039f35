"""Who may see which address, and who may try to sign in now."""

from andon.people.rules.addresses import listed, masked, said_of
from andon.people.rules.delays import doubled, doubling
from andon.people.rules.doors import (
    BY_COMMAND,
    BY_MAIL,
    LINK_PREFIX,
    MOST_BY_MAIL,
    SET_UP,
    all_meant,
    link_refusal,
    mail_wait,
    set_up_link,
    sign_in_link,
    typed_name,
    who_is_meant,
)
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
    "BY_COMMAND",
    "BY_MAIL",
    "LINK_PREFIX",
    "MOST_BY_MAIL",
    "SET_UP",
    "SLOW",
    "SPRAYED",
    "TRIES",
    "TRIES_UNDER_ATTACK",
    "WINDOW",
    "all_meant",
    "doubled",
    "doubling",
    "link_refusal",
    "listed",
    "mail_wait",
    "masked",
    "network_of",
    "said_of",
    "set_up_link",
    "sign_in_link",
    "sign_in_wait",
    "typed_name",
    "who_is_meant",
]
