"""What a callout costs, read from an incident, its service's working hours and the organisation."""

from datetime import UTC, datetime, timedelta

import pytest

from andon.catalogue.models import Organisation
from andon.catalogue.queries import organisation
from andon.costing import queries
from andon.costing.types import Viewer
from andon.incidents.models import Incident
from tests.support import factories

pytestmark = [pytest.mark.database, pytest.mark.django_db]

#: A Wednesday night, 03:00 in London.
NIGHT = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
PAY = {
    "standbyPerWeek": "GBP 700",
    "calloutPerHour": "GBP 60",
    "minimumCallout": "PT1H",
    "calloutBlock": "PT15M",
}


@pytest.fixture
def paid():
    Organisation.objects.create(
        slug="fruits", title="Fruits", document={"currency": "GBP", "pay": PAY}
    )
    assert organisation().pay is not None


def cost(minutes, *, now=None, at=NIGHT, **fields):
    who = factories.person("ann", name="Ann Lee")
    incident = Incident.objects.create(
        **{
            "number": 1,
            "service": factories.service("checkout"),
            "subject_kind": "service",
            "subject_ref": "1",
            "title": "down",
            "started_at": at,
            "opened_at": at,
            "acknowledged_at": at,
            "acknowledged_person": who,
            "restored_at": None if minutes is None else at + timedelta(minutes=minutes),
        }
        | fields
    )
    return queries.callout_cost(incident_id=incident.pk, now=now or at + timedelta(days=1))


def test_a_night_is_paid_by_the_organisations_rules(paid):
    found = cost(80)
    assert (found.total.exact, found.final) == ("GBP 90.00", True)
    (line,) = found.lines
    assert line.whom == "Ann Lee"
    assert line.reason == (
        "worked 1 h 20 min out of hours; a callout is at least 1 h, then 15 min for every block "
        "started: 1 h 30 min at GBP 60.00 an hour"
    )


def test_an_incident_that_lasts_costs_so_far(paid):
    found = cost(None, now=NIGHT + timedelta(minutes=61))
    assert (found.total.exact, found.final) == ("GBP 75.00", False)


def test_working_hours_cost_no_callout(paid):
    assert cost(30, at=NIGHT.replace(hour=10)).total.exact == "GBP 0.00"


def test_the_teams_bank_holidays_multiply_the_rate(paid):
    christmas = datetime(2026, 12, 25, 12, 0, tzinfo=UTC)
    found = cost(30, at=christmas)
    assert found.total.exact == "GBP 120.00"
    assert "bank holiday" in found.lines[0].reason


def test_restored_before_it_was_acknowledged_is_still_a_callout(paid):
    assert cost(-5).total.exact == "GBP 60.00"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"acknowledged_at": None}, "nobody has acknowledged, so nobody is paid for a callout"),
        ({"acknowledged_person": None}, "acknowledged by no person on record: nobody is paid"),
    ],
)
def test_nobody_to_pay_says_why(paid, fields, reason):
    found = cost(30, **fields)
    assert (found.total.exact, found.lines[0].reason) == ("GBP 0.00", reason)


def test_an_organisation_without_pay_says_so():
    found = cost(30)
    assert (found.total.exact, found.lines[0].reason) == (
        "GBP 0.00",
        "the organisation has declared no pay",
    )


def test_the_cost_of_one_incident_is_a_handful_of_queries(paid, django_assert_max_num_queries):
    found = cost(30)
    with django_assert_max_num_queries(8):
        again = queries.callout_cost(
            incident_id=Incident.objects.get().pk, now=NIGHT + timedelta(days=1)
        )
    assert again == found


def test_whose_pay_it_is_only_that_person_staff_and_the_budget_holder_see(paid):
    whole = cost(80)
    incident = Incident.objects.select_related("service").get()
    holder, other = factories.person("holder"), factories.person("other")
    ann = incident.acknowledged_person
    incident.service.budget_holder = holder
    incident.service.save()

    def seen_by(viewer):
        return queries.callout_cost(incident_id=incident.pk, now=NIGHT, viewer=viewer)

    for viewer in (Viewer(ann.pk), Viewer(holder.pk), Viewer(None, is_staff=True)):
        assert seen_by(viewer) == whole
    veiled = seen_by(Viewer(other.pk))
    assert veiled.total == whole.total == veiled.lines[0].pay
    assert "Ann" not in veiled.lines[0].whom + veiled.lines[0].reason
