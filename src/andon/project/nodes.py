"""One machine on SQLite, any number on PostgreSQL: who may start, and who is running.

SQLite's locks hold on one machine only, so a second node would corrupt what a `202` promised. The
lock is a file beside the database: it dies with its process, whatever killed it.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from andon.core import files, nodes, turns
from andon.paging.actions import delivery

#: A node of another machine seen this recently is taken to be running.
FRESH = timedelta(seconds=90)


class SecondNodeRefused(SystemExit):
    """Another Andon already runs this role against the same SQLite database."""


@contextmanager
def running(*, roles: tuple[str, ...], now: datetime) -> Iterator[str]:
    """Hold the roles of this process until the block ends; yield the node's name.

    Raises SecondNodeRefused when the database is SQLite and another process holds one of them.
    """
    host = socket.gethostname()
    name = f"{host}:{os.getpid()}"
    with ExitStack() as stack:
        if connection.vendor == "sqlite":
            path = Path(str(settings.DATABASES["default"]["NAME"])).resolve()
            _refuse_other_machines(path=path, host=host, now=now)
            for role in roles:
                stack.enter_context(_locked(path, role))
            nodes.forget(before=now - FRESH)
            if "engine" in roles:
                # The lock proves that no other engine lives, so nobody holds what is leased.
                delivery.give_all_back()
                turns.free_all()
        nodes.enter(name=name, host=host, roles=" ".join(roles), now=now)
        connection.close()
        try:
            yield name
        finally:
            nodes.leave(name=name)


@contextmanager
def _locked(database: Path, role: str) -> Iterator[None]:
    path = database.with_name(f"{database.name}.{role}.lock")
    allowed = files.GROUP if settings.ENV.home_group else files.PRIVATE
    files.make_file(path, allowed=allowed)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise SecondNodeRefused(_explain(database, role, holder)) from None
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()} on {socket.gethostname()}")
        file.flush()
        yield


def _refuse_other_machines(*, path: Path, host: str, now: datetime) -> None:
    for other in nodes.list_seen(since=now - FRESH, but_on=host):
        raise SecondNodeRefused(_explain(path, other.roles, f"{other.name}, seen {other.seen_at}"))


def _explain(database: Path, role: str, holder: str) -> str:
    return (
        f"Andon ({role}) already runs on {database}: {holder}.\n"
        "SQLite serves one node. Stop the other one, give this one its own ANDON_HOME, or move to "
        "PostgreSQL with ANDON_DATABASE_URL=postgresql://USER:PASSWORD@HOST/NAME to run several."
    )
