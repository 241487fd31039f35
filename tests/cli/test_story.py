"""The story of the sample holds at any instant: its times are told backwards, on wall clocks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from andon.cli.sample import story
from andon.cli.sample.making import STORY
from andon.cli.sample.story import StoryCalendar, When
from tests.support.dates import DATES

LONDON = ZoneInfo("Europe/London")
ZONES = (LONDON, ZoneInfo("Pacific/Auckland"), ZoneInfo("America/Los_Angeles"))
INSTANTS = [one.instant for one in DATES.values()]


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("made_at", INSTANTS, ids=list(DATES))
def test_everything_lies_between_the_beginning_and_now(made_at: datetime, zone: ZoneInfo) -> None:
    told, calendar = story.read(STORY), StoryCalendar(made_at, zone)
    begins = calendar.begins(told)
    assert timedelta(days=90) < made_at - begins < timedelta(days=99)
    began = [calendar.instant(one.when) for one in told.outages]
    assert all(begins < at < made_at for at in began)
    for service in {one.service for one in told.outages}:
        own = sorted(
            at for at, one in zip(began, told.outages, strict=True) if one.service == service
        )
        apart = (later - earlier for earlier, later in pairwise(own))
        assert all(one > timedelta(days=1) for one in apart), service
    arranged = [calendar.instant(one.when) - one.arranged for one in told.overrides]
    assert all(begins < at < made_at for at in arranged)
    closed = list(calendar.months(told))
    assert len(closed) in (2, 3, 4)
    assert all(at < made_at for _, at in closed)


@pytest.mark.parametrize("made_at", INSTANTS, ids=list(DATES))
def test_what_is_told_by_the_clock_is_at_that_hour(made_at: datetime) -> None:
    told, calendar = story.read(STORY), StoryCalendar(made_at, LONDON)
    for outage in told.outages:
        if outage.when.at:
            local = calendar.instant(outage.when).astimezone(LONDON)
            # The hour that clocks skip is the hour after it.
            assert f"{local:%H:%M}" == outage.when.at or local.hour == 2, outage.when


def test_days_and_weeks_are_counted_backwards() -> None:
    friday_night = datetime(2026, 11, 27, 22, 3, tzinfo=UTC)
    calendar = StoryCalendar(friday_night, LONDON)
    assert calendar.instant(When(week=1, day="tue", at="11:20")) == datetime(
        2026, 11, 17, 11, 20, tzinfo=UTC
    )
    assert calendar.instant(When(days=61, at="02:14")) == datetime(2026, 9, 27, 1, 14, tzinfo=UTC)
    assert calendar.instant(When(minutes=35)) == friday_night - timedelta(minutes=35)
    assert [month for month, _ in calendar.months(story.read(STORY))] == [
        date(2026, 8, 1),
        date(2026, 9, 1),
        date(2026, 10, 1),
    ]


def test_a_wall_time_the_clocks_skip_is_the_first_that_they_show() -> None:
    calendar = StoryCalendar(datetime(2027, 3, 30, 12, tzinfo=UTC), LONDON)
    skipped = calendar.instant(When(days=2, at="01:30"))
    assert skipped == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "weeks: 13\noutage: []",
        "[" * 4000,
        "weeks: 13\noutages: [{service: a, when: {week: 2, at: '10:00'}, alerts: []}]",
        "weeks: 13\noutages: [{service: a, when: {days: 2}, alerts: []}]",
    ],
)
def test_a_file_that_is_no_story_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(story.UnreadableStory, match=r"story\.yaml"):
        story.read(path)
