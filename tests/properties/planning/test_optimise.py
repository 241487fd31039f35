"""The optimiser: the best there is on small estates, never worse than today, checked anew."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import Cover, DeploymentTarget
from andon.core.money import Money
from andon.planning.rules import optimise as rules
from andon.planning.rules.optimise import component, optimise
from andon.planning.rules.optimise.checking import broken_people
from andon.planning.rules.optimise.setting import setting_of
from andon.planning.types import Insured, Portfolio
from tests.rules.planning.estates import GBP
from tests.rules.planning.test_optimise import estates
from tests.support.plans import check


def brute(estate: Portfolio, losses, budget=None):
    """Return the least total over all covers there are, or None when none keeps the constraints."""
    best = None
    for covers in product(Cover, repeat=len(estate.services)):
        total = price(estate, losses, covers, budget)
        if total is not None and (best is None or total < best):
            best = total
    return best


def price(estate, losses, covers, budget):
    held, called, lost = {}, 0, 0
    for service, cover in zip(estate.services, covers, strict=True):
        if not may(service, cover, estate):
            return None
        lost += losses[service.slug][cover].minor
        if cover is not Cover.NONE:
            called += rules.callouts(service=service, portfolio=estate).minor
            owner = service.team if cover is Cover.TEAM else service.domain
            held[cover, owner] = held.get((cover, owner), 0) + 1
    limit = estate.assumptions.services_per_rota
    rotas = [key for key, count in held.items() for _ in range(-(-count // limit))]
    if broken_people(portfolio=estate, rotas=rotas):
        return None
    premium = len(rotas) * 12 * estate.assumptions.you_run_it.rota_per_month.minor + called
    return premium + lost if budget is None or premium <= budget.minor else None


def may(service: Insured, cover: Cover, estate: Portfolio) -> bool:
    low = service.deployment_target in {DeploymentTarget.MONTHLY, DeploymentTarget.FORTNIGHTLY}
    if cover is Cover.DOMAIN and service.domain_kind is None:
        return False
    return cover is not Cover.TEAM or service.cover is cover or not low


@settings(max_examples=150, deadline=None)
@given(estate=estates(), share=st.sampled_from([None, 0.0, 0.3, 0.6, 0.9]))
def test_the_optimum_is_the_best_of_all_covers_there_are(estate, share):
    estate, losses = estate
    budget = None
    if share is not None:
        free = optimise(portfolio=estate, losses=losses)
        budget = Money(int(free.cost.premium.minor * share), GBP)
    plan = optimise(portfolio=estate, losses=losses, budget_per_year=budget)
    best = brute(estate, losses, budget)
    assert check(plan=plan, portfolio=estate, losses=losses) == ()
    assert plan.lower_bound.minor <= best <= plan.cost.total.minor
    if budget is None or not estate.assumptions.callout:
        # Everything but a shared team with more than a rota of services is solved exactly.
        assert plan.cost.total.minor == best or plan.gap > 0
    else:
        assert plan.cost.total.minor - best <= plan.cost.total.minor - plan.lower_bound.minor


@settings(max_examples=60, deadline=None)
@given(estate=estates(most=9))
def test_the_optimum_is_never_worse_than_a_today_that_keeps_the_constraints(estate):
    estate, losses = estate
    plan = optimise(portfolio=estate, losses=losses)
    assert check(plan=plan, portfolio=estate, losses=losses) == ()
    if not plan.today_breaks:
        assert plan.cost.total <= plan.today.total


@settings(max_examples=80, deadline=None)
@given(estate=estates(most=7), ways=st.sampled_from([0, component.MOST_WAYS]))
def test_a_bound_is_never_above_the_best_there_is(estate, ways):
    """With no ways to try, shared teams are searched for and bounded by shares of their rota."""
    estate, losses = estate
    before, component.MOST_WAYS = component.MOST_WAYS, ways
    try:
        plan = optimise(portfolio=estate, losses=losses)
        setting = setting_of(portfolio=estate, losses=losses)
        bound = sum(part.solve(1.0).bound for part in component.components(setting=setting))
    finally:
        component.MOST_WAYS = before
    best = brute(estate, losses)
    assert check(plan=plan, portfolio=estate, losses=losses) == ()
    assert bound <= best + 0.5
    assert plan.lower_bound.minor <= best <= plan.cost.total.minor
