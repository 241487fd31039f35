"""The quarterly review, forecasts, what-if, and the patches that carry proposals out."""

import shutil
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.rules.documents.check import check_folder
from andon.catalogue.types import Cover, DeploymentTarget
from andon.core.documents.source import read_folder
from andon.planning import actions
from andon.planning.queries import portfolio_from_folder
from andon.planning.rules import annual, forecast, review, whatif
from andon.planning.rules.forecast import Growth
from andon.planning.rules.review import Proposal, ProposedMove
from andon.planning.types import PeakDays, Season
from tests.support.portfolios import fruits, gbp, portfolio, service

TODAY = date(2026, 11, 21)
EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"


def swap(held, slug, **changes):
    return replace(
        held,
        services=tuple(
            replace(one, **changes) if one.slug == slug else one for one in held.services
        ),
    )


def proposals(held, slug):
    return {one.move: one for one in review.review(portfolio=held, today=TODAY) if one.slug == slug}


def test_a_service_that_asks_for_its_own_target_is_left_alone():
    assert review.review(portfolio=fruits(), today=TODAY) == ()


def test_more_exposure_is_an_upgrade_with_evidence_and_an_annotation():
    held = swap(fruits(), "stock-1", exposure_per_hour=gbp(15_000))

    found = proposals(held, "stock-1")[ProposedMove.UPGRADE]

    assert found.annotations == (("andon.dev/availability-target", "99.5"),)
    assert "GBP 15,000 an hour asks for 99.5%" in found.evidence[0]
    assert "the rate is an assumption" in found.evidence[1]


def test_less_exposure_is_a_downgrade_with_what_was_measured():
    held = swap(
        fruits(),
        "checkout",
        exposure_per_hour=gbp(15_000),
        incidents_seen=3,
        years_seen=Decimal(1),
        loss_seen=gbp(900),
    )

    found = proposals(held, "checkout")[ProposedMove.DOWNGRADE]

    assert "between 0.6 and 8.8 a year" in found.evidence[1]
    assert found.evidence[2] == "they lost GBP 900"


def test_filled_demand_moves_a_team_rota_to_its_domain():
    monthly = {"domain": "fulfilment", "deployment_target": DeploymentTarget.MONTHLY}
    held = swap(fruits(), "checkout", **monthly)

    found = proposals(held, "checkout")[ProposedMove.DOMAIN_ROTA]

    assert found.worth == gbp(36_000)
    assert dict(found.annotations)["andon.dev/out-of-hours"] == "domain"


def test_filled_demand_without_siblings_moves_nothing():
    held = swap(fruits(), "checkout", deployment_target=DeploymentTarget.MONTHLY)

    assert ProposedMove.DOMAIN_ROTA not in proposals(held, "checkout")


def test_a_season_that_raises_the_target_asks_for_a_peak_window():
    held = swap(fruits(), "stock-1", seasons=(Season(324, 359, Decimal(6)),))

    found = proposals(held, "stock-1")[ProposedMove.PEAK_WINDOW]

    # It began yesterday: what is past is past.
    assert "99.5% from 2026-11-21 until 2026-12-25" in found.words
    assert found.annotations == (("andon.dev/peak-windows", "2026-11-21/2026-12-25=99.5"),)


@pytest.mark.parametrize(
    ("seasons", "today", "window"),
    [
        (((324, 359),), "2026-03-01", ("2026-11-20", "2026-12-25")),
        (((324, 359),), "2026-12-25", ("2027-11-20", "2027-12-25")),
        (((324, 359),), "2028-12-24", ("2028-12-24", "2028-12-25")),
        (((60, 70),), "2028-01-01", ("2028-03-01", "2028-03-11")),  # a leap year
        (((1, 5), (360, 366)), "2026-11-21", ("2026-12-26", "2027-01-05")),
        (((1, 5), (360, 366)), "2027-01-02", ("2027-01-02", "2027-01-05")),
        (((300, 366),), "2026-01-01", ("2026-10-27", "2027-01-01")),
        (((1, 366),), "2026-11-21", ("2026-11-21", "2027-01-01")),
    ],
)
def test_a_window_is_the_next_turn_of_its_season(seasons, today, window):
    one = service("a", seasons=tuple(Season(*days, Decimal(3)) for days in seasons))

    found = review.next_window(
        service=one, factor=Decimal(3), target_ppm=995_000, today=date.fromisoformat(today)
    )

    assert (str(found.first), str(found.after)) == window


