"""A year of many services that take one another down: the short way against the plain one."""

import math
from datetime import time, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import Cover, WorkingHours
from andon.planning.rules import expected
from andon.planning.rules.annual import annuals
from andon.planning.rules.optimise.losses import expected_losses
from andon.planning.rules.reach import reach
from andon.planning.types import Season, Stretch
from tests.support.portfolios import gbp, portfolio, service

EVENINGS = tuple(
    Stretch(day * 1440 + start, day * 1440 + end, Decimal(weight))
    for day in range(7)
    for start, end, weight in ((0, 1080, 1), (1080, 1440, 5))
)


#: Exposure so large that a minor unit is a billionth of the loss: equal money is an equal figure.
TRAITS = st.fixed_dictionaries(
    {
        "exposure_per_hour": st.sampled_from([gbp(10**7), gbp(3 * 10**8)]),
        "cover": st.sampled_from(list(Cover)),
        "time_to_restore": st.sampled_from([timedelta(minutes=7), timedelta(hours=5)]),
        "sigma": st.sampled_from([Decimal(0), Decimal("0.9")]),
        "incidents_per_year": st.decimals(0, 40, places=3),
        "fraction": st.sampled_from([Decimal(1), Decimal("0.3")]),
        "cap": st.sampled_from([None, None, gbp(4 * 10**7)]),
        "fixed_cost": st.sampled_from([None, gbp(10**6)]),
        "shuttered_share": st.sampled_from([Decimal(1), Decimal("0.25")]),
        "week": st.sampled_from([(), (), EVENINGS]),
        "seasons": st.sampled_from([(), (Season(300, 360, Decimal(3)),)]),
        "working_hours": st.sampled_from([WorkingHours(), WorkingHours(starts=time(7))]),
    }
)


@st.composite
def tangles(draw):
    traits = draw(st.lists(TRAITS, min_size=1, max_size=7))
    slugs = [f"s{place}" for place in range(len(traits))]
    return portfolio(
        *(
            service(slug, depends_on=tuple(draw(st.lists(st.sampled_from(slugs), max_size=3))), **x)
            for slug, x in zip(slugs, traits, strict=True)
        )
    )


@given(tangles())
@settings(max_examples=60, deadline=None)
def test_a_year_is_the_sum_over_causes_each_on_its_own(held):
    known = {one.slug: one for one in held.services}
    whole = reach(held.services)

    for one, found in zip(held.services, annuals(services=held.services), strict=True):
        value, incidents = 0.0, Decimal(0)
        for slug in whole.of(one.slug):
            cause = known[slug]
            covered = cause.cover is not Cover.NONE
            each = expected.loss_per_incident(service=one, origin=cause, covered=covered)
            value += float(cause.incidents_per_year) * each.value
            incidents += cause.incidents_per_year
        assert math.isclose(found.loss.minor / 100, value, rel_tol=1e-11, abs_tol=0.01)
        assert found.incidents == incidents


@given(tangles())
@settings(max_examples=40, deadline=None)
def test_losses_by_origin_and_by_service_add_up_to_the_same(held):
    losses = expected_losses(portfolio=held)
    by_origin = sum(losses[one.slug][one.cover].minor for one in held.services)
    by_service = sum(one.loss.minor for one in annuals(services=held.services))

    assert math.isclose(by_origin, by_service, rel_tol=1e-9, abs_tol=len(held.services))
