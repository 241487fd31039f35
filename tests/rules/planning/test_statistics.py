"""Cost-model reference, sections 9 and 13."""

import math

import pytest

from andon.planning.rules import frequency, special, statistics
from andon.planning.rules.frequency import OutageSeverity, Rate


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (4, 23, 0.0698, 0.3714),
        (0, 10, 0, 0.2775),
        (1, 12, 0.0149, 0.3539),
        (2, 20, 0.0279, 0.3010),
        (0, 0, 0, 1),
        (10, 10, 0.7225, 1),
    ],
)
def test_wilson(successes, trials, low, high):
    found = statistics.wilson(successes=successes, trials=trials)

    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0, 3.689), (3, 0.619, 8.767), (10, 4.795, 18.390)]
)
def test_garwood(count, low, high):
    found = statistics.poisson(count=count)

    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-4)


def test_calibrating_a_rate():
    found = frequency.calibrate(before=Rate(1, 0.5), incidents=3, years=1)

    assert found.mean == pytest.approx(2.667, abs=5e-4)
    assert found.interval() == pytest.approx((0.911, 5.169), abs=5e-4)
    assert frequency.prior(incidents_per_year=12, years=0.5).mean == 12


def test_calibrating_times_to_restore_moves_from_the_prior_to_what_was_seen():
    before = OutageSeverity(30, 1)
    few = frequency.calibrate_severity(before=before, log_minutes=[math.log(120)] * 2)
    many = frequency.calibrate_severity(before=before, log_minutes=[math.log(120)] * 500)

    assert frequency.calibrate_severity(before=before, log_minutes=[]) == before
    assert before.mu < few.mu < many.mu < math.log(120)
    assert many.mean_minutes == pytest.approx(120, rel=0.05)
    assert many.sigma < few.sigma


def test_over_dispersion():
    assert not frequency.is_overdispersed(counts=[3, 4, 2, 3, 4, 3])
    assert frequency.is_overdispersed(counts=[0, 0, 12, 0, 0, 14])
    assert not frequency.is_overdispersed(counts=[0, 9])


def test_gamma_distribution_in_both_of_its_expansions():
    assert special.gamma_cdf(1, 1) == pytest.approx(1 - math.exp(-1))
    assert special.gamma_cdf(9, 1) == pytest.approx(1 - math.exp(-9))
    assert special.gamma_cdf(-1, 1) == 0
    assert special.gamma_quantile(0.5, 1) == pytest.approx(math.log(2))


def test_times_to_restore_shrink_towards_the_siblings():
    before = OutageSeverity(20, 1)
    slow = [math.log(180)] * 40

    def mean(**seen):
        return frequency.calibrate_among(before=before, **seen).mu

    alone = mean(log_minutes=[], siblings=[])
    led = mean(log_minutes=[], siblings=slow)
    assert alone == before.mu
    # Never more than half way, so that what is declared of the service keeps its say.
    assert led == pytest.approx((before.mu + math.log(180)) / 2)
    few = mean(log_minutes=[math.log(10)] * 2, siblings=slow)
    many = mean(log_minutes=[math.log(10)] * 200, siblings=slow)
    assert led > few > many
    assert many == pytest.approx(math.log(10), abs=0.1)


def test_dispersion_by_moments_only_where_counts_scatter_more_than_chance():
    assert frequency.dispersion(counts=[1, 2, 0, 1, 2, 1]) == 0
    assert frequency.dispersion(counts=[0, 9]) == 0
    counts = [0, 0, 8, 0, 0, 9, 0, 1, 0, 0]
    mean, spread = 1.8, (64 + 81 + 1 - 10 * 1.8**2) / 9
    assert frequency.dispersion(counts=counts) == pytest.approx((spread - mean) / mean**2)
    assert frequency.dispersion(counts=[0] * 99 + [50]) == 10
