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
        number=7, service=checkout, subject_kind="service", subject_ref="7", title="down",
        state="restored",
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


def test_the_lines_add_up_to_the_statement_page_by_page(staff, posted):
    [statement] = get(staff, "statements")["statements"]
    cost = [one for one in _lines(staff, limit=2) if one["kind"] != "opportunity"]
    assert sum(one["amount"]["minor"] for one in cost) == statement["cost"]["minor"]
    assert len({one["uid"] for one in cost}) == len(cost) > 2


def test_reversals_are_among_the_lines(staff, posted):
    Incident.objects.update(state="open", restored_at=None)
    actions.post_period(books=NOVEMBER, now=datetime(2026, 12, 2, 13, 0, tzinfo=UTC))
    callouts = get(staff, "postings", kind="callout")["items"]
    assert [one["reversal"] for one in callouts] == [False, True]
    assert callouts[1]["reversal_of"] == callouts[0]["uid"]
    assert sum(one["amount"]["minor"] for one in callouts) == 0


@pytest.mark.parametrize(
    ("part", "count"),
    [
        ({"service": "checkout"}, True),
        ({"team": "fruit"}, True),
        ({"kind": "callout"}, 1),
        ({"service": "-"}, False),
        ({"domain": "-"}, True),
        ({"domain": "none-such"}, False),
        ({"budget_holder": "-"}, True),
        ({"budget_holder": "ann"}, False),
        ({"when": "2026-10"}, False),
    ],
)
def test_lines_of_a_part(staff, posted, part, count):
    found = get(staff, "postings", **part)["items"]
    assert len(found) == count if type(count) is int else bool(found) is count


def test_lines_tell_strangers_nothing_of_whose_pay_they_are(api, staff, posted):
    whole = _lines(staff)
    seen = _lines(api)
    assert [one["amount"] for one in seen] == [one["amount"] for one in whole]
    veiled = [one for one in seen if one["uid"] is None]
    assert veiled
    for one in veiled:
        assert [one[name] for name in ("person", "rota", "incident", "evidence")] == [
            None, None, None, "",
        ]  # fmt: skip
        assert one["posted_at"] == "2026-11-01T00:00:00Z"
        assert "ben" not in str(one).lower()
    assert {one["person"] for one in seen if one["kind"] == "callout"} == {"ann"}


def test_the_payroll_is_cut_to_the_reader(api, staff, client_of, posted):
    every = get(staff, "payroll")
    assert [one["person"] for one in every["items"]] == ["ann", "ben"]
    assert every["whole"] is True
    for one in every["items"]:
        assert one["total"]["minor"] == one["standby"]["minor"] + one["callout"]["minor"]
    own = get(api, "payroll")
    assert own["items"] == every["items"][:1]
    assert own["whole"] is False
    nobody = client_of()
    nobody.defaults["HTTP_AUTHORIZATION"] = f"Bearer {make.api_key(None)}"
    assert get(nobody, "payroll")["items"] == []
    assert get(client_of(None), "payroll", status=401)["code"] == "not_signed_in"
    assert get(staff, "payroll", status=422, when="2026-Q4")["code"] == "invalid"


def test_load_is_for_the_person_and_staff(api, staff, posted):
    own = get(api, "load/people/ann")
    [load] = own["items"]
    assert load["rota"] == "fruit-rota"
    assert load["on_call"] > 0
    assert get(staff, "load/people/ann") == own
    for other in ("ben", "nobody"):
        assert get(api, f"load/people/{other}", status=403)["code"] == "load_is_private"
    assert get(staff, "load/people/nobody", status=404)["code"] == "person_not_found"


def test_a_teams_load_names_nobody_and_says_nothing_of_few(api, posted):
    [few] = get(api, "load/teams/fruit")["items"]
    assert few["people"] is None
    people = [make.person(f"p{number}") for number in range(5)]
    make.rota("many", of=make.team("grocers", members=people), people=people)
    [many] = get(api, "load/teams/grocers")["items"]
    assert many["people"] == 5
    assert many["even_share"] == {"ppm": 200_000, "text": "20.0%"}
    assert not any(one.slug in str(many) for one in people)
    assert get(api, "load/teams/nobody", status=404)["code"] == "not_found"


def _lines(client, **query):
    found, after = [], ""
    while after is not None:
        page = get(client, "postings", after=after, **query)
        found, after = found + page["items"], page["next"]
    return found
