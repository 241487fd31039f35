"""The ledger over the API: the same statements, and pay only for those who may see it."""

from datetime import UTC, datetime, timedelta

import pytest

from andon.catalogue.models import Organisation
from andon.costing import actions, queries
from andon.costing.types import Books, Dimension
from andon.incidents.models import Incident
from tests.support import factories as make

NOVEMBER = Books.parse("2026-11")
NIGHT = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
PAY = {"standbyPerWeek": "GBP 700", "calloutPerHour": "GBP 60", "minimumCallout": "PT1H"}


@pytest.fixture
def posted(checkout, ann):
    Organisation.objects.create(slug="shop", title="Shop", document={"currency": "GBP", "pay": PAY})
    Incident.objects.create(
        number=7, service=checkout, subject="service:7", title="down", state="restored",
        started_at=NIGHT, opened_at=NIGHT, acknowledged_at=NIGHT, acknowledged_person=ann,
        restored_at=NIGHT + timedelta(minutes=30),
        exposure_minor=20_000_000, exposure_currency="GBP", target_ppm=999_000,
    )  # fmt: skip
    actions.post_period(books=NOVEMBER, now=datetime(2026, 12, 2, 12, 0, tzinfo=UTC))


def get(client, path, status=200, **query):
    answer = client.get(f"/api/v1/costs/{path}", {"when": "2026-11", **query})
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.mark.parametrize("by", list(Dimension))
def test_a_statement_is_that_of_the_ledger(api, posted, by):
    found = get(api, "statements", by=by)
    wanted = queries.find_statement(books=NOVEMBER, dimension=by)
    [statement] = found["statements"]
    assert statement["cost"]["minor"] == wanted.cost.minor > 0
    assert [(one["key"], one["cost"]["minor"]) for one in statement["lines"]] == [
        (line.key, line.cost.minor) for line in wanted.lines
    ]
    assert sum(one["cost"]["minor"] for one in statement["lines"]) == statement["cost"]["minor"]
    assert found["protection"]["cost"]["minor"] == wanted.cost.minor


def test_another_team_has_no_part_in_it(api, posted):
    make.team("other")
    assert get(api, "statements", team="other")["statements"] == []
    assert get(api, "statements", when="2026")["statements"]


def test_pay_is_for_the_person_and_for_staff(api, staff, client_of, posted):
    own = get(api, "people/ann")
    assert own["callout"]["minor"] == 6_000
    assert sum(one["amount"]["minor"] for one in own["postings"]) == own["total"]["minor"]
    assert get(staff, "people/ann") == own
    assert get(api, "people/ben", status=403)["code"] == "pay_is_private"
    assert get(api, "people/nobody", status=403)["code"] == "pay_is_private"
    assert get(client_of(None), "people/ann", status=401)["code"] == "not_signed_in"
    nobody = client_of()
    nobody.defaults["HTTP_AUTHORIZATION"] = f"Bearer {make.api_key(None)}"
    assert get(nobody, "people/ann", status=403)["code"] == "pay_is_private"


def test_pitfalls_come_with_what_to_do(api, posted):
    found = get(api, "pitfalls")["items"]
    wanted = queries.find_signals(books=NOVEMBER, now=datetime(2026, 12, 2, 12, 0, tzinfo=UTC))
    assert [one["name"] for one in found] == [one.name for one in wanted]
    assert all(one["fix"] for one in found)


@pytest.mark.parametrize("when", ["2026-13", "yesterday", "0000"])
def test_no_such_books(api, db, when):
    assert get(api, "statements", status=422, when=when)["code"] == "invalid"
