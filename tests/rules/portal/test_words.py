"""How values are said on a page."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from andon.core.money import Money
from andon.core.periods import say_wall
from andon.web.portal import words

NOW = datetime(2026, 11, 21, 1, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (61, "1 min 01 s"),
        (600, "10 min"),
        (659, "10 min"),
        (3600, "1 h 00 min"),
        (11_100, "3 h 05 min"),
        (172_799, "47 h 59 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_a_length_is_said_in_two_units_at_most(seconds: float, said: str) -> None:
    assert words.span(timedelta(seconds=seconds)) == said


def test_what_a_minute_costs() -> None:
    assert words.per_minute(Money(20_000_000, "GBP")) == Money(333_333, "GBP")


def test_a_time_names_its_zone_and_its_year_only_when_it_is_another() -> None:
    london = ZoneInfo("Europe/London")
    summer = datetime(2026, 7, 1, 8, 0, tzinfo=UTC).astimezone(london)
    assert say_wall(summer, now=NOW) == "Wed 1 Jul, 09:00 BST"
    assert say_wall(summer.replace(year=2025), now=NOW) == "Tue 1 Jul 2025, 09:00 BST"
    assert words.iso(summer) == "2026-07-01T08:00:00Z"


def test_a_count_agrees_with_its_noun() -> None:
    assert words.count(1, "page") == "1 page"
    assert words.count(2_000, "page") == "2,000 pages"
    assert words.count(2, "thing is", "things are") == "2 things are"
