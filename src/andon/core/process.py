"""What is wrong with this process just now that the database cannot be asked about.

A full disk or a lost database is what keeps anybody from writing down that there is one. So each
process remembers it for its own probes, first page, metrics and alarm.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

import structlog
from django.db import Error as DatabaseError
from django.db import transaction
from prometheus_client import Gauge

from andon.core import clock, masking
from andon.core.trouble import Trouble

log = structlog.get_logger(__name__)

#: A full disk lets a small write through now and then: it is over when none has failed for so long.
OVER_AFTER_SECONDS = 30.0
_WHAT = (
    "Andon fails to write to its database; what it cannot store it refuses with 503, so that it is "
    "sent again, and nobody is paged for it until then"
)

_CANNOT_STORE = Gauge(
    "andon_process_cannot_store", "1 while this process fails to write to the database"
)

_lock = Lock()
_found: Trouble | None = None
_failed_at = 0.0


def cannot_store(why: object) -> None:
    """Remember that something could not be written down, and what the database says of it."""
    global _found, _failed_at  # noqa: PLW0603 - there is one process
    now = clock.now()
    said = f"{masking.text(str(why)).strip().rstrip('.')} (last at {now:%H:%M:%S} UTC)"
    with _lock:
        since = _found.since if _found else now
        _found = Trouble(name="storage", what=_WHAT, since=since, said=said)
        _failed_at = monotonic()
        _CANNOT_STORE.set(1)


def has_stored() -> None:
    """Note that something was written; forget a trouble that has not come again for a while."""
    global _found  # noqa: PLW0603 - there is one process
    if _found is None:
        return
    with _lock:
        if monotonic() - _failed_at >= OVER_AFTER_SECONDS:
            _found = None
            _CANNOT_STORE.set(0)


@contextmanager
def incidental() -> Iterator[None]:
    """Try to write what nobody must be refused for, such as when something was last used.

    Whoever reads can read on while nothing can be written.
    """
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        log.warning("not_noted", error=str(error))
        cannot_store(error)


def troubles() -> tuple[Trouble, ...]:
    """Return what is wrong with this process."""
    found = _found
    return (found,) if found else ()
