"""Whether this process can write to the database, found out by writing.

The stages' beats tell it of the engine, half a minute later and on another node. A process that
takes in alerts must know of itself, also while no alert comes.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import Error as DatabaseError
from django.db import connection

from andon.core import counters, process
from andon.core.trouble import Trouble

log = structlog.get_logger(__name__)

_NAME = "store"


def prove() -> bool:
    """Write something small; return whether it is on disk, and remember why not."""
    try:
        counters.grow(name=_NAME)
    except DatabaseError as error:
        log.warning("cannot_store", error=str(error))
        connection.close()
        process.cannot_store(error)
        return False
    process.has_stored()
    return True


class StoreWatch:
    """Alarms about troubles of this process that last, whatever state the database is in.

    How often is remembered here and not in the database: each process in trouble tells of it.
    """

    def __init__(self, *, tell: Callable[[Trouble, datetime], None], every: timedelta) -> None:
        self._tell = tell
        self._every = every
        self._before = False
        self._told_at: datetime | None = None

    def look(self, *, now: datetime) -> bool:
        """Look once; alarm if there was trouble the last time too. Return whether all is well."""
        prove()
        found = process.troubles()
        due = self._told_at is None or now - self._told_at >= self._every
        if found and self._before and due:
            self._told_at = now
            for one in found:
                self._tell(one, now)
        self._before = bool(found)
        return not found
