"""Python imports this at its start when tests put its folder on PYTHONPATH: Andon's clock, shifted.

Only tests started at a date of their own do (`tests/support/clocks.py`); Andon knows nothing of it.
"""

import contextlib
import os
from collections.abc import Callable
from datetime import datetime, timedelta

_SHIFT = timedelta(seconds=float(os.environ["TESTS_CLOCK_SHIFT"]))


def _shifted(read: Callable[..., datetime]) -> Callable[..., datetime]:
    return lambda *of: read(*of) + _SHIFT


# A Python without Andon has no clock of Andon's.
with contextlib.suppress(ImportError):
    from andon.core import clock

    clock.now, clock.of = _shifted(clock.now), _shifted(clock.of)
