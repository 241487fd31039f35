"""A portfolio from files and from the database: the same; and what is wrong with the files."""

import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from andon.catalogue import actions as catalogue
from andon.catalogue.models import Service
from andon.incidents.models import Incident
from andon.planning import queries, rules
from andon.planning.queries import UnableToReadPortfolio
from tests.support.portfolios import gbp

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
pytestmark = [pytest.mark.database, pytest.mark.django_db]

RICH = """    andon.dev/incidents-per-year: "7.5"
    andon.dev/time-to-restore: PT45M
    andon.dev/time-to-restore-sigma: "0.8"
    andon.dev/blast-radius: 40%
    andon.dev/loss-cap: GBP 20000
    andon.dev/incident-cost: GBP 250.50
    andon.dev/shuttered-share: "0.2"
    andon.dev/trading-week: mon-fri 08:00-20:00=10, sat 09:00-24:00=5
    andon.dev/seasons: 11-20/12-25=3, 12-28/01-03=1.5
"""
PLANNING = """  planning:
    youRunIt: {rotaPerMonth: GBP 2500, timeToRestore: PT25M}
    opsRunIt: {rotaPerMonth: GBP 1400, timeToRestore: PT70M, rotas: 3}
    sreRunIt: {leastTarget: "99.9", mostIncidentsPerYear: 8}
    incidentsPerYear: 9
    sigma: 1.1
    callout: GBP 120
    equalityTolerance: 5%
    servicesPerRota: 8
"""


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(EXAMPLE, tmp_path / "catalogue"))


def edit(folder, name, old, new):
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def enrich(folder):
    marker = "    andon.dev/deployment-target"
    edit(folder, "shopping/checkout.yaml", marker, RICH + marker)
    edit(folder, "organisation.yaml", "  # By money at risk", PLANNING + "  # By money at risk")


def test_the_example_gives_nine_thousand_against_thirty_thousand(folder):
    found = queries.portfolio_from_folder(folder)

    assert found.problems == ()
    cost = rules.premium_of(portfolio=found)
    assert (cost.per_month, cost.naive_per_month) == (gbp(9_000), gbp(30_000))


@pytest.mark.parametrize("rich", [False, True])
def test_the_live_portfolio_equals_that_of_its_folder(folder, rich):
    if rich:
        enrich(folder)
    catalogue.apply_folder(path=folder, by="test", now=NOW)

    assert queries.portfolio_live(now=NOW) == queries.portfolio_from_folder(folder)


def test_everything_the_files_say_arrives(folder):
    enrich(folder)

    found = queries.portfolio_from_folder(folder)

    checkout = found.services[0]
    assert found.problems == ()
    assert checkout.incidents_per_year == Decimal("7.5")
    assert checkout.time_to_restore == timedelta(minutes=45)
    assert (checkout.sigma, checkout.fraction) == (Decimal("0.8"), Decimal("0.4"))
    assert (checkout.cap, checkout.fixed_cost) == (gbp(20_000), gbp("250.50"))
    assert checkout.shuttered_share == Decimal("0.2")
    assert [(one.starts, one.ends, int(one.weight)) for one in checkout.week][:2] == [
        (0, 480, 1),
        (480, 1200, 10),
    ]
    assert checkout.week[-2].ends == 6 * 1440
    assert [(one.starts, one.ends, one.factor) for one in checkout.seasons] == [
        (1, 3, Decimal("1.5")),
        (324, 359, Decimal(3)),
        (362, 366, Decimal("1.5")),
    ]
    known = found.assumptions
    assert known.you_run_it.rota_per_month == gbp(2500)
    assert (known.ops_run_it.fixed_rotas, known.callout) == (3, gbp(120))
    assert (known.sre_entry.least_target_ppm, known.equality_tolerance) == (
        999_000,
        Decimal("0.05"),
    )
    assert found.services[1].incidents_per_year == 9
    assert not any("sigma" in line for line in known.defaults)


def test_applying_again_changes_nothing_and_a_changed_annotation_is_a_change(folder):
    enrich(folder)
    catalogue.apply_folder(path=folder, by="test", now=NOW)

    again = catalogue.apply_folder(path=folder, by="test", now=NOW)
    edit(folder, "shopping/checkout.yaml", "blast-radius: 40%", "blast-radius: 30%")
    changed = catalogue.apply_folder(path=folder, by="test", now=NOW)

    assert again.is_empty
    assert [(one.kind, one.slug) for one in changed.changes] == [("service", "checkout")]
    assert "insurance" in changed.changes[0].fields


def test_the_number_of_queries_does_not_grow_with_the_services(folder):
    catalogue.apply_folder(path=folder, by="test", now=NOW)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        queries.portfolio_live(now=NOW + timedelta(days=90))

    assert len(captured) <= 8


