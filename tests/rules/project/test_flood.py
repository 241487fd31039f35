"""No event fills the log: said at once, then less and less often, and how often it was left out."""

import logging

import pytest
import structlog

from andon.project import logs
from andon.project.flood import MOST, Flood


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def line(said: object = "page_unanswered", *, name: str = "andon.paging") -> logging.LogRecord:
    msg = {"event": said, "page": "1"} if isinstance(said, str) else said
    return logging.LogRecord(name, logging.ERROR, __file__, 1, msg, None, None)


def test_65_000_lines_of_one_event_in_minutes_become_a_few_dozen() -> None:
    clock = Clock()
    flood = Flood(read_clock=clock)
    written = []
    for _ in range(65_000):
        clock.now += 600 / 65_000
        record = line()
        if flood.filter(record):
            written.append(record)
    assert len(written) < MOST + 10
    told = sum(getattr(record, "left_out", 0) for record in written)
    assert told > 40_000, "what was left out is said"


def test_an_event_that_goes_on_for_a_day_is_said_about_once_an_hour() -> None:
    clock = Clock()
    flood = Flood(read_clock=clock)
    written = 0
    for _ in range(24 * 3600):
        clock.now += 1
        written += flood.filter(line())
    assert MOST < written < MOST + 40


def test_other_events_are_said_meanwhile() -> None:
    flood = Flood(read_clock=Clock())
    for _ in range(1000):
        flood.filter(line())
    assert flood.filter(line("page_resolved"))
    assert flood.filter(line(name="andon.alerts"))


def test_what_was_quiet_for_long_is_told_from_the_beginning() -> None:
    clock = Clock()
    flood = Flood(read_clock=clock)
    assert sum(flood.filter(line()) for _ in range(1000)) == MOST
    clock.now += 24 * 3600
    assert sum(flood.filter(line()) for _ in range(1000)) == MOST


def test_ordinary_lines_are_never_left_out() -> None:
    clock = Clock()
    flood = Flood(read_clock=clock)
    for _ in range(1000):
        clock.now += 10
        assert flood.filter(line())


def test_texts_that_differ_each_time_fill_no_memory() -> None:
    flood = Flood(read_clock=Clock())
    for number in range(5000):
        assert flood.filter(line(f"strange text {number}"))
    assert len(flood._windows) <= 1000


def test_the_log_as_it_is_set_up_leaves_lines_out_and_says_how_many(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.configure("json")
        for number in range(1000):
            structlog.get_logger("tests.flood").error("planted_event", number=number)
        record = line()
        record.left_out = 41
        written = root.handlers[0].format(record)
    finally:
        root.handlers[:], _ = before, root.setLevel(level)
        structlog.reset_defaults()
    assert capsys.readouterr().err.count("planted_event") == MOST
    assert '"left_out": 41' in written
