"""Reading the ledger: splits that add up, private pay, protection, pitfalls, load."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from andon.catalogue.actions import apply_folder
from andon.catalogue.models import Revision
from andon.core.money import Money
from andon.costing import actions, queries
from andon.costing.queries import Only
from andon.costing.types import Books, Dimension, Kind, Viewer
from andon.incidents import actions as incidents
from andon.incidents.models import TimelineEntry
from andon.planning import rules as planning
from tests.stages.costing.conftest import NOW
from tests.support import factories
from tests.support.portfolios import portfolio

pytestmark = [pytest.mark.database, pytest.mark.django_db]

SAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"
NOVEMBER = Books.parse("2026-11")
QUARTER = Books.parse("2026-Q4")
NIGHT = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
STAFF = Viewer(None, is_staff=True)


@pytest.fixture
def posted(fruits):
    fruits.domain()
    fruits.incident(NIGHT, 80)
    fruits.incident(NIGHT + timedelta(days=2), 15, by=fruits.ben, service=fruits.basket)
    actions.post_period(books=NOVEMBER, now=NOW)
    return fruits


@pytest.mark.parametrize("dimension", list(Dimension))
def test_every_split_adds_up_to_the_ledger_and_opens_its_postings(posted, dimension):
    found = queries.find_statement(books=QUARTER, dimension=dimension)
    assert (found.cost.exact, found.loss.exact) == ("GBP 6,150.00", "GBP 316,666.67")
    for line in found.lines:
        field = dimension.value.replace("-", "_")
        only = Only(**{field: line.key})
        lines = queries.list_postings(books=QUARTER, viewer=STAFF, only=only)
        total = sum((one.amount for one in lines), Money.zero("GBP"))
        assert total == line.cost + line.loss


def test_a_team_sees_its_own_part(posted):
    found = queries.find_statement(
        books=QUARTER, dimension=Dimension.SERVICE, only=Only(team="shop")
    )
    assert [(line.key, line.cost.exact) for line in found.lines] == [
        ("basket", "GBP 1,560.00"),
        ("checkout", "GBP 1,590.00"),
    ]
    assert found.by_kind[Kind.STANDBY] == Money.parse("GBP 3000")


def test_nothing_booked_is_an_empty_statement(posted):
    found = queries.find_statement(books=Books.parse("2025"), dimension=Dimension.TEAM)
    assert (found.lines, found.cost.exact) == ((), "GBP 0.00")


def test_a_person_reads_what_they_are_paid_and_why(posted):
    ann = posted.ann
    found = queries.person_statement(person="ann", books=NOVEMBER, viewer=Viewer(ann.pk))
    assert found.callout.exact == "GBP 90.00"
    assert found.total == found.standby + found.callout
    assert sum((one.amount for one in found.postings), Money.zero("GBP")) == found.total
    assert {one.kind for one in found.postings} == {Kind.STANDBY, Kind.CALLOUT}
    assert found.note == ""


def test_a_budget_holder_reads_the_part_they_pay(posted):
    dora = posted.people[0].__class__.objects.get(slug="dora")
    found = queries.person_statement(person="ann", books=NOVEMBER, viewer=Viewer(dora.pk))
    assert found.note == "only what is charged to your budget"
    assert {one.rota for one in found.postings} == {"supply"}
    assert found.callout == Money.zero("GBP")


def test_nobody_else_reads_it_and_cannot_tell_whether_there_is_any(posted):
    ben = Viewer(posted.ben.pk)
    for person in ("ann", "hope", "nobody"):
        with pytest.raises(queries.UnableToShowPay, match="only they, staff"):
            queries.person_statement(person=person, books=NOVEMBER, viewer=ben)


def test_the_payroll_adds_up_and_is_cut_to_the_reader(posted):
    every = queries.payroll(books=NOVEMBER, viewer=STAFF)
    assert [one.person for one in every] == ["ann", "ben", "cat", "dora"]
    assert sum((one.total for one in every), Money.zero("GBP")) == Money.parse("GBP 6150")
    own = queries.payroll(books=NOVEMBER, viewer=Viewer(posted.cat.pk))
    assert [one.person for one in own] == ["cat"]
    held = queries.payroll(books=NOVEMBER, viewer=Viewer(posted.holder.pk))
    assert sum((one.total for one in held), Money.zero("GBP")) == Money.parse("GBP 3150")
    assert queries.payroll(books=NOVEMBER, viewer=Viewer(None)) == ()


def test_postings_show_amounts_to_all_and_people_to_few(posted):
    lines = queries.list_postings(books=NOVEMBER, viewer=Viewer(posted.cat.pk))
    whole = queries.list_postings(books=NOVEMBER, viewer=STAFF)
    assert [one.amount for one in lines] == [one.amount for one in whole]
    assert {one.person for one in lines} == {None, "cat"}
    for one in lines:
        if one.person is None and one.kind is not Kind.OPPORTUNITY:
            assert (one.evidence, one.rota, one.incident) == ("", None, None)
            assert one.period == NOVEMBER.period("UTC")
            assert "ann" not in one.reason
    assert (
        queries.list_postings(books=NOVEMBER, viewer=Viewer(posted.cat.pk), only=Only(person="ann"))
        == []
    )


def test_an_incident_does_not_give_away_what_its_responder_was_paid(posted):
    def kinds(viewer):
        lines = queries.list_postings(books=NOVEMBER, viewer=viewer, only=Only(incident=1))
        return {one.kind for one in lines}

    assert kinds(Viewer(posted.cat.pk)) == {Kind.OPPORTUNITY}
    assert kinds(Viewer(posted.ann.pk)) == {Kind.OPPORTUNITY, Kind.CALLOUT}


def test_a_statement_is_no_way_around_privacy(posted):
    with pytest.raises(ValueError, match="person_statement"):
        queries.list_statements(books=NOVEMBER, dimension=Dimension.KIND, only=Only(person="ann"))


def test_protection_stands_next_to_cost(posted):
    whole, each = queries.protections(books=NOVEMBER, now=NOW, team="shop")
    assert [one.name for one in each] == ["basket", "checkout"]
    # 30 days at 99.9% tolerate 43.2 minutes at 200,000 an hour.
    assert {one.tolerated.exact for one in each} == {"GBP 144,000.00"}
    assert (whole.lost.exact, whole.protected.exact) == ("GBP 316,666.67", "GBP -28,666.67")
    assert whole.effectiveness == Decimal("-0.09954")
    assert whole.cost.exact == "GBP 3,150.00"


def test_what_is_to_come_tolerates_nothing_yet(posted):
    early = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
    _, each = queries.protections(books=NOVEMBER, now=early, team="shop")
    assert {one.tolerated.exact for one in each} == {"GBP 72,000.00"}


def test_the_cost_beside_the_protection_is_all_of_it(posted):
    for team in ("", "stock"):
        whole, each = queries.protections(books=NOVEMBER, now=NOW, team=team)
        only = Only(team=team)
        cost = queries.find_statement(books=NOVEMBER, dimension=Dimension.KIND, only=only).cost
        assert whole.cost == cost
        assert whole.cost > sum((one.cost for one in each), Money.zero("GBP"))


def signal(name):
    found = {one.name: one for one in queries.find_signals(books=NOVEMBER, now=NOW)}
    return found[name]


def test_pitfalls_come_with_figures_and_advice(posted):
    found = queries.find_signals(books=NOVEMBER, now=NOW)
    assert len([one for one in found if not one.needs]) == 7
    assert all((one.value is None) is bool(one.needs) for one in found)
    assert not any(one.shows for one in found if one.needs)
    assert all(one.fix and one.words for one in found)
    assert not signal("unpaid standby").shows
    assert not signal("embedded specialists").shows
    assert signal("on-call on operating budget").value == Decimal("0.2000")


#: Every pitfall of the operating model's table, and the signals that answer for each. Those of
#: `planning` are told from the portfolio, on its page and by `andon plan select`.
PITFALLS = {
    "linear run cost": {"linear run cost"},
    "inflated targets": {"inflated targets", "many team rotas"},
    "responsible but unaccountable": {
        "responsible but unaccountable",
        "on-call on operating budget",
    },
    "excessive BAU": {"excessive BAU work"},
    "change management treacle": {"change management treacle"},
    "no major incident management": {"no major incident management", "no incident commander"},
    "embedded specialists": {"embedded specialists"},
    "limited on-call schedule": {"limited on-call schedule", "on-call load limits"},
}


@pytest.mark.parametrize("pitfall", PITFALLS)
def test_every_pitfall_is_computed_or_said_to_be_missing(posted, pitfall):
    told = {one.name: one for one in queries.find_signals(books=NOVEMBER, now=NOW)}
    planned = {one.name for one in planning.find_signals(portfolio=portfolio())}
    assert PITFALLS[pitfall] <= told.keys() | planned
    for one in (told[name] for name in PITFALLS[pitfall] if name in told):
        assert (one.value is not None) or (one.needs and one.fix)


def test_the_sample_names_who_pays(db):
    apply_folder(path=SAMPLE, by="test", now=NOW)
    found = queries.find_signals(books=NOVEMBER, now=NOW)
    told = {one.name: one for one in found}
    assert not told["responsible but unaccountable"].shows
    assert not told["on-call on operating budget"].shows


def test_a_specialist_in_two_teams_is_seen(posted):
    factories.Membership.objects.create(
        team=factories.Team.objects.get(slug="stock"), person=posted.ann
    )
    assert signal("embedded specialists").shows


def test_a_major_incident_without_updates_is_seen(posted):
    major = posted.incident(NIGHT, 200, major=True, severity="SEV1")
    assert signal("no major incident management").shows
    for minutes in range(5, 200, 5):
        TimelineEntry.objects.create(
            incident=major, at=NIGHT + timedelta(minutes=minutes), kind="note", text="still down"
        )
    assert not signal("no major incident management").shows


def test_load_is_for_the_person_and_fairness_for_everybody_without_names(posted):
    page = factories.page(posted.checkout, at=NIGHT, rota="shop", out_of_hours=True)
    factories.touch(page, acknowledged_at=NIGHT, acknowledged_person=posted.ann)
    found = queries.own_load(person="ann", books=NOVEMBER)
    assert set(found) == {"shop", "supply"}
    assert (found["shop"].callouts, found["shop"].nights) == (1, 1)
    loads = queries.team_load(team=posted.team.slug, books=NOVEMBER)
    assert loads["shop"] is None
    fair = queries.team_load(team="stock", books=NOVEMBER)["supply"]
    assert fair.people == 4
    assert "ann" not in fair.words


def test_rest_is_owed_after_a_night(posted):
    morning = NIGHT + timedelta(hours=4)
    (rest,) = queries.list_rest(person="ann", now=morning)
    assert rest.incident == 1
    assert rest.working == timedelta(hours=6, minutes=20)
    assert queries.list_rest(person="ben", now=morning) == []
    assert queries.list_rest(person="ann", now=NIGHT + timedelta(hours=13)) == []


def test_what_goes_on_stands_beside_the_books_of_the_present_and_no_exercise_does(db):
    page = factories.page(factories.service("till"), at=NOW - timedelta(minutes=4))
    drill = factories.page(
        factories.service("shelf"), at=NOW - timedelta(minutes=2), kind="exercise"
    )
    assert {page.kind, drill.kind} == {"incident", "exercise"}
    incidents.follow_pages(now=NOW)
    beside = queries.unbooked(books=Books.quarter_of(NOW.date()), now=NOW)
    assert [one.affected for one in beside if one.affected in ("Till", "Shelf")] == ["Till"]
    assert queries.unbooked(books=Books.quarter_of(NOW.date()), now=NOW, team="nobody") == []
    earlier = Books.parse(f"{NOW.year - 1}-Q1")
    assert queries.unbooked(books=earlier, now=NOW) == []


def test_before_the_catalogue_was_applied_no_target_tolerates_anything(posted):
    Revision.objects.create(applied_at=NOW - timedelta(minutes=5), applied_by="ann", digest="d")
    whole, each = queries.protections(books=NOVEMBER, now=NOW, team="shop")
    assert whole.effectiveness is None
    assert "too little for a percentage" in whole.working
    assert all(one.effectiveness is None for one in each)
