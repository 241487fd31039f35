"""Exercises and tests change no figure, unless the organisation pays exercises: then only pay."""

from datetime import UTC, date, datetime, timedelta

import pytest

from andon.alerts.types import AlertKind
from andon.catalogue import queries as catalogue
from andon.catalogue.models import Revision
from andon.costing import actions, queries
from andon.costing.models import Posting
from andon.costing.types import Books, Dimension, Viewer
from andon.engine import affected
from andon.incidents import queries as incidents
from andon.incidents.models import IncidentPage
from andon.planning.queries import live, remembered
from andon.web.portal.reads import fires, services
from tests.stages.costing.conftest import NOW, set_pay
from tests.support import factories

pytestmark = [pytest.mark.database, pytest.mark.django_db]

DECEMBER = Books.parse("2026-12")
#: Wednesday, 03:00 in London: out of hours, and rest is still owed at noon.
NIGHT = datetime(2026, 12, 2, 3, 0, tzinfo=UTC)
REHEARSALS = (AlertKind.EXERCISE, AlertKind.TEST)


@pytest.fixture
def watched(fruits):
    """A catalogue that has been watched for long enough to learn from what happened."""
    factories.alert(state="resolved")
    Revision.objects.create(applied_at=NOW - timedelta(days=90), applied_by="ann", digest="0" * 64)
    return fruits


def happen(fruits, kind, *, minutes=80, service=None, at=NIGHT):
    """Let an incident of a kind happen, with a page that Ben took; as bad as one can be."""
    service = service or fruits.checkout
    made = fruits.incident(
        at, minutes, by=fruits.ben, kind=kind, major=True, severity="SEV1", service=service
    )
    page = factories.page(
        service,
        at=at,
        kind=kind,
        subject_kind="service",
        subject_ref=str(made.number),
        state="acknowledged" if minutes is None else "resolved",
        out_of_hours=True,
        rota="shop",
        acknowledged_at=at,
        acknowledged_person=fruits.ben,
    )
    IncidentPage.objects.create(incident=made, page=page)
    return made


def figures(fruits):
    """Return every figure there is about incidents, by where it is read."""
    actions.post_period(books=DECEMBER, now=NOW)
    boss = Viewer(fruits.holder.pk, is_staff=True)
    organisation = catalogue.organisation()
    service = catalogue.load_services(ids=[fruits.checkout.pk])[fruits.checkout.pk]
    situation = services.situation(service=service, organisation=organisation, now=NOW)
    affected.export()
    return {
        "ledger": sorted(Posting.objects.values_list("source", "minor", "kind", "person__slug")),
        "drafts": queries.drafts(books=DECEMBER, now=NOW),
        **{
            f"statements by {one}": queries.list_statements(books=DECEMBER, dimension=one)
            for one in Dimension
        },
        "loss protection": queries.protections(books=DECEMBER, now=NOW),
        "not in the books yet": queries.unbooked(books=DECEMBER, now=NOW),
        "signals": queries.find_signals(books=DECEMBER, now=NOW),
        "payroll": queries.payroll(books=DECEMBER, viewer=boss),
        "pay": queries.person_statement(person="ben", books=DECEMBER, viewer=boss).total,
        "load": queries.own_load(person="ben", books=DECEMBER),
        "rest": queries.list_rest(person="ben", now=NOW),
        "calibration": live.read(now=NOW, measured=True),
        "remembered portfolio": remembered.mark(now=NOW),
        "affected": incidents.list_affected(),
        "gauges": [(one, sorted(rows)) for one, rows in affected._shown.items()],
        "state of the service": (situation.state, situation.since),
        "allowance left": situation.allowance_left,
        "active": [one.incident.number for one in situation.active],
        "in lists": fires.conditions(["checkout", "basket"], now=NOW),
        "losing": fires.losing(fires.active(organisation=organisation, now=NOW)),
    }


def happened(fruits, kind):
    happen(fruits, kind)
    happen(fruits, kind, minutes=None, service=fruits.basket)
    happen(fruits, kind, minutes=None, at=NIGHT + timedelta(hours=2))


def changed(before, after):
    return {name for name, value in before.items() if value != after[name]}


@pytest.mark.parametrize("kind", REHEARSALS)
def test_an_exercise_or_a_test_changes_no_figure(watched, kind):
    before = figures(watched)
    happened(watched, kind)
    assert changed(before, figures(watched)) == set()


def test_what_is_real_changes_every_figure_that_is_compared(watched):
    before = figures(watched)
    happened(watched, AlertKind.INCIDENT)
    assert set(before) - changed(before, figures(watched)) == set()


@pytest.mark.parametrize("kind", REHEARSALS)
def test_its_own_figures_are_times_and_no_money(watched, kind):
    made = incidents.find(number=happen(watched, kind).number)
    assert made is not None
    found = incidents.figures(incident=made, now=NOW)
    assert found.time_to_restore == timedelta(minutes=80)
    money = (found.loss, found.loss_per_minute, found.tolerated_loss, found.protection)
    assert (*money, found.allowance, found.allowance_used) == (None,) * 6


def test_a_callout_says_why_an_exercise_is_paid_to_nobody(watched):
    bills = {
        kind: queries.callout_cost(incident_id=happen(watched, kind).pk, now=NOW)
        for kind in AlertKind
    }
    assert [bill.total.minor for bill in bills.values()] == [9000, 0, 0]
    assert bills[AlertKind.EXERCISE].lines[0].reason == (
        "an exercise, and the organisation does not pay exercises"
    )
    assert bills[AlertKind.TEST].lines[0].reason == "a test: nobody is paid for it"


def test_exercises_are_paid_where_the_organisation_says_so_and_cost_nothing_else(watched):
    set_pay(exercisesPaid=True)
    made = happen(watched, AlertKind.EXERCISE, at=NIGHT - timedelta(days=1))
    happen(watched, AlertKind.TEST)
    watched.incident(NIGHT, 0, by=watched.cat, kind=AlertKind.EXERCISE)
    bill = queries.callout_cost(incident_id=made.pk, now=NOW)
    assert bill.total.minor == 9000
    actions.post_period(books=DECEMBER, now=NOW)
    rows = Posting.objects.exclude(kind="standby").order_by("pk")
    assert sorted(rows.values_list("kind", "minor", "person__slug")) == [
        ("callout", 6000, "cat"),
        ("callout", 9000, "ben"),
    ]
    assert [one.incident for one in queries.list_rest(person="cat", now=NOW)] == [3]
    load = queries.own_load(person="ben", books=DECEMBER)
    assert sum(one.callouts for one in load.values()) == 1


def test_hours_are_not_corrected_on_what_is_paid_to_nobody(watched):
    made = happen(watched, AlertKind.EXERCISE)
    facts = {
        "number": made.number, "person_id": watched.ben.pk, "starts_at": NIGHT,
        "ends_at": NIGHT + timedelta(hours=1), "reason": "was there", "by": "ann", "now": NOW,
    }  # fmt: skip
    with pytest.raises(actions.UnableToCorrect, match="does not pay exercises"):
        actions.correct_worked_time(**facts)
    set_pay(exercisesPaid=True)
    actions.correct_worked_time(**facts)


def test_a_month_that_was_posted_before_stays_as_it_is(watched):
    """Drills of before have the kind of an incident: nothing of them is taken back."""
    watched.incident(NIGHT, 80)
    actions.post_period(books=DECEMBER, now=NOW)
    assert actions.post_period(books=DECEMBER, now=NOW).reversed == 0
    assert Posting.objects.filter(month=date(2026, 12, 1), kind="callout").exists()
