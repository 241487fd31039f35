"""The optimiser: the best there is on small estates, never worse than today, checked anew."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import Cover, DeploymentTarget, DomainKind, Level
from andon.core.money import Money
from andon.planning.rules import optimise as rules
from andon.planning.rules.annual import year_of
from andon.planning.rules.optimise import expected_losses, optimise
from tests.rules.planning.estates import BUSY_DAYS, GBP, insured, portfolio

LEVELS = (
    Level(990_000, Cover.NONE),
    Level(995_000, Cover.DOMAIN),
    Level(999_000, Cover.TEAM),
)
TARGETS = {level.cover: level.target_ppm for level in LEVELS}


def pounds(amount):
    return Money(amount * 100, GBP)


@st.composite
def estates(draw, most=5):
    """Small estates whose teams may own services in several domains, and are not always enough."""
    services, losses = [], {}
    for number in range(draw(st.integers(1, most))):
        cover = draw(st.sampled_from(list(Cover)))
        kind = draw(st.sampled_from([DomainKind.PRODUCT, DomainKind.ARCHITECTURAL, None]))
        service = insured(
            f"s{number}",
            team=draw(st.sampled_from(["ants", "bees", "cats"])),
            domain=draw(st.sampled_from(["north", "south"])),
            domain_kind=kind if cover is not Cover.DOMAIN else DomainKind.PRODUCT,
            cover=cover,
            target_ppm=TARGETS[cover],
            deployment_target=draw(st.sampled_from(list(DeploymentTarget))),
        )
        services.append(service)
        less = draw(st.integers(0, 50_000))
        losses[service.slug] = {
            Cover.NONE: pounds(less + draw(st.integers(0, 90_000))),
            Cover.DOMAIN: pounds(less),
            Cover.TEAM: pounds(less),
        }
    people = {team: draw(st.integers(0, 14)) for team in ("ants", "bees", "cats")}
    if draw(st.booleans()):
        people.pop("cats")
    estate = portfolio(*services, people=people, callout=draw(st.sampled_from([None, pounds(90)])))
    limit = draw(st.sampled_from([1, 2, 12]))
    known = replace(estate.assumptions, services_per_rota=limit)
    return replace(estate, assumptions=known), losses


@settings(max_examples=40, deadline=None)
@given(estate=estates(most=8))
def test_undoing_a_change_never_makes_an_unconstrained_plan_cheaper(estate):
    estate, losses = estate
    plan = optimise(portfolio=replace(estate, people={}), losses=losses)
    # Unlimited people still belong to one domain: a rota of another one today breaks a constraint.
    if plan.gap == 0 and not plan.today_breaks:
        assert all(change.saves.minor >= 0 for change in plan.changes)


def test_the_same_portfolio_gives_the_same_plan_in_any_order():
    services = [
        insured(f"s{n}", team=f"t{n % 3}", domain=f"d{n % 2}", cover=Cover.NONE) for n in range(12)
    ]
    first = optimise(portfolio=portfolio(*services))
    second = optimise(portfolio=portfolio(*reversed(services)))
    assert sorted(first.choices, key=str) == sorted(second.choices, key=str)
    assert first.rotas == second.rotas


def test_a_domain_whose_services_lose_little_has_no_rota():
    services = [insured(f"s{n}", cover=Cover.DOMAIN, exposure_per_hour=pounds(1)) for n in range(4)]
    plan = optimise(portfolio=portfolio(*services))
    assert {one.cover for one in plan.choices} == {Cover.NONE}
    assert plan.rotas == ()
    assert plan.gap == 0
    assert len(plan.changes) == 4
    assert "4 changes: premium GBP 36,000 -> GBP 0" in plan.sentence


def test_one_rota_for_the_domain_where_each_alone_would_not_pay():
    services = [insured(f"s{n}", cover=Cover.NONE, exposure_per_hour=pounds(30)) for n in range(8)]
    losses = {
        one.slug: {Cover.NONE: pounds(9_000), Cover.DOMAIN: pounds(0), Cover.TEAM: pounds(0)}
        for one in services
    }
    plan = optimise(portfolio=portfolio(*services), losses=losses)
    assert [(one.cover, len(one.services)) for one in plan.rotas] == [(Cover.DOMAIN, 8)]
    # Undoing one alone loses its 9,000 and saves no rota.
    assert {change.saves for change in plan.changes} == {pounds(9_000)}


def test_a_domain_that_is_no_construct_gets_no_rota():
    service = insured(
        "s",
        domain="frontend",
        domain_kind=None,
        cover=Cover.NONE,
        target_ppm=990_000,
        deployment_target=DeploymentTarget.MONTHLY,
    )
    losses = {"s": {Cover.NONE: pounds(10**6), Cover.DOMAIN: pounds(0), Cover.TEAM: pounds(0)}}
    plan = optimise(portfolio=portfolio(service), losses=losses)
    assert plan.choices[0].cover is Cover.NONE


def test_too_few_people_keep_a_rota_away():
    service = insured("s", cover=Cover.NONE, target_ppm=990_000)
    losses = {"s": {Cover.NONE: pounds(10**6), Cover.DOMAIN: pounds(0), Cover.TEAM: pounds(0)}}
    for people, rotas in ((5, 0), (6, 1)):
        plan = optimise(portfolio=portfolio(service, people={"team": people}), losses=losses)
        assert len(plan.rotas) == rotas


def test_a_cover_that_cannot_be_had_is_said_in_words():
    service = insured("lonely", domain=None, domain_kind=None, cover=Cover.DOMAIN)
    estate = replace(portfolio(service), levels=(Level(990_000, Cover.DOMAIN),))
    with pytest.raises(rules.UnableToOptimise, match="lonely: every level"):
        optimise(portfolio=estate)


def test_a_budget_nobody_can_keep_is_said_in_words():
    service = insured("s", cover=Cover.DOMAIN, target_ppm=990_000)
    estate = replace(portfolio(service), levels=(Level(990_000, Cover.DOMAIN),))
    with pytest.raises(rules.UnableToOptimise, match="fits the budget"):
        optimise(portfolio=estate, budget_per_year=pounds(100))


def test_the_risk_weight_buys_cover_that_the_mean_alone_does_not():
    service = insured("s", cover=Cover.NONE, target_ppm=990_000)
    losses = {"s": {Cover.NONE: pounds(30_000), Cover.DOMAIN: pounds(0), Cover.TEAM: pounds(0)}}
    tails = {"s": {Cover.NONE: pounds(90_000), Cover.DOMAIN: pounds(0), Cover.TEAM: pounds(0)}}
    estate = portfolio(service)
    weighty = replace(estate, assumptions=replace(estate.assumptions, risk_weight=Decimal("0.2")))
    assert optimise(portfolio=estate, losses=losses, tails=tails).cost.rotas == 0
    plan = optimise(portfolio=weighty, losses=losses, tails=tails)
    assert plan.cost.rotas == 1
    assert plan.today.risk == pounds(12_000)


def test_a_service_answers_for_what_its_incidents_cost_its_dependants():
    base = insured("base", cover=Cover.NONE, exposure_per_hour=pounds(0))
    shop = insured("shop", depends_on=("base",), exposure_per_hour=pounds(600))
    losses = expected_losses(portfolio=portfolio(base, shop))
    assert losses["base"][Cover.TEAM] == pounds(1_800)
    assert losses["base"][Cover.NONE] > losses["base"][Cover.TEAM]
    assert losses["shop"][Cover.TEAM] == pounds(1_800)


def test_losses_counted_where_they_start_are_the_losses_counted_where_they_hurt():
    services = [
        insured("base", cover=Cover.NONE, cap=pounds(9_000)),
        insured("middle", depends_on=("base",), week=BUSY_DAYS),
        insured("shop", depends_on=("middle",), cover=Cover.NONE, fraction=Decimal("0.5")),
        insured("back", depends_on=("shop",), cover=Cover.DOMAIN),
        insured("loop", depends_on=("pool",)),
        insured("pool", depends_on=("loop",), cover=Cover.NONE),
    ]
    estate = portfolio(*services)
    losses = expected_losses(portfolio=estate)
    today = sum(losses[one.slug][one.cover].minor for one in services)
    assert today == pytest.approx(year_of(portfolio=estate).loss.minor, rel=1e-4)
