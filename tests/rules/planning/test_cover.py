"""Cost-model reference, sections 9 and 10: does this service need cover out of hours?"""

import math
import random
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import Cover, WorkingHours
from andon.planning.rules import cover, expected, week
from andon.planning.rules.cover import Levers
from andon.planning.types import Season, Stretch
from tests.support.portfolios import fruits, gbp, portfolio, service

NINE_TO_FIVE = WorkingHours()
DAYTIME = tuple(
    Stretch(day * 1440 + start, day * 1440 + end, Decimal(weight))
    for day in range(7)
    for start, end, weight in ((0, 480, 10), (480, 1200, 100), (1200, 1440, 10))
)


def daytime(**changes):
    """GBP 100 a minute from 08:00 to 20:00, 10 otherwise: 55 on average."""
    return service("shop", exposure_per_hour=gbp(55 * 60), week=DAYTIME, **changes)


def lost(starts, minutes):
    """Return what minutes from a minute of the week on lose, at 55 a minute on average."""
    return 55 * week.profile(DAYTIME).between(starts, starts + minutes)


def test_the_profile_vector():
    assert lost(19 * 60 + 30, 60) == pytest.approx(3300)


def test_an_incident_over_the_end_of_the_week_goes_on_in_the_next():
    assert lost(week.WEEK - 30, 9 * 60) == pytest.approx(30 * 10 + 480 * 10 + 30 * 100)


def test_break_even_vector():
    known = {"standby_per_year": gbp(9000), "avoided_per_incident": gbp(6000)}

    assert cover.break_even(**known) == Decimal("1.5")
    even = cover.break_even(**known, out_of_hours=Decimal("0.5"), callout=gbp(300))
    assert even == Decimal("1.5385")
    assert cover.break_even(standby_per_year=gbp(1), avoided_per_incident=gbp(0)) is None


def test_the_share_of_the_week_out_of_hours():
    assert week.out_of_hours_share(NINE_TO_FIVE) == Decimal(128) / 168
    half_past = replace(NINE_TO_FIVE, ends=time(17, 30))
    assert week.out_of_hours_share(half_past) * 168 == Decimal("125.5")


def test_a_flat_week_without_cap_has_a_closed_form():
    """The wait adds the mean of the squares of the gaps; the repair is the same either way."""
    one = service("a", exposure_per_hour=gbp(60))

    waits = (4 * (16 * 60) ** 2 / 2 + (64 * 60) ** 2 / 2) / week.WEEK
    covered = expected.loss_per_incident(service=one, covered=True)
    waiting = expected.loss_per_incident(service=one, covered=False)

    assert covered.value == pytest.approx(20)
    assert waiting.value == pytest.approx(20 + waits)
    assert waiting.error < 1e-6


