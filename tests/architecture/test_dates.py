"""The suite at other dates: which, and that the clock says so, also in processes of its own."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from andon.core import clock
from scripts import test as runner
from tests.support.clocks import wound
from tests.support.dates import DATES
from tests.support.tree import ROOT

CLOSE = timedelta(seconds=60)


def expected() -> datetime:
    """Return what Andon's clock should say: the date that is asked for, or the machine's time."""
    name = os.environ.get("ANDON_TEST_DATE")
    return DATES[name].instant if name else wound.machine()


def test_the_clock_says_the_date_that_is_asked_for_in_children_too() -> None:
    script = "from andon.core import clock; print(clock.now().isoformat())"
    child = subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, text=True)
    of_django = timezone.now()  # noqa: TID251 - that it says the same is tested
    for said in (clock.now(), of_django, datetime.fromisoformat(child.strip())):
        assert timedelta(0) <= said - expected() + timedelta(seconds=1) < CLOSE


def test_a_test_that_asks_nothing() -> None:
    assert wound.machine().tzinfo is UTC


def test_at_a_date_only_tests_that_can_see_it_run(tmp_path: object) -> None:
    readers = f"{tmp_path}/readers"
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("ANDON_", "DJANGO_", "PYTHON"))
    }

    def run(**env: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", __file__, "-k", "asks or asked"],
            cwd=ROOT, env={**kept, "ANDON_TEST_READERS": readers, **env},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    assert "2 passed" in run(ANDON_TEST_DATE="")
    at_a_date = run(ANDON_TEST_DATE="leap-day", TZ="Pacific/Auckland")
    assert "1 passed" in at_a_date
    assert "2028-02-29 12:00" in at_a_date


def test_what_is_unusual_about_each_date() -> None:
    at = {name: one.instant for name, one in DATES.items()}
    assert at["clocks-forward"] == datetime(2027, 3, 28, 0, 50, tzinfo=UTC)
    assert at["clocks-back"] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert at["month-end"] == datetime(2027, 4, 30, 22, 50, tzinfo=UTC)
    assert at["friday-night"].isoweekday() == 5
    assert at["sunday"].isoweekday() == 7
    assert len({one.machine for one in DATES.values()}) > 2


def test_a_commit_has_its_dates_whenever_it_is_tested() -> None:
    assert runner.dates("") == runner.dates("")
    assert len(runner.dates("")) == runner.SAMPLE
    assert runner.dates("all") == list(DATES)
    assert runner.dates("leap-day,sunday") == ["leap-day", "sunday"]
    with pytest.raises(SystemExit, match="year-end"):
        runner.dates("doomsday")
