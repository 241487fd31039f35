"""How an instant is said to people."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from andon.core.periods import say_wall

NOW = datetime(2026, 11, 21, 1, 20, tzinfo=UTC)


def test_a_time_names_its_zone_and_its_year_only_when_it_is_another() -> None:
    london = ZoneInfo("Europe/London")
    summer = datetime(2026, 7, 1, 8, 0, tzinfo=UTC).astimezone(london)
    assert say_wall(summer, now=NOW) == "Wed 1 Jul, 09:00 BST"
    assert say_wall(summer.replace(year=2025), now=NOW) == "Tue 1 Jul 2025, 09:00 BST"
