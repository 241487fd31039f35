"""Andon's own clock, turned: the one place that reads the time is the one place to turn it."""

from datetime import datetime

import pytest

from andon.core import clock


def turn(monkeypatch: pytest.MonkeyPatch, *, to: datetime) -> None:
    """Let the clock read an instant of the test's own now, and go on from there, until its end."""
    read = clock.now
    began = read()
    monkeypatch.setattr(clock, "now", lambda: to + (read() - began))
