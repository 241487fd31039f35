"""Cost-model reference, sections 5, 7, 8 and 12."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from andon.catalogue.types import Cover
from andon.core.money import Money
from andon.costing.rules import allocate
from andon.planning.rules import premium
from andon.planning.rules.signals import find_signals
from tests.support.portfolios import fruits, gbp, portfolio, service


def test_fruits_r_us_needs_three_rotas_instead_of_ten():
    found = premium.premium_of(portfolio=fruits())

    assert [(one.cover, one.owner) for one in found.rotas] == [
        (Cover.TEAM, "product"),
        (Cover.TEAM, "checkout"),
        (Cover.DOMAIN, "fulfilment"),
    ]
    assert (found.per_month, found.naive_per_month) == (gbp(9_000), gbp(30_000))
    assert found.saving == Decimal("0.7")
    assert found.per_year == gbp(108_000)


def test_a_portfolio_without_cover_or_services_costs_nothing():
    assert premium.premium_of(portfolio=portfolio()).per_month == gbp(0)
    assert premium.premium_of(portfolio=portfolio()).saving == 0


def test_two_services_of_a_team_share_its_rota():
    held = portfolio(service("one", team="shop"), service("two", team="shop"))

    assert premium.premium_of(portfolio=held).per_month == gbp(3_000)
    assert premium.shares(portfolio=held) == {"one": gbp(1500), "two": gbp(1500)}


def test_shares_add_up_to_the_premium():
    held = fruits()

    shares = premium.shares(portfolio=held)

    assert (
        sum(one.minor for one in shares.values())
        == premium.premium_of(portfolio=held).per_month.minor
    )
    assert shares["stock-1"] == gbp(0)
    assert shares["fulfilment-2"] == gbp(750)


def test_largest_remainders():
    seven = allocate(amount=gbp(9000), weights={f"s{n}": 1 for n in range(7)})
    weighted = allocate(amount=gbp(3000), weights={"a": 5, "b": 3, "c": 1, "d": 0})
    thirds = allocate(amount=gbp(100), weights={"a": 1, "b": 1, "c": 1})

    assert sorted(one.minor for one in seven.values()) == [128571] * 4 + [128572] * 3
    assert [seven[f"s{n}"].minor for n in range(3)] == [128572] * 3
    assert list(weighted.values()) == [gbp("1666.67"), gbp("1000"), gbp("333.33"), gbp(0)]
    assert list(thirds.values()) == [gbp("33.34"), gbp("33.33"), gbp("33.33")]


@given(
    st.integers(-(10**9), 10**9),
    st.dictionaries(st.text(min_size=1, max_size=4), st.integers(0, 1000), min_size=1, max_size=20),
)
def test_splits_always_add_up(minor, weights):
    found = allocate(amount=Money(minor, "GBP"), weights=weights)

    assert sum(one.minor for one in found.values()) == minor
    assert found.keys() == weights.keys()


def test_fruits_r_us_shows_no_linear_run_cost():
    found = {one.name: one for one in find_signals(portfolio=fruits())}

    assert found["linear run cost"].value == Decimal("0.3")
    assert not found["linear run cost"].shows
    assert found["many team rotas"].value == Decimal("0.2")
    assert not found["many team rotas"].shows


def test_a_rota_per_team_shows_linear_run_cost_and_many_team_rotas():
    found = {
        one.name: one
        for one in find_signals(portfolio=portfolio(*(service(f"s{n}") for n in range(10))))
    }

    assert found["linear run cost"].shows
    assert found["many team rotas"].shows
    assert "weak signal" in found["many team rotas"].words


def test_a_domain_rota_of_one_service_and_a_rota_without_people_show():
    lonely = service("pay", domain="money", cover=Cover.DOMAIN)
    found = {one.name: one for one in find_signals(portfolio=portfolio(lonely, people={"pay": 2}))}

    assert found["domain with one service"].shows
    assert "money" in found["domain with one service"].words
    assert found["limited on-call schedule"].shows


def test_a_target_above_what_the_exposure_asks_for_shows():
    estate = fruits()
    first = replace(estate.services[0], exposure_per_hour=gbp(1), target_ppm=999_000)
    raised = replace(estate, services=(first, *estate.services[1:]))

    plain, found = (
        next(one for one in find_signals(portfolio=each) if one.name == "inflated targets")
        for each in (estate, raised)
    )

    assert not plain.shows
    assert found.shows
    assert found.value == 1
    assert f"{first.slug} (99.9% for " in found.words
