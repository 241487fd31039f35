"""Times of commands are those of the clock on the wall of whoever runs them, in a real process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from andon.cli import times

SHOW = """
from datetime import UTC, datetime
from andon.cli import times
from andon.cli.setup import django_ready
django_ready(server=True)
now = datetime(2026, 7, 6, 8, 30, tzinfo=UTC)
print(times.shown(now, now=now), times.read("2026-07-06T10:30"), sep="|")
"""


@pytest.mark.parametrize(
    ("zone", "shown", "read"),
    [
        ("Europe/Berlin", "Mon 6 Jul, 10:30 CEST", "2026-07-06 08:30:00+00:00"),
        ("America/New_York", "Mon 6 Jul, 04:30 EDT", "2026-07-06 14:30:00+00:00"),
        ("UTC", "Mon 6 Jul, 08:30 UTC", "2026-07-06 10:30:00+00:00"),
    ],
)
def test_a_command_keeps_the_zone_of_its_user_although_django_has_one_of_its_own(
    zone: str, shown: str, read: str, tmp_path: Path
) -> None:
    own = {name: text for name, text in os.environ.items() if not name.startswith("ANDON_")}
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env=own | {"TZ": zone, "ANDON_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.strip() == f"{shown}|{read}"


@pytest.mark.parametrize("text", ["", "tomorrow", "0001-01-01", "9999-12-31T23:59", "2026-13-01"])
def test_what_is_no_instant_is_none(text: str) -> None:
    assert times.read(text) is None