@pytest.mark.parametrize("covered", [True, False])
def test_the_quadrature_agrees_with_the_closed_form_under_a_cap_that_is_never_reached(covered):
    one = service("a", shuttered_share=Decimal("0.4"), fixed_cost=gbp(70))
    capped = replace(one, cap=gbp(10**12))

    closed = expected.loss_per_incident(service=one, covered=covered)
    found = expected.loss_per_incident(service=capped, covered=covered)

    assert closed.error == 0
    assert found.value == pytest.approx(closed.value, rel=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_expectation_agrees_with_a_simulation_by_minute(seed):
    one = daytime(
        cap=gbp(20_000),
        fixed_cost=gbp(150),
        shuttered_share=Decimal("0.3"),
        time_to_restore=timedelta(minutes=45),
    )
    chance = random.Random(seed)
    spans = week.working_spans(one.working_hours)
    shape = week.profile(one.week)
    mu, draws = math.log(45) - 0.5, 20_000
    losses = []
    for _ in range(draws):
        start, repair = chance.uniform(0, week.WEEK), chance.lognormvariate(mu, 1)
        opens = _opens(spans, start)
        lost = 0.3 * shape.between(start, opens) + shape.between(opens, opens + repair)
        losses.append(min(20_000, lost * 55 + 150))
    mean = sum(losses) / draws
    error = math.sqrt(sum((lost - mean) ** 2 for lost in losses) / draws / draws)

    found = expected.loss_per_incident(service=one, covered=False)

    assert abs(found.value - mean) < 4 * error + found.error


def _opens(spans, at):
    for start, end in spans:
        if at < end:
            return max(at, start)
    return spans[0][0] + week.WEEK


@given(
    weights=st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(any),
    starts=st.integers(0, 12),
    hours=st.integers(1, 11),
    fraction=st.sampled_from(["0.1", "1"]),
    rho=st.sampled_from(["0", "0.5", "1"]),
    cap=st.sampled_from([None, 500, 50_000]),
)
@settings(max_examples=25, deadline=None)
def test_loss_never_falls_without_cover_and_levers_never_raise_it(
    weights, starts, hours, fraction, rho, cap
):
    stretches = tuple(
        Stretch(n * 2520, (n + 1) * 2520, Decimal(weight)) for n, weight in enumerate(weights)
    )
    at_work = replace(NINE_TO_FIVE, starts=time(starts), ends=time(starts + hours))
    uneven = service("a", working_hours=at_work, cap=gbp(cap) if cap else None, week=stretches)
    pulled = replace(uneven, fraction=Decimal(fraction), shuttered_share=Decimal(rho))

    def loss(one, *, covered):
        return expected.loss_per_incident(service=one, covered=covered).value

    assert loss(uneven, covered=False) >= loss(uneven, covered=True) - 1e-9
    assert loss(pulled, covered=False) <= loss(uneven, covered=False) + 1e-9
    assert loss(pulled, covered=True) <= loss(uneven, covered=True) + 1e-9


def test_seasons_multiply_the_exposure_of_their_days():
    one = service("a", exposure_per_hour=gbp(60), seasons=(Season(1, 74, Decimal(3)),))

    found = expected.loss_per_incident(service=one, covered=True)

    assert found.value == pytest.approx(20 * (73 * 3 + 292) / 365)


def test_a_costly_service_is_told_yes_in_one_sentence():
    held = fruits()

    found = cover.needs_cover(service=held.services[0], portfolio=held)

    assert found.pays
    assert found.standby_per_year == gbp(36_000)
    assert found.sentence.startswith("Yes: a team rota out of hours costs GBP 36,000 a year")
    assert "12 are expected" in found.sentence
    assert found.sentence.count(".") - found.sentence.count(".0") < 8


def test_a_cheap_service_is_told_no_with_the_rate_from_which_it_would_be_yes():
    cheap = service("wiki", exposure_per_hour=gbp(10), cover=Cover.NONE, domain=None)

    found = cover.needs_cover(service=cheap, portfolio=portfolio(cheap))

    assert not found.pays
    assert found.cover is Cover.TEAM
    assert found.sentence.startswith("No: ")
    assert found.break_even > 12


def test_a_service_that_can_join_its_siblings_pays_only_its_share():
    held = fruits()
    stock = next(one for one in held.services if one.slug == "stock-1")
    joining = replace(stock, domain="fulfilment")

    found = cover.needs_cover(service=joining, portfolio=held)

    assert found.cover is Cover.DOMAIN
    assert found.standby_per_year == gbp(7_200)


def test_callouts_count_against_cover():
    one = service("a", exposure_per_hour=gbp(60), incidents_per_year=Decimal(45))
    held = portfolio(one)
    paid = replace(held, assumptions=replace(held.assumptions, callout=gbp(500)))

    free = cover.needs_cover(service=one, portfolio=held)
    costly = cover.needs_cover(service=one, portfolio=paid)

    assert free.pays
    assert not costly.pays
    assert costly.break_even_with_callouts > costly.break_even
    assert costly.premium_per_year.minor > free.premium_per_year.minor


def test_each_lever_lowers_what_cover_is_worth():
    held = fruits()
    checkout = held.services[0]
    today = cover.needs_cover(service=checkout, portfolio=held)

    pulled = cover.levers_of(service=checkout, portfolio=held)

    assert [one.name for one in pulled] == [
        "lower target", "smaller blast radius", "core trading hours", "automatic shutter",
        "loss cap",
    ]  # fmt: skip
    for one in pulled:
        assert one.verdict.avoided_per_incident.minor <= today.avoided_per_incident.minor
    shutter = Levers(shutter_per_year=gbp(5_000))
    dearer = cover.needs_cover(service=checkout, portfolio=held, levers=shutter)
    assert dearer.standby_per_year == gbp(41_000)


def test_people_who_are_always_at_work_need_no_cover():
    always = WorkingHours(days=frozenset(range(7)), starts=time(0), ends=time(23, 59))
    one = service("a", working_hours=always, exposure_per_hour=gbp(60))

    found = cover.needs_cover(service=one, portfolio=portfolio(one))

    assert not found.pays
    assert found.avoided_per_incident.minor <= 1


def test_hours_nobody_works_are_refused():
    with pytest.raises(ValueError, match="nobody is ever at work"):
        expected.average(week=(), supported=(), mean=1, sigma=1, shuttered=1, fixed=0, cap=math.inf)


@pytest.mark.parametrize(
    "stretches",
    [
        (Stretch(0, 100, Decimal(1)), Stretch(50, 200, Decimal(1))),
        (Stretch(0, 20_000, Decimal(1)),),
        (Stretch(0, 100, Decimal(0)),),
    ],
)
def test_impossible_weeks_are_refused(stretches):
    with pytest.raises(ValueError, match="week"):
        week.profile(stretches)


def test_a_thousand_capped_services_with_a_trading_week_take_seconds():
    many = [daytime(cap=gbp(5_000 + number)) for number in range(50)]
    began = process_time()

    for one in many:
        assert expected.loss_per_incident(service=one, covered=False).value > 0

    assert process_time() - began < 1.5, "1,000 of them would take more than half a minute"


def test_an_incident_waits_for_the_team_of_what_broke():
    one = daytime()
    night = replace(NINE_TO_FIVE, starts=time(21), ends=time(5))
    cause = replace(one, working_hours=night, time_to_restore=timedelta(hours=3), sigma=Decimal(0))
    alike = replace(one, working_hours=night, time_to_restore=timedelta(hours=3), sigma=Decimal(0))

    found = expected.loss_per_incident(service=one, origin=cause, covered=False)

    assert found == expected.loss_per_incident(service=alike, covered=False)


@pytest.mark.parametrize(
    ("days", "starts", "ends", "spans"),
    [
        ((0,), 22, 6, ((1320, 1800),)),
        ((6,), 22, 6, ((0, 360), (9960, 10080))),
        ((0, 1), 22, 6, ((1320, 1800), (2760, 3240))),
        ((5, 6), 20, 20, ((0, 1200), (8400, 10080))),
        (tuple(range(7)), 0, 0, week.ALWAYS),
    ],
)
def test_a_night_of_work_belongs_to_the_day_it_begins(days, starts, ends, spans):
    hours = WorkingHours(days=frozenset(days), starts=time(starts), ends=time(ends))

    assert week.working_spans(hours) == spans
    assert week.length(spans) == len(days) * ((ends - starts) % 24 or 24) * 60


def test_a_night_shift_waits_as_the_same_hours_by_day_do():
    """On a flat week only the lengths of the gaps count, and these are the day's, shifted."""
    day = service("a", working_hours=replace(NINE_TO_FIVE, starts=time(9), ends=time(17)))
    night = service("a", working_hours=replace(NINE_TO_FIVE, starts=time(21), ends=time(5)))

    by_day, by_night = (
        expected.loss_per_incident(service=one, covered=False).value for one in (day, night)
    )

    assert by_night == pytest.approx(by_day)
    assert week.out_of_hours_share(night.working_hours) == Decimal(128) / 168


def test_the_error_that_is_said_is_that_of_both_losses():
    one = replace(daytime(), exposure_per_hour=gbp(10**13), cap=gbp(10**12))
    both = [
        expected.loss_per_incident(service=one, covered=covered, fixed=False).error
        for covered in (True, False)
    ]
    assert min(both) > 1
    found = cover.needs_cover(service=one, portfolio=portfolio(one))
    assert float(found.error.amount) == pytest.approx(sum(both), abs=0.005)
    assert f"(computed to {found.error.exact})" in found.working[1]
