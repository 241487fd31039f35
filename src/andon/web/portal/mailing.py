"""Sends sign-in links by mail, beside the request that asks for one.

Looking for the person, making the link and speaking to the mail server take time only when there is
somebody. The answer comes before all that, so that how long it takes says nothing either.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from threading import BoundedSemaphore

import structlog
from django.conf import settings
from django.db import connection

from andon.core.errors import Refusal
from andon.core.ids import uuid7
from andon.integrations import registry
from andon.paging.ports import Transport
from andon.paging.types import Message, TransportError
from andon.people import actions, queries, rules
from andon.people.types import EMAIL, Contact

log = structlog.get_logger(__name__)

#: Links that wait to be sent; more is somebody who floods, and is dropped.
_MOST_WAITING = 200
_places = BoundedSemaphore(_MOST_WAITING)
_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sign-in-mail")
_BODY = """Hello {name},

somebody, we hope you, asked to sign in to Andon at {home}.

Open the link below and press the button there, on any device, before {until:%H:%M} UTC. It works
once. Whoever has it is you, so forward it to nobody. If you did not ask, leave it: nothing happens.
"""


def soon(work: Callable[[], None]) -> None:
    """Have something done beside the request; drop it when far too much waits."""
    if not _places.acquire(blocking=False):
        log.warning("sign_in_link_dropped", why="too many sign-in links wait to be sent")
        return
    _sender.submit(_do, work)


def send_link(*, typed: str, next_path: str, now: datetime) -> None:
    """Mail a sign-in link to the one person whom a text means, if there is one."""
    slug = queries.account_of(typed=typed)
    address = queries.mail_address(slug=slug) if slug else ""
    if not address:
        return
    try:
        secret = actions.make_mailed_link(person=slug, next_path=next_path, now=now)
        message = Message(
            uid=str(uuid7()),
            contact=Contact(EMAIL, address),
            subject="Your link to sign in to Andon",
            body=_BODY.format(
                name=queries.names(slugs=[slug])[slug],
                home=settings.ANDON_URL,
                until=now + rules.BY_MAIL,
            ),
            data={},
            link=rules.sign_in_link(base_url=settings.ANDON_URL, plain=secret.plain),
            ack_link="",
            urgent=False,
            link_words="Sign in to Andon",
        )
        _mail(settings.ANDON_SMTP_URL, settings.ANDON_MAIL_FROM).send(message, now)
    except Refusal as refusal:
        log.warning("sign_in_link_refused", person=slug, why=refusal.message)
    except TransportError as error:
        log.warning("sign_in_link_not_sent", person=slug, why=str(error), fault=error.fault)


@cache
def _mail(_url: str, _sender: str) -> Transport:
    """Return the transport of mail, which keeps its connections, as the settings say."""
    return registry.transports()[EMAIL]


def _do(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:
        log.exception("sign_in_link_failed")
    finally:
        connection.close()
        _places.release()
