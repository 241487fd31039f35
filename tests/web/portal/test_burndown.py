"""The burn-down as geometry: nothing unmeasured is drawn, no dip vanishes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.core.periods import Period
from andon.web.portal.burndown import Mark, burn_down

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WINDOW = Period(NOW - timedelta(days=28), NOW)
LONDON = ZoneInfo("Europe/London")


def falling(hours: int, *, to: float = 0.0) -> list[tuple[datetime, float]]:
    return [
        (WINDOW.ends_at - timedelta(hours=hours - at), 1.0 + (to - 1.0) * at / hours)
        for at in range(hours + 1)
    ]


def test_a_line_falls_from_full_to_zero() -> None:
    found = burn_down(falling(28 * 24), window=WINDOW, zone=LONDON)
    assert found is not None
    (line,) = found.lines
    first, last = line.split()[0], line.split()[-1]
    assert first == f"{found.left}.0,{found.top}.0"
    assert last == f"{found.right}.0,{found.floor}.0"
    assert [tick.words for tick in found.up] == ["0%", "25%", "50%", "75%", "100%"]
    assert found.zero == found.floor


def test_an_overspent_budget_goes_below_zero() -> None:
    found = burn_down(falling(100, to=-0.5), window=WINDOW, zone=LONDON)
    assert found is not None
    assert [tick.words for tick in found.up] == ["\u2212100%", "\u221250%", "0%", "50%", "100%"]
    assert found.top < found.zero < found.floor
    assert found.rows[0].left == -0.5


def test_what_nobody_measured_is_not_drawn() -> None:
    points = falling(48)
    del points[10:20]
    found = burn_down(points, window=WINDOW, zone=LONDON)
    assert found is not None
    assert len(found.lines) == 2


def test_a_dip_of_one_point_among_thousands_is_drawn() -> None:
    points = [(WINDOW.starts_at + timedelta(minutes=5 * at), 0.9) for at in range(8000)]
    points[4321] = (points[4321][0], 0.05)
    found = burn_down(points, window=WINDOW, zone=LONDON)
    assert found is not None
    places = [place.split(",") for place in found.lines[0].split()]
    assert len(places) < 400
    assert max(float(y) for _, y in places) > found.floor - 20


def test_a_minute_of_incident_can_be_seen_and_an_older_one_is_left_out() -> None:
    hour = Period(NOW - timedelta(minutes=1), NOW)
    old = Period(NOW - timedelta(days=40), NOW - timedelta(days=39))
    marks = [Mark(hour, "INC-7"), Mark(old, "INC-1"), Mark(hour, "release 4", "deployment")]
    found = burn_down(falling(48), window=WINDOW, zone=LONDON, marks=marks)
    assert found is not None
    assert [(band.words, band.width) for band in found.incidents] == [("INC-7", 3.0)]
    assert [band.words for band in found.deployments] == ["release 4"]
    assert found.incidents[0].x + found.incidents[0].width <= found.right


def test_the_table_has_a_row_a_day_newest_first() -> None:
    found = burn_down(falling(28 * 24), window=WINDOW, zone=LONDON)
    assert found is not None
    days = [row.at.astimezone(LONDON).date() for row in found.rows]
    assert days == sorted(set(days), reverse=True)
    assert len(days) == 29


def test_a_deployment_stands_in_the_row_of_its_day_and_none_is_lost() -> None:
    def mark(at: datetime) -> Mark:
        return Mark(Period(at, at), "release", "deployment")

    hours = (1, 30, 31, 24 * 20)
    deployed = [NOW - timedelta(hours=one) for one in hours]
    # Nothing was measured between ten and fifteen days ago.
    points = [one for one in falling(28 * 24) if not 10 <= (NOW - one[0]) / timedelta(days=1) < 15]
    unmeasured = NOW - timedelta(days=12)
    marks = [mark(at) for at in (*deployed, unmeasured)]
    found = burn_down(points, window=WINDOW, zone=LONDON, marks=marks)
    assert found is not None
    shown = [at for row in found.rows for at in row.deployments]
    assert sorted(shown) == sorted([*deployed, unmeasured])
    for row in found.rows:
        for at in row.deployments:
            if at != unmeasured:
                assert at.astimezone(LONDON).date() == row.at.astimezone(LONDON).date()


def test_one_point_is_no_line() -> None:
    assert burn_down([(NOW, 0.5)], window=WINDOW, zone=LONDON) is None
    assert burn_down([], window=WINDOW, zone=LONDON) is None


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 28 * 24 * 60), st.floats(-50, 1)), min_size=2, max_size=60
    ).map(lambda found: sorted(dict(found).items())),
    st.integers(1, 400),
)
def test_everything_stays_inside_and_runs_from_left_to_right(
    found: list[tuple[int, float]], days: int
) -> None:
    window = Period(NOW - timedelta(days=days), NOW)
    points = [(NOW - timedelta(minutes=28 * 24 * 60 - at), left) for at, left in found]
    chart = burn_down(points, window=window, zone=LONDON)
    if chart is None:
        return
    for line in chart.lines:
        places = [tuple(map(float, place.split(","))) for place in line.split()]
        assert all(one[0] <= two[0] for one, two in pairwise(places))
        assert all(chart.left <= x <= chart.right for x, _ in places)
        assert all(chart.top <= y <= chart.floor for _, y in places)
    assert len(chart.across) <= 7
    assert len(chart.rows) <= 33
