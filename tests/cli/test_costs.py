"""`andon costs`: the ledger from a terminal."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from andon.cli import costs
from andon.costing import actions
from andon.costing.models import Posting, WorkedTime
from andon.costing.types import Books
from andon.people.models import Person
from tests.stages.costing.conftest import NOW, Fruits

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)


def run(*words, ok=True):
    result = CliRunner().invoke(costs.app, list(words), env={"COLUMNS": "250"})
    assert (result.exit_code == 0) is ok, result.output
    return result


@pytest.fixture
def fruits():
    made = Fruits()
    made.incident(NIGHT, 80)
    actions.post_period(books=Books.parse("2026-11"), now=NOW)
    return made


def test_posting_a_month_twice_posts_nothing_the_second_time():
    Fruits()
    assert "10 posted, 0 reversed" in run("post", "2026-02").stdout
    assert json.loads(run("post", "2026-02", "--json").stdout) == {
        "posted": 0,
        "reversed": 0,
        "refused": [],
    }


def test_a_person_and_month(fruits):
    shown = run("person", "ann", "2026-11").stdout
    assert "standby GBP 800.00 + callout GBP 90.00" in shown
    assert "Total GBP 890.00" in shown
    found = json.loads(run("person", "ann", "2026-11", "--json").stdout)
    assert found["total"]["text"] == "GBP 890.00"
    assert found["books"] == "2026-11"
    assert found["postings"][0]["kind"] in ("standby", "callout")


def test_the_payroll_as_csv_is_safe_to_open(fruits):
    Person.objects.filter(slug="ben").update(name="=HYPERLINK(1)")
    rows = list(csv.DictReader(io.StringIO(run("payroll", "2026-11", "--csv").stdout)))
    assert [(row["person"], row["total"], row["currency"]) for row in rows] == [
        ("ann", "890.00", "GBP"),
        ("ben", "1400.00", "GBP"),
        ("cat", "800.00", "GBP"),
    ]
    assert rows[1]["name"] == "'=HYPERLINK(1)"
    assert "890.00" in run("payroll", "2026-11").stdout
    assert "Nobody is paid" in run("payroll", "2025-01").stdout


def test_a_team_and_quarter_with_what_it_protected(fruits):
    shown = run("team", "shop", "2026-Q4").stdout
    assert "GBP 3,090" in shown
    assert "financial loss protection effectiveness" in shown
    assert 'no team "nobody"' in run("team", "nobody", ok=False).stderr


def test_the_organisation_by_any_line(fruits):
    found = json.loads(run("all", "2026-Q4", "--by", "tag", "--json").stdout)
    (statement,) = found["statements"]
    assert [line["key"] for line in statement["lines"]] == ["capex", "lost-revenue", "opex"]
    assert statement["cost"]["text"] == "GBP 3,090.00"
    assert found["protection"]["lost"]["text"] == "GBP 266,666.67"
    assert "Nothing is booked" in run("all", "2025").stdout


def test_a_figure_opens_its_postings(fruits):
    assert "INC-1, ann" in run("postings", "2026-11", "--kind", "callout").stdout
    lines = json.loads(run("postings", "2026-11", "--service", "checkout", "--json").stdout)
    assert {one["service"] for one in lines} == {"checkout"}


def test_pitfalls(fruits):
    assert "linear run cost" in run("pitfalls", "2026-Q4").stdout
    assert len(json.loads(run("pitfalls", "2026-Q4", "--json").stdout)["items"]) == 11
    assert "? excessive BAU work: not measured yet, needs work items" in run("pitfalls").stdout


def test_setup_by_hand_and_back(fruits):
    words = ("add", "setup", "checkout", "GBP 1200", "--reason", "licences", "--day", "2026-01-05")
    uid = run(*words).stdout.strip()
    assert Posting.objects.get(uid=uid).minor == 120_000
    run("reverse", uid, "--reason", "wrong")
    assert "reversed already" in run("reverse", uid, "--reason", "x", ok=False).stderr
    assert "not money" in run("add", "setup", "checkout", "lots", ok=False).stderr


def test_hours_are_corrected(fruits):
    times = ("2026-01-05T03:00", "2026-01-05T05:00+00:00")
    run("hours", "INC-1", "ben", *times, "--reason", "helped", "--as", "hope")
    assert WorkedTime.objects.get().by == "hope"
    assert "no incident" in run("hours", "x", "ben", *times, ok=False).stderr
    assert "reason" in run("hours", "INC-1", "ben", *times, ok=False).stderr


def test_closing(fruits):
    assert "closed" in run("close", "2026-01").stdout
    assert "closed already" in run("close", "2026-01", ok=False).stderr
    assert "2026-11, 2026-Q4, 2026" in run("close", "soon", ok=False).stderr


def test_standby_is_taken_back_and_posted_again_from_the_terminal():
    Fruits()
    run("post", "2026-02")
    row = Posting.objects.filter(kind="standby").earliest("pk")
    assert str(row.uid) in run("postings", "2026-02", "--kind", "standby").stdout
    assert "needs a reason" in run("reverse", str(row.uid), ok=False).stderr
    run("reverse", str(row.uid), "--reason", "phone was off")
    assert "0 posted, 0 reversed" in run("post", "2026-02").stdout
    run("post-again", str(row.uid), "--reason", "it was not")
    assert "1 posted, 0 reversed" in run("post", "2026-02").stdout
