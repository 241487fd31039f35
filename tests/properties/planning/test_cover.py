"""Cost-model reference, sections 9 and 10: does this service need cover out of hours?"""

import math
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from andon.planning.rules import expected
from tests.rules.planning.test_cover import daytime
from tests.support.portfolios import gbp


@pytest.mark.parametrize(
    "traits",
    [
        {},
        {"cap": gbp(5_000), "fixed_cost": gbp(100)},
        {"cap": gbp(50), "fixed_cost": gbp(100)},
        {"shuttered_share": Decimal("0.3"), "cap": gbp(9_000), "sigma": Decimal(2)},
        {"time_to_restore": timedelta(days=9), "cap": gbp(50_000)},
    ],
)
@pytest.mark.parametrize("covered", [True, False])
def test_the_quadrature_is_as_near_as_it_says(traits, covered):
    """Against a plain trapezoid rule over 1,600 times to restore."""
    one = daytime(**traits)
    sigma, mean = float(one.sigma), one.time_to_restore / timedelta(minutes=1)
    mu = math.log(mean) - sigma**2 / 2
    fine = replace(one, sigma=Decimal(0))
    total = weight = 0.0
    for step in range(1600):
        z = -6.5 + (13 + sigma) * step / 1600
        lasts = timedelta(minutes=math.exp(mu + sigma * z))
        density = math.exp(-z * z / 2)
        one_repair = replace(fine, time_to_restore=lasts)
        total += density * expected.loss_per_incident(service=one_repair, covered=covered).value
        weight += density

    found = expected.loss_per_incident(service=one, covered=covered)

    assert found.value == pytest.approx(total / weight, rel=2e-5)
    assert found.error <= 1e-4 * found.value