def incident(service, started, minutes):
    return Incident.objects.create(
        number=Incident.objects.count() + 1,
        service=service,
        subject_kind="service",
        subject_ref=f"{service.pk}:{Incident.objects.count()}",
        title="down",
        state="closed",
        exposure_minor=20_000_000,
        exposure_currency="GBP",
        started_at=started,
        opened_at=started,
        restored_at=started + timedelta(minutes=minutes),
    )


def test_incidents_calibrate_the_live_portfolio(folder):
    catalogue.apply_folder(path=folder, by="test", now=NOW)
    checkout = Service.objects.get(slug="checkout")
    for day in range(1, 4):
        incident(checkout, NOW + timedelta(days=day), 60)
    later = NOW + timedelta(days=365)

    found = queries.portfolio_live(now=later)
    assumed = queries.portfolio_live(now=later, measured=False)

    one, quiet = found.services[0], found.services[1]
    assert (one.incidents_seen, one.years_seen) == (3, Decimal("1.0000"))
    # Gamma(6, 0.5) and 3 incidents in a year: 9 / 1.5.
    assert one.incidents_per_year == Decimal("6.0000")
    assert quiet.incidents_per_year == Decimal("4.0000")
    assert one.loss_seen == gbp(600_000)
    assert timedelta(minutes=20) < one.time_to_restore < timedelta(minutes=60)
    assert assumed.services[0].incidents_per_year == 12


def test_siblings_and_clumps_are_calibrated_from(folder):
    catalogue.apply_folder(path=folder, by="test", now=NOW)
    first = Service.objects.get(slug="fulfilment-1")
    for day in (40, 41, 42, 43, 44, 45, 46, 47, 200, 201, 202, 203, 204):
        incident(first, NOW + timedelta(days=day), 240)

    services = {
        one.slug: one for one in queries.portfolio_live(now=NOW + timedelta(days=365)).services
    }

    clumped, sibling, stranger = (
        services[slug] for slug in ("fulfilment-1", "fulfilment-2", "stock-1")
    )
    assert clumped.dispersion > 1
    assert clumped.time_to_restore > sibling.time_to_restore > stranger.time_to_restore
    assert (sibling.dispersion, sibling.siblings_seen) == (0, 1)
    assert (stranger.incidents_seen, stranger.siblings_seen) == (0, 0)


def test_a_month_of_watching_says_nothing_yet(folder):
    catalogue.apply_folder(path=folder, by="test", now=NOW)
    incident(Service.objects.get(slug="checkout"), NOW + timedelta(days=1), 60)

    found = queries.portfolio_live(now=NOW + timedelta(days=20))

    assert found.services[0].incidents_seen == 0


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("GBP 200000", "USD 200000", "money-currency"),
        ("GBP 200000", "GBP -200000", "money-negative"),
        ("GBP 200000", "a lot", "money"),
        ('target: "99.9"', 'target: "100"', "target"),
        ('target: "99.9"', 'target: "99.95"', "target-preset"),
    ],
)
def test_one_bad_service_is_named_and_the_rest_is_planned(folder, old, new, rule):
    edit(folder, "shopping/checkout.yaml", old, new)

    found = queries.portfolio_from_folder(folder)

    assert len(found.services) == 9
    (problem,) = [one for one in found.problems if one.slug == "checkout"]
    assert problem.rule == rule
    assert problem.file.endswith("checkout.yaml")
    assert problem.line in (11, 12)
    assert rules.premium_of(portfolio=found).per_month == gbp(6_000)


def test_a_missing_exposure_is_named_with_its_file_and_line(folder):
    edit(folder, "shopping/checkout.yaml",
         "    andon.dev/financial-exposure-per-hour: GBP 200000\n", "")  # fmt: skip

    found = queries.portfolio_from_folder(folder)

    (problem,) = found.problems
    assert (problem.rule, problem.slug) == ("exposure-missing", "checkout")
    assert problem.where.endswith("checkout.yaml:4")
    assert len(found.services) == 9


def test_a_domain_with_one_service_is_warned_about(folder):
    for number in (2, 3, 4):
        (folder / "fulfilment" / f"fulfilment-{number}.yaml").unlink()

    found = queries.portfolio_from_folder(folder)

    (alone,) = [one for one in found.problems if one.rule == "domain-alone"]
    assert "alone in domain fulfilment" in alone.message
    assert "fulfilment-1" in [one.slug for one in found.services]


def test_a_folder_without_an_organisation_is_refused(tmp_path):
    with pytest.raises(UnableToReadPortfolio, match="no Organisation") as caught:
        queries.portfolio_from_folder(tmp_path)
    assert caught.value.problems


def test_a_live_catalogue_that_is_empty_is_an_empty_portfolio():
    assert queries.portfolio_live(now=NOW).services == ()