def test_a_window_that_is_declared_is_not_proposed_again():
    traits = {"seasons": (Season(324, 359, Decimal(6)),)}
    days = date(2026, 11, 27), date(2026, 12, 2)
    declared = swap(fruits(), "stock-1", **traits, windows=(PeakDays(*days, 995_000),))
    too_low = swap(fruits(), "stock-1", **traits, windows=(PeakDays(*days, 990_000),))

    assert ProposedMove.PEAK_WINDOW not in proposals(declared, "stock-1")
    assert ProposedMove.PEAK_WINDOW in proposals(too_low, "stock-1")


def test_losses_far_from_the_exposure_ask_whether_it_is_right():
    seen = {"incidents_seen": 6, "years_seen": Decimal(1), "log_minutes_seen": (4.0943446,) * 6}
    wrong = swap(fruits(), "checkout", **seen, loss_seen=gbp(1_000))
    right = swap(fruits(), "checkout", **seen, loss_seen=gbp(1_100_000))

    assert ProposedMove.ASK in proposals(wrong, "checkout")
    assert ProposedMove.ASK not in proposals(right, "checkout")


def test_the_expected_year_adds_dependencies_up():
    shop = service("shop", exposure_per_hour=gbp(60), depends_on=("db",))
    db = service("db", exposure_per_hour=gbp(0), incidents_per_year=Decimal(3),
                 time_to_restore=timedelta(minutes=50), depends_on=("shop",))  # fmt: skip

    found = annual.year_of(portfolio=portfolio(shop, db))

    by_slug = {one.slug: one for one in found.services}
    assert by_slug["shop"].loss == gbp(12 * 20 + 3 * 50)
    assert by_slug["shop"].incidents == 15
    assert by_slug["db"].loss == gbp(0)


@given(slug=st.sampled_from(["checkout", "product", "fulfilment-2"]))
@settings(max_examples=6, deadline=None)
def test_removing_cover_never_costs_more_premium_and_never_loses_less(slug):
    held = fruits()

    found = whatif.what_if(before=held, after=swap(held, slug, cover=Cover.NONE))

    standby, callouts, loss, _ = found.money
    assert standby.change.minor <= 0
    assert callouts.change.minor <= 0
    assert loss.change.minor >= 0


def test_what_if_nothing_changes():
    found = whatif.what_if(before=fruits(), after=fruits())

    assert found.changes == ()
    assert found.losses == ()
    assert found.sentence.startswith("Nothing changes")


def test_what_if_names_what_was_changed_and_what_it_does():
    held = fruits()
    after = swap(held, "checkout", cover=Cover.NONE, target_ppm=990_000)

    found = whatif.what_if(before=held, after=after)

    assert [(one.field, one.was, one.becomes) for one in found.changes] == [
        ("target", "99.9%", "99.0%"),
        ("cover", "team", "none"),
    ]
    assert found.rotas == (3, 2)
    assert found.money[0].change == gbp(-36_000)
    assert [one.name for one in found.losses] == ["checkout"]
    assert "The premium falls by GBP 36,000" in found.sentence
    assert "worse in all" in found.sentence


def test_what_if_services_come_and_go():
    held = fruits()
    fewer = replace(held, services=held.services[1:])

    found = whatif.what_if(before=held, after=fewer)

    assert [(one.slug, one.was, one.becomes) for one in found.changes] == [
        ("checkout", "declared", "")
    ]


def test_two_currencies_are_not_compared():
    with pytest.raises(whatif.UnableToCompare, match="GBP"):
        whatif.what_if(before=fruits(), after=replace(fruits(), currency="USD"))


