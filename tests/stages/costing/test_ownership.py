"""A service moves between teams in mid-month: what it cost before stays with whom it was."""

from datetime import UTC, datetime, timedelta

import pytest

from andon.catalogue import models as catalogue
from andon.catalogue.actions.ownership import write_ownership
from andon.core.money import Money
from andon.costing import actions, queries
from andon.costing.models import Posting
from andon.costing.types import Books, Dimension, Kind
from tests.stages.costing.conftest import NOW
from tests.support import factories

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOVEMBER = Books.parse("2026-11")
BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
#: A Wednesday in the middle of a week that begins on 9 November.
MOVED = datetime(2026, 11, 11, 9, 0, tzinfo=UTC)


@pytest.fixture
def moving(fruits):
    """Make basket move from shop to stock, with another domain and budget holder."""
    fruits.supply = fruits.domain()
    write_ownership(now=BEGAN)
    row = fruits.basket
    row.owner, row.domain, row.budget_holder = fruits.supply.owner, fruits.supply, None
    row.save()
    write_ownership(now=MOVED)
    return fruits


def post(now=NOW):
    outcome = actions.post_period(books=NOVEMBER, now=now)
    return outcome.posted, outcome.reversed


def net(**only):
    return sum(Posting.objects.filter(**only).values_list("minor", flat=True))


def test_standby_is_split_by_date_and_the_parts_add_up(moving):
    post()
    shop = Posting.objects.filter(rota__slug="shop", kind="standby")
    assert net(rota__slug="shop") == 300_000, "the rota costs what it costs"
    before, after = shop.filter(starts_at__lt=MOVED), shop.filter(starts_at__gte=MOVED)
    assert set(after.values_list("service__slug", flat=True)) == {"checkout"}
    # 1 to 11 November: 10 days of 700 a week, half each; from then on checkout bears all of it.
    assert net(rota__slug="shop", service=moving.basket) == 50_000
    assert net(rota__slug="shop", service=moving.checkout) == 250_000
    assert set(
        before.filter(service=moving.basket).values_list(
            "team__slug", "domain__slug", "budget_holder__slug", "tag"
        )
    ) == {("shop", None, "hope", "opex")}
    week = datetime(2026, 11, 9, 9, 0, tzinfo=UTC), MOVED
    cut = shop.filter(starts_at__in=week).order_by("starts_at", "service__slug")
    assert [(one.service.slug, one.minor, one.starts_at == MOVED) for one in cut] == [
        ("basket", 10_000, False),
        ("checkout", 10_000, False),
        ("checkout", 50_000, True),
    ]
    assert "2 parts by time" in cut[2].reason
    assert len(set(cut.values_list("person", flat=True))) == 1


@pytest.mark.parametrize(
    ("at", "facts"),
    [
        (MOVED - timedelta(hours=8), ("shop", None, "hope")),
        (MOVED + timedelta(hours=18), ("stock", "supply", "dora")),
    ],
    ids=["before", "after"],
)
def test_callouts_and_losses_go_to_who_had_the_service_then(moving, at, facts):
    moving.incident(at, 80, service=moving.basket)
    post()
    rows = Posting.objects.filter(kind__in=("callout", "opportunity"))
    assert set(rows.values_list("team__slug", "domain__slug", "budget_holder__slug")) == {facts}
    assert rows.count() == 2


@pytest.mark.parametrize("dimension", list(Dimension))
def test_whatever_it_is_split_by_it_adds_up_to_the_ledger(moving, dimension):
    for day in (3, 10, 12, 20):
        moving.incident(datetime(2026, 11, day, 3, 0, tzinfo=UTC), 80, service=moving.basket)
    post()
    found = queries.find_statement(books=NOVEMBER, dimension=dimension)
    lost = net(kind="opportunity")
    assert found.cost == Money(net() - lost, "GBP")
    assert found.loss == Money(lost, "GBP")
    assert sum(line.cost.minor for line in found.lines) == found.cost.minor


def test_a_move_takes_nothing_along_that_was_posted_before(fruits):
    write_ownership(now=BEGAN)
    fruits.incident(datetime(2026, 11, 4, 3, 0, tzinfo=UTC), 80, service=fruits.basket)
    early = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
    post(now=early)
    first = set(Posting.objects.values_list("uid", flat=True))
    other = factories.team("stock")
    catalogue.Service.objects.filter(slug="basket").update(owner=other)
    write_ownership(now=MOVED)
    post()
    assert not Posting.objects.filter(reversal_of__isnull=False).exists()
    assert first <= set(Posting.objects.values_list("uid", flat=True))
    assert post() == (0, 0)


def test_a_budget_holder_of_the_domain_changes_by_date_too(fruits):
    supply = fruits.domain()
    write_ownership(now=BEGAN)
    supply.budget_holder = fruits.holder
    supply.save()
    write_ownership(now=MOVED)
    post()
    rows = Posting.objects.filter(rota__slug="supply")
    assert net(rota__slug="supply") == 300_000
    for row in rows:
        assert row.budget_holder.slug == ("hope" if row.starts_at >= MOVED else "dora")
    assert net(rota__slug="supply", budget_holder__slug="dora") == 100_000


def test_what_was_set_up_before_the_move_is_the_former_teams(moving):
    for day, team in ((5, "shop"), (15, "stock")):
        uid = actions.post_entry(
            kind=Kind.SETUP, service="basket", amount=Money.parse("GBP 9"),
            day=datetime(2026, 11, day, tzinfo=UTC).date(), reason="licence", by="hope", now=NOW,
        )  # fmt: skip
        assert Posting.objects.get(uid=uid).team.slug == team


def test_a_teams_protection_counts_the_time_it_had_the_service(moving):
    shares = {}
    for team in ("shop", "stock"):
        _, each = queries.protections(books=NOVEMBER, now=NOW, team=team)
        shares[team] = next(one for one in each if one.name == "basket").tolerated
    _, every = queries.protections(books=NOVEMBER, now=NOW)
    whole = next(one for one in every if one.name == "basket").tolerated
    assert abs(shares["shop"].minor + shares["stock"].minor - whole.minor) <= 1
    assert shares["shop"].minor < shares["stock"].minor


def test_what_has_no_record_is_as_it_is_now(fruits):
    assert catalogue.Ownership.objects.count() == 0
    post()
    assert set(Posting.objects.values_list("team__slug", flat=True)) == {"shop"}
