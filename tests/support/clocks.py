"""Andon's own clock, turned: the one place that reads the time is the one place to turn it.

`ANDON_TEST_DATE=year-end` runs any tests at a date of `dates.DATES`, each from the same instant on;
what they start as processes of their own goes along (`elsewhen/sitecustomize.py`). Programs that
are not Andon's keep the machine's time, so tests with them (`components`) stay out of it.
"""

import os
import sys
from collections.abc import Generator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from andon.core import clock
from tests.support.dates import DATES, Date

ELSEWHEN = Path(__file__).parent / "elsewhen"
#: What children read, in seconds. Not ANDON_...: those are taken from a child's environment.
SHIFT = "TESTS_CLOCK_SHIFT"
#: A file of node ids: a run without a date writes it, one at a date runs only what it names; of
#: tests that only start a process, which take long, only on request.
READERS = os.environ.get("ANDON_TEST_READERS", "")
PARENTS = bool(os.environ.get("ANDON_TEST_PARENTS"))
_PARENT = "\tstarts a process"


class Wound:
    """The clock as tests have it: the machine's, shifted by nothing unless a date is asked for."""

    def __init__(self) -> None:
        self.machine, self._of = clock.now, clock.of
        self.shift = timedelta(0)
        self.reads = 0

    def now(self) -> datetime:
        """Return the present of the tests."""
        self.reads += 1
        return self.machine() + self.shift

    def of(self, connection: BaseDatabaseWrapper) -> datetime:
        """Return a database's present, shifted alike."""
        self.reads += 1
        return self._of(connection) + self.shift

    def wind(self, to: datetime) -> None:
        """Let it be an instant now, here and in processes that are started from now on."""
        self.shift = to - self.machine()
        os.environ[SHIFT] = str(self.shift.total_seconds())


wound = Wound()


def install() -> Date | None:
    """Put the tests' clock in the place of Andon's; return the date that is asked for.

    Before anything else of Andon is imported: an engine keeps the clock it was made with.
    """
    clock.now, clock.of = wound.now, wound.of
    name = os.environ.get("ANDON_TEST_DATE", "")
    if not name:
        return None
    if name not in DATES:
        raise pytest.UsageError(f"ANDON_TEST_DATE={name}: there is {', '.join(DATES)}")
    above = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ELSEWHEN), above)))
    wound.wind(DATES[name].instant)
    # What Django itself dates of Andon's data, such as when a session ends.
    timezone.now = wound.now  # noqa: TID251
    return DATES[name]


def turn(monkeypatch: pytest.MonkeyPatch, *, to: datetime) -> None:
    """Let the clock read an instant of the test's own now, and go on from there, until its end."""
    monkeypatch.setattr(wound, "shift", to - wound.machine())


class Readers:
    """A plugin: winds the clock before each test, and notes which tests ask what time it is."""

    def __init__(self, date: Date | None) -> None:
        self.date = date
        self._readers: set[str] = set()
        self._parents: set[str] = set()
        self._files: set[str] = set()
        self._started = 0
        sys.addaudithook(self._hear)

    def pytest_report_header(self) -> list[str]:
        """Say when and where it is."""
        return [f"date: {self.date}"] if self.date else []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Wind the clock, run a test, and note whether it or a child can have read the clock."""
        read, started = wound.reads, self._started
        if self.date is not None:
            wound.wind(self.date.instant)
        result = yield
        if wound.reads > read or item.nodeid.partition("::")[0] in self._files:
            self._readers.add(item.nodeid)
        elif self._started > started:
            self._parents.add(item.nodeid + _PARENT)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Note which files ask when they are imported: all their tests may depend on it."""
        before = wound.reads
        report = yield
        if wound.reads > before and isinstance(collector, pytest.Module):
            self._files.add(collector.nodeid)
        return report

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """At a date, leave out what a run without one found to be independent of it."""
        if self.date is None or not READERS:
            return
        lines = Path(READERS).read_text(encoding="utf-8").splitlines()
        readers = {one.removesuffix(_PARENT) for one in lines if PARENTS or _PARENT not in one}
        config.hook.pytest_deselected(items=[one for one in items if one.nodeid not in readers])
        items[:] = [one for one in items if one.nodeid in readers]

    def pytest_sessionfinish(self) -> None:
        """Add who read the clock to what runs before this one found."""
        if self.date is None and READERS:
            with Path(READERS).open("a", encoding="utf-8") as file:
                file.writelines(f"{one}\n" for one in sorted(self._readers | self._parents))

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        # A child reads a clock of its own, unseen from here.
        if event == "subprocess.Popen":
            self._started += 1
