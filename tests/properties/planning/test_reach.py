"""Who takes whom down, against a walk from every service on its own."""

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.planning.rules.reach import Reach, reach, reached_by
from tests.support.portfolios import service

GRAPHS = st.integers(1, 24).flatmap(
    lambda count: st.lists(
        st.lists(st.integers(0, count), max_size=5), min_size=count, max_size=count
    )
)


def named(edges):
    """A graph of slugs; the last number is a slug that is not there."""
    return tuple(
        (f"s{place}", tuple(f"s{needed}" for needed in needs)) for place, needs in enumerate(edges)
    )


def walked(graph, start):
    """What is reached from a start, by walking."""
    needs = dict(graph)
    found, left = {start}, [start]
    while left:
        for one in needs[left.pop()]:
            if one in needs and one not in found:
                found.add(one)
                left.append(one)
    return found


@given(GRAPHS)
@settings(max_examples=150, deadline=None)
def test_the_closure_is_what_a_walk_from_each_service_finds(edges):
    graph = named(edges)

    whole = Reach(graph)

    for slug, _ in graph:
        found = whole.of(slug)
        assert set(found) == walked(graph, slug)
        assert list(found) == [one for one, _ in graph if one in found]


@given(GRAPHS)
@settings(max_examples=100, deadline=None)
def test_services_share_a_circle_when_each_takes_the_other_down(edges):
    graph = named(edges)

    whole = Reach(graph)

    for slug, _ in graph:
        for other, _ in graph:
            both = other in whole.of(slug) and slug in whole.of(other)
            assert (whole.circle(slug) == whole.circle(other)) == both


@given(GRAPHS)
@settings(max_examples=100, deadline=None)
def test_whom_it_takes_down_is_who_needs_it(edges):
    services = [service(slug, depends_on=needs) for slug, needs in named(edges)]

    down, need = reached_by(services), reach(services)

    for one in services:
        assert set(down.of(one.slug)) == {
            other.slug for other in services if one.slug in need.of(other.slug)
        }


def test_a_chain_deeper_than_recursion_goes():
    count = 5_000
    graph = named([[place + 1] for place in range(count)])

    assert len(Reach(graph).of("s0")) == count
