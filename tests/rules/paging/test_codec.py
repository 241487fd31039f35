"""What a page keeps is read as it was written, by today's code and by that of before."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.catalogue.types import EscalationPolicy, EscalationStep, EscalationTarget
from andon.paging import rules
from andon.paging.rules import codec
from andon.paging.types import PagePolicy, PageRoute

#: `Page.route` and `Page.policy` as version 0.1 wrote them, of a page that an alert had joined
#: after nobody had answered.
ROUTE = {
    "description": "5xx above 1%",
    "links": [["Source", "http://vmalert.example/1"], ["Alertmanager", "http://am.example"]],
    "labels": [["instance", "10.0.0.1:9090"], ["region", "eu-west-1"]],
    "verdict": "page",
    "team": "checkout",
    "service_why": '"checkout" (the sender\'s service) is in the catalogue.',
    "trace": ["Checkout is owned by Team Checkout", "99.9% target: team rota out of hours"],
}
POLICY = {
    "steps": [
        {"target": "on-call", "wait": 300.0},
        {"target": "next-on-call", "wait": 90.5},
        {"target": "everyone", "wait": 300.0},
    ],
    "repeats": 2,
    "from": 7,
    "fallback_told": True,
}

TEXT = st.text(max_size=9)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)
STEPS = st.lists(
    st.builds(
        EscalationStep,
        st.sampled_from(EscalationTarget),
        st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
    ),
    min_size=1,
    max_size=5,
).map(tuple)


@given(
    st.builds(
        PageRoute, st.none() | TEXT, service_why=TEXT, description=TEXT, links=PAIRS, labels=PAIRS
    )
)
def test_a_route_survives_being_kept(route: PageRoute) -> None:
    assert codec.route_from(codec.route_to(route)) == route


@given(
    st.builds(
        PagePolicy, STEPS, st.integers(0, 9), st.integers(0, 10**6), st.booleans(), st.booleans()
    )
)
def test_a_policy_survives_being_kept(policy: PagePolicy) -> None:
    assert codec.policy_from(codec.policy_to(policy)) == policy


def test_what_was_kept_before_is_read() -> None:
    assert codec.route_from(ROUTE) == PageRoute(
        team="checkout",
        service_why='"checkout" (the sender\'s service) is in the catalogue.',
        description="5xx above 1%",
        links=(("Source", "http://vmalert.example/1"), ("Alertmanager", "http://am.example")),
        labels=(("instance", "10.0.0.1:9090"), ("region", "eu-west-1")),
    )
    assert codec.policy_from(POLICY) == PagePolicy(
        steps=(
            EscalationStep(EscalationTarget.ON_CALL, timedelta(minutes=5)),
            EscalationStep(EscalationTarget.NEXT_ON_CALL, timedelta(seconds=90.5)),
            EscalationStep(EscalationTarget.EVERYONE, timedelta(minutes=5)),
        ),
        repeats=2,
        begins_at=7,
        fallback_told=True,
    )


@pytest.mark.parametrize(
    ("kept", "changes"),
    [({}, {}), ({"from": 3, "anew": True}, {"begins_at": 3, "anew": True}), ({"steps": []}, {})],
)
def test_a_page_without_a_policy_has_the_standard_one(
    kept: dict[str, object], changes: dict[str, object]
) -> None:
    assert codec.policy_from(kept) == replace(PagePolicy(), **changes)
    assert codec.policy_from(kept).steps == EscalationPolicy().steps


@pytest.mark.parametrize(
    "broken",
    [
        {"steps": [{"target": "the moon", "wait": 300}], "repeats": 0},
        {"steps": [{"target": "on-call"}], "repeats": 0},
        {"steps": [{"target": "on-call", "wait": 300}]},
    ],
)
def test_a_policy_that_cannot_be_read_is_no_other(broken: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError)):
        codec.policy_from(broken)


def test_a_policy_that_is_adopted_leaves_where_the_page_is() -> None:
    kept = PagePolicy(begins_at=4, fallback_told=True)
    steps = (EscalationStep(EscalationTarget.EVERYONE, timedelta(hours=1)),)
    found = rules.adopt(policy=EscalationPolicy(steps, 0), kept=kept)
    assert found == PagePolicy(steps, 0, begins_at=4, fallback_told=True)
