"""Wakes the engine when intake on any machine says that it stored something (PostgreSQL only).

Only a hint: with the listener blocked, gone or wrong, everything still happens by the poll.
"""

import threading
import time
from collections.abc import Callable

import structlog
from django.db import connection

log = structlog.get_logger(__name__)

CHANNEL = "andon_intake"
_WAIT_SECONDS = 1.0
_RETRY_SECONDS = 1.0
#: A connection that was cut says nothing, as one on which nothing happens: so it is asked.
_ASK_SECONDS = 5.0


class Listener:
    """Listens in a thread and over a connection of its own."""

    def __init__(self, *, on_notify: Callable[[], None]) -> None:
        self._on_notify = on_notify
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start listening, where the database can tell."""
        if connection.vendor != "postgresql":
            return
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="andon-listener", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_WAIT_SECONDS + 5)
            self._thread = None

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001 - a hint may fail in any way; the poll stays
                log.warning("listener_lost", error=str(error))
                self._stop.wait(_RETRY_SECONDS)
            finally:
                connection.close()

    def _listen(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
            listening = connection.connection
            listening.usual = False  # nobody else is to get a connection that hears this
            # Whatever was stored before we listened.
            self._on_notify()
            asked = time.monotonic()
            while not self._stop.is_set():
                for _ in listening.notifies(timeout=_WAIT_SECONDS, stop_after=1):
                    self._on_notify()
                if time.monotonic() - asked > _ASK_SECONDS:
                    cursor.execute("SELECT 1")
                    asked = time.monotonic()