def test_a_forecast_starts_with_today_and_grows():
    growth = Growth(teams=Decimal("0.4"), services=Decimal("0.4"), exposure=Decimal("0.5"))

    found = forecast.forecast(portfolio=fruits(), growth=growth)

    first, *_, last = found.quarters
    assert (first.teams, first.services, first.rotas) == (10, 10, 3)
    assert first.standby_per_month == gbp(9_000)
    assert (last.teams, last.services) == (14, 14)
    assert last.rotas > first.rotas
    assert last.exposure_per_hour.minor > first.exposure_per_hour.minor
    assert last.loss_per_year.minor > first.loss_per_year.minor
    assert [one.number for one in found.quarters] == [0, 1, 2, 3, 4]


def test_without_growth_a_forecast_stays():
    found = forecast.forecast(portfolio=fruits(), growth=Growth())

    assert {replace(one, number=0) for one in found.quarters} == {found.quarters[0]}


def test_exposure_that_outgrows_a_target_raises_it():
    held = portfolio(service("a", exposure_per_hour=gbp(13_000), target_ppm=990_000,
                             cover=Cover.NONE, domain="d"))  # fmt: skip

    later = forecast.grown(
        portfolio=held, growth=Growth(exposure=Decimal("0.2")), years=Fraction(1)
    )

    assert (later.services[0].target_ppm, later.services[0].cover) == (995_000, Cover.DOMAIN)


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(EXAMPLE, tmp_path / "catalogue"))


def proposal(*annotations):
    return Proposal("checkout", ProposedMove.DOWNGRADE, "Checkout", (), tuple(annotations))


def test_an_accepted_proposal_is_a_patch_that_git_takes(folder):
    checkout = portfolio_from_folder(folder).services[0]
    wanted = proposal(
        ("andon.dev/availability-target", "99.5"),
        ("andon.dev/out-of-hours", "none"),
        ("andon.dev/out-of-hours-reason", "a test"),
    )

    patch = actions.accept(proposal=wanted, service=checkout, folder=folder)
    git = ["git", "apply", "--unsafe-paths", "-"]
    subprocess.run(git, cwd=folder, input=patch.diff.encode(), check=True)

    assert '-    andon.dev/availability-target: "99.9"' in patch.diff
    after = portfolio_from_folder(folder)
    assert (after.services[0].target_ppm, after.services[0].cover) == (995_000, Cover.NONE)
    changed = [line for line in patch.diff.splitlines() if line[:1] in "+-"]
    assert len(changed) == 6
    assert check_folder(read_folder(folder)).errors == ()


def test_a_proposal_can_be_written_and_removes_what_it_says(folder):
    checkout = portfolio_from_folder(folder).services[0]
    gone = proposal(("andon.dev/dashboard", None), ("andon.dev/not-there", None))

    patch = actions.accept(proposal=gone, service=checkout, folder=folder, write=True)

    assert (folder / patch.file).read_text() == patch.text
    assert "dashboard:" not in patch.text


def test_patches_are_refused_when_there_is_nothing_to_write(folder):
    checkout = portfolio_from_folder(folder).services[0]
    target = ("andon.dev/availability-target", "99.9")

    with pytest.raises(actions.UnableToPatch, match="for a person"):
        actions.accept(proposal=proposal(), service=checkout, folder=folder)
    with pytest.raises(actions.UnableToPatch, match="says so already"):
        actions.accept(proposal=proposal(target), service=checkout, folder=folder)
    moved = replace(checkout, declared_at="nowhere.yaml:1")
    with pytest.raises(actions.UnableToPatch, match="stands in no file"):
        actions.accept(proposal=proposal(target), service=moved, folder=folder)
    elsewhere = replace(checkout, declared_at="shopping/domain.yaml:5")
    with pytest.raises(actions.UnableToPatch, match="not in a Component"):
        actions.accept(proposal=proposal(target), service=elsewhere, folder=folder)


@pytest.mark.parametrize("key", ["andon.dev/availability-target", "andon.dev/peak-windows"])
@pytest.mark.parametrize("text", [b"", b"kind: Component\n", b"\xff\xfe\xfa"])
def test_a_file_that_was_changed_since_is_refused_and_says_so(folder, key, text):
    checkout = portfolio_from_folder(folder).services[0]
    (folder / checkout.declared_at.rpartition(":")[0]).write_bytes(text)

    with pytest.raises(actions.UnableToPatch, match="was it changed since"):
        actions.accept(proposal=proposal((key, "99.9")), service=checkout, folder=folder)
