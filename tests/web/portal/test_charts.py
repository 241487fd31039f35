"""Where points and bars lie: inside the picture, in proportion, and none for nothing."""

from hypothesis import given
from hypothesis import strategies as st

from andon.core.money import Money
from andon.web.portal import charts

amounts = st.integers(0, 10**14).map(lambda minor: Money(minor, "GBP"))


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=20))
def test_every_point_lies_inside_the_axes(pairs: list[tuple[Money, Money]]) -> None:
    found = charts.scatter([charts.Dot("x", "team", *pair) for pair in pairs])
    assert found is not None
    for point in found.points:
        assert found.left <= point.x <= found.right
        assert found.top <= point.y <= found.floor
    assert len(found.across) >= 2
    assert [one.at for one in found.across] == sorted(one.at for one in found.across)


def test_points_stand_where_their_amounts_are() -> None:
    dots = [
        charts.Dot("a", "team", Money(100_000, "GBP"), Money(0, "GBP")),
        charts.Dot("b", "none", Money(1_000_000, "GBP"), Money(4_000_000, "GBP")),
        charts.Dot("c", "domain", Money(10_000_000, "GBP"), Money(2_000_000, "GBP")),
    ]
    found = charts.scatter(dots)
    assert found is not None
    left, middle, right = (point.x for point in found.points)
    assert (left, right) == (found.left, found.right)
    assert middle == (left + right) / 2, "ten times as much is the same step"
    floor, top, half = (point.y for point in found.points)
    assert (floor, top) == (found.floor, found.top)
    assert half == (floor + top) / 2
    assert [one.words for one in found.across] == ["GBP 1,000", "GBP 10,000", "GBP 100,000"]
    assert found.points[1].words == "b: GBP 10,000 an hour, GBP 40,000 a year"


def test_bars_are_in_proportion() -> None:
    found = charts.bars([("x", (Money(400, "GBP"), Money(100, "GBP"))), ("y", (Money(0, "GBP"),))])
    assert found is not None
    first, second, third = found.bars
    assert first.width == 4 * second.width
    assert third.width == 0
    assert [one.label for one in found.bars] == ["x", "", "y"]


def test_nothing_makes_no_chart() -> None:
    assert charts.scatter([]) is None
    assert charts.bars([]) is None
    assert charts.bars([("x", (Money(0, "GBP"),))]) is None


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=30))
def test_names_of_points_stand_inside_and_over_no_other(pairs: list[tuple[Money, Money]]) -> None:
    found = charts.scatter(
        [charts.Dot(f"service-{n}", "team", *one) for n, one in enumerate(pairs)]
    )
    assert found is not None
    boxes = [
        (one.x - 12 - 11 * len(one.label) if one.at_end else one.x + 12, one.y, len(one.label) * 11)
        for one in found.points
        if one.label
    ]
    for at, (left, y, wide) in enumerate(boxes):
        assert found.left <= left
        assert left + wide <= found.width
        for other, below, length in boxes[at + 1 :]:
            assert abs(y - below) >= 24 or left + wide <= other or other + length <= left


def test_a_point_that_stands_alone_is_named() -> None:
    found = charts.scatter([charts.Dot("Checkout", "team", Money(1000, "GBP"), Money(5, "GBP"))])
    assert found is not None
    assert [one.label for one in found.points] == ["Checkout"]
