"""Keeps one event from filling the log: said at once, then less and less often, with a count.

A storm of alerts, a database that is away or an organisation that nobody applied makes the same
line again for each alert or each second. Whoever reads the log then finds nothing else in it.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

#: Lines of one event within a window; the window of one that overflows doubles, up to the longest.
MOST = 20
FIRST_SECONDS, LONGEST_SECONDS = 60.0, 3600.0
#: Events that are remembered; a library that writes a new text each time must not fill memory.
_EVENTS = 1000


@dataclass(slots=True)
class _Window:
    """How often one event was logged since an instant."""

    ends_at: float
    seconds: float = FIRST_SECONDS
    most: int = MOST
    said: int = 0
    left_out: int = 0


class Flood(logging.Filter):
    """Lets the first lines of an event through, and after them one a window: a minute to an hour.

    What comes through again carries as `left_out` how many lines did not.
    """

    def __init__(self, *, read_clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = read_clock
        self._lock = threading.Lock()
        self._windows: OrderedDict[tuple[str, int, str], _Window] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a line is written."""
        key = (record.name, record.levelno, _event(record))
        with self._lock:
            window, before = self._window(key)
            if window.said >= window.most:
                window.left_out += 1
                return False
            window.said += 1
        if before:
            record.left_out = before
        return True

    def _window(self, key: tuple[str, int, str]) -> tuple[_Window, int]:
        """Return the window an event is in now, and what was left out of the one before."""
        now, known = self._clock(), self._windows.get(key)
        if known is not None and now < known.ends_at:
            return known, 0
        window, before = _Window(now + FIRST_SECONDS), 0
        if known is not None and known.left_out:
            before = known.left_out
            # Quiet for as long as that: a new trouble, told from the beginning.
            if now < known.ends_at + known.seconds:
                seconds = min(known.seconds * 2, LONGEST_SECONDS)
                window = _Window(now + seconds, seconds, most=1)
        self._windows[key] = window
        self._windows.move_to_end(key)
        if len(self._windows) > _EVENTS:
            self._windows.popitem(last=False)
        return window, before


def _event(record: logging.LogRecord) -> str:
    """Return what is the same of all lines of an event: its name, or its text before it is filled.

    structlog hands over a mapping with the name in it.
    """
    said = record.msg
    return str(said.get("event", "")) if isinstance(said, dict) else str(said)
