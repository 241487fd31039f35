"""Django's PostgreSQL backend, whose connections hold nothing for long.

A process that freezes (SIGSTOP, a paused machine, a network that swallows packets) keeps the locks
of its transaction until the server ends it. So every connection asks the server for limits, and
work that lawfully takes minutes says so (`core.claims.unhurried`).
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base

from andon.project.postgresql.pool import PATIENCE, PatientConnection, Pool

#: What is known to the server is set on every connection; older servers know less.
LIMITS: Mapping[str, str] = {
    # Between two statements of a transaction: what a frozen process holds is free after this. Our
    # batches need milliseconds; a busy machine a second.
    "idle_in_transaction_session_timeout": "3s",
    # Longer than the above, so that whoever waits for a frozen process gets its turn.
    "lock_timeout": "5s",
    "statement_timeout": "15s",
    # PostgreSQL 17 and later.
    "transaction_timeout": "60s",
    # The server's side of a connection that was cut.
    "client_connection_check_interval": "2s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "5000",
}
UNHURRIED: Mapping[str, str] = {
    "idle_in_transaction_session_timeout": "60s",
    "lock_timeout": "2min",
    "statement_timeout": "0",
    "transaction_timeout": "0",
}
HASTY: Mapping[str, str] = {"lock_timeout": "250ms"}
#: Our side of a connection that was cut, and of a server that cannot be reached.
CONNECTING: Mapping[str, int] = {
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a connection may wait for: the server's limits, and how long we wait for the server."""

    limits: Mapping[str, str]
    patience: float | None = PATIENCE

    def set_on(self, connection: PatientConnection) -> None:
        """Set what the server knows of these, and our side's."""
        rows = ", ".join(["(%s, %s)"] * len(self.limits))
        connection.execute(
            "SELECT set_config(known.name, asked.value, false) "
            f"FROM (VALUES {rows}) AS asked(name, value) JOIN pg_settings AS known USING (name)",
            [text for pair in self.limits.items() for text in pair],
        )
        connection.patience = self.patience
        connection.usual = LIMITS.keys() <= self.limits.keys()


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, with our pool and our limits."""

    _bounds: Bounds | None = None

    @property
    def pool(self) -> Pool | None:
        """Return this process's pool."""
        if self.alias == NO_DB_ALIAS or not self.settings_dict["OPTIONS"].get("pool"):
            return None
        pools: dict[str, Pool] = self._connection_pools  # type: ignore[attr-defined]
        return pools.get(self.alias) or pools.setdefault(self.alias, Pool(self._make))

    def get_connection_params(self) -> dict[str, Any]:
        """Return what a connection is made with; what stands in the URL wins."""
        # In pg_stat_activity: which process holds a lock.
        ours = {**CONNECTING, "application_name": f"andon {os.getpid()}"}
        params: dict[str, Any] = {**ours, **super().get_connection_params()}
        params.pop("limits", None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> PatientConnection:
        """Return a connection with the bounds of the block that asks for it."""
        made: PatientConnection = super().get_new_connection(conn_params)
        try:
            if self._bounds is not None:
                self._bounds.set_on(made)
        except BaseException:
            if self.pool is not None:
                self.pool.putconn(made)
            raise
        return made

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Let transactions of the block take minutes."""
        with self._bound(Bounds(UNHURRIED, patience=None)):
            yield

    @contextmanager
    def hasty(self) -> Iterator[None]:
        """Let nothing in the block wait long for a lock."""
        with self._bound(Bounds(HASTY)):
            yield

    @property
    def _limits(self) -> dict[str, str]:
        given: Mapping[str, str] = self.settings_dict["OPTIONS"].get("limits", {})
        return {**LIMITS, **given}

    def _make(self) -> PatientConnection:
        made = PatientConnection.connect(**{**self.get_connection_params(), "autocommit": True})
        made.made_at = time.monotonic()
        try:
            self._configure_connection(made)  # type: ignore[attr-defined]
            Bounds(self._limits).set_on(made)
        except BaseException:
            made.close()
            raise
        return made

    @contextmanager
    def _bound(self, bounds: Bounds) -> Iterator[None]:
        """Set bounds on what this thread's connection is, or comes to be, in the block."""
        before, self._bounds = self._bounds, bounds
        try:
            try:
                if self.connection is not None:
                    bounds.set_on(self.connection)
            except psycopg.Error:
                self.close()  # lost meanwhile: the next one is made with these bounds
            yield
        finally:
            self._bounds = before
            if self.connection is not None:
                # A connection that is lost, or whose transaction failed, has nothing to set back.
                with suppress(psycopg.Error):
                    Bounds(self._limits).set_on(self.connection)
                    if before is not None:
                        before.set_on(self.connection)
