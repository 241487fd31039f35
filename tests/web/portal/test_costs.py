"""What cover really cost, on pages: statements for everybody, pay for few."""

import csv
import html
import io
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from andon.catalogue.models import Organisation
from andon.core import clock
from andon.core.money import Money
from andon.costing import actions, queries
from andon.costing.models import Posting
from andon.costing.types import Books, Dimension, Viewer
from andon.planning.queries import remembered
from andon.planning.rules.forecast import Growth, forecast
from andon.web.portal.views import costs
from tests.support import factories
from tests.support.scenery import Scene

PAY = {"standbyPerWeek": "GBP 700", "calloutPerHour": "GBP 60", "minimumCallout": "PT1H"}


@pytest.fixture
def books(scene: Scene) -> Books:
    """Return the books of last month, with standby and callouts posted."""
    Organisation.objects.create(slug="shop", title="Shop", document={"currency": "GBP", "pay": PAY})
    now = clock.now()
    books = Books.month_of((now.replace(day=1) - timedelta(days=3)).date())
    night = datetime(books.first.year, books.first.month, 14, 2, 0, tzinfo=UTC)
    scene.restored.started_at = scene.restored.opened_at = night
    scene.restored.acknowledged_at = night + timedelta(minutes=4)
    scene.restored.acknowledged_person = scene.ann
    scene.restored.restored_at = night + timedelta(minutes=31)
    scene.restored.save()
    scene.checkout.budget_holder = scene.ben
    scene.checkout.save()
    assert actions.post_period(books=books, now=now).posted > 0
    return books


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.parametrize("by", list(Dimension))
def test_a_statement_is_that_of_the_ledger(ann: Client, books: Books, by: Dimension) -> None:
    statement = queries.find_statement(books=books, dimension=by)
    assert statement.cost.minor > 0
    said = text_of(ann, f"/costs/?when={books}&by={by}")
    assert f"Costs {books}" in said
    for line in statement.lines:
        assert f"{line.cost} {line.loss}" in said
    assert f"{statement.cost} {statement.loss}" in said


def test_a_team_has_its_own_part(ann: Client, books: Books) -> None:
    own = text_of(ann, f"/costs/?when={books}&by=service&team=checkout")
    assert "What cover cost Checkout" in own
    assert "Stock levels" not in own
    assert "Its statement, service by service" in text_of(ann, "/teams/checkout/")


def test_pay_is_for_the_person_and_staff(
    ann: Client, ben: Client, scene: Scene, books: Books
) -> None:
    mine = text_of(ann, f"/people/ann/pay/?when={books}")
    assert "standby" in mine
    assert "Pay for being on call" in text_of(ann, "/people/ann/")
    assert text_of(ben, f"/people/ann/pay/?when={books}").count("GBP ") == mine.count("GBP "), (
        "staff"
    )
    refused = ann.get(f"/people/cat/pay/?when={books}")
    assert refused.status_code == 403
    assert ann.get(f"/people/nobody/pay/?when={books}").status_code == 403, "nothing to be learnt"
    assert ben.get(f"/people/nobody/pay/?when={books}").status_code == 404, "said to staff"
    assert "Pay for being on call" not in text_of(ann, "/people/cat/")
    assert "no-store" in ann.get("/people/ann/pay/")["Cache-Control"]


def test_a_wrong_month_is_said(ann: Client, books: Books) -> None:
    assert "is no month, quarter or year" in text_of(ann, "/costs/?when=2026-13")
    assert "is no month, quarter or year" in text_of(ann, "/people/ann/pay/?when=x")
    assert ann.get("/costs/?by=person").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/costs/", "/costs/?by=service", "/teams/checkout/", "/costs/postings/", "/costs/payroll/"],
)
def test_queries_do_not_grow_with_the_catalogue(
    ann: Client, books: Books, scene: Scene, path: str, django_assert_max_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as before:
        assert ann.get(path).status_code == 200
    for number in range(40):
        factories.service(f"s{number}", owner=scene.checkout.owner)
    with django_assert_max_num_queries(len(before)):
        assert ann.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/costs/", "/people/ann/pay/", "/costs/postings/", "/costs/payroll/", "/planning/forecast/"],
)
def test_costs_are_for_those_who_are_signed_in(scene: Scene, client: Client, path: str) -> None:
    assert client.get(path)["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("by", [one for one in Dimension if one is not Dimension.ROTA])
def test_every_cost_opens_the_lines_it_is_made_of(ben: Client, books: Books, by: Dimension) -> None:
    page = ben.get(f"/costs/?when={books}&by={by}").content.decode()
    statement = queries.find_statement(books=books, dimension=by)
    links = re.findall(r'href="(/costs/postings/\?[^"]+)"\s+aria-label', page)
    assert len(links) == len(statement.lines) > 0
    for link, line in zip(links, statement.lines, strict=True):
        said = text_of(ben, html.unescape(link))
        assert f"cost {line.cost}" in said
        for kind, amount in line.by_kind.items():
            assert f"{kind} {amount}" in said


def test_reversals_stand_among_the_lines(ben: Client, books: Books) -> None:
    row = Posting.objects.filter(kind="callout").get()
    actions.reverse(uid=str(row.uid), reason="paid elsewhere", by="ben", now=clock.now())
    said = text_of(ben, f"/costs/postings/?when={books}&kind=callout")
    assert "callout, reversal" in said
    assert "paid elsewhere" in said
    assert f"cost {Money.zero('GBP')}" in said


def test_lines_show_strangers_amounts_and_no_people(
    ann: Client, scene: Scene, books: Books
) -> None:
    cat = Client()
    cat.force_login(
        type(scene.ann).objects.get(slug="cat"), backend="django.contrib.auth.backends.ModelBackend"
    )
    said = text_of(cat, f"/costs/postings/?when={books}&kind=callout")
    row = Posting.objects.get(kind="callout")
    assert str(Money(row.minor, "GBP")) in said
    for hidden in ("Ann", "INC-", str(row.uid), row.reason):
        assert hidden not in said.replace("Andon", "")
    assert row.reason in text_of(ann, f"/costs/postings/?when={books}&kind=callout")
    assert "no-store" in cat.get("/costs/postings/")["Cache-Control"]


def test_lines_come_page_by_page(
    ben: Client, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Early in a year there are few: so a page holds few.
    monkeypatch.setattr(costs, "_LINES", 5)
    year = Books.parse(str(books.first.year))
    actions.post_period(books=year, now=clock.now())
    everybody = Viewer(None, is_staff=True)
    whole = queries.list_postings(books=year, viewer=everybody, limit=1000)
    path: str | None = f"/costs/postings/?when={year}"
    seen: list[str] = []
    while path:
        page = ben.get(path).content.decode()
        seen += re.findall(r'id="p-([^"]+)"', page)
        more = re.search(r'rel="next"\s+href="([^"]+)"', page)
        path = "/costs/postings/" + html.unescape(more[1]) if more else None
    assert seen == [one.uid for one in whole]
    assert len(seen) > costs._LINES, "more than a page"


def test_the_payroll_is_the_ledgers_and_comes_as_csv(
    ann: Client, ben: Client, books: Books
) -> None:
    rows = queries.payroll(books=books, viewer=Viewer(None, is_staff=True))
    said = text_of(ben, f"/costs/payroll/?when={books}")
    for one in rows:
        assert f"{one.name} {one.standby.exact} {one.callout.exact} {one.total.exact}" in said
    answer = ben.get(f"/costs/payroll/?when={books}&as=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="payroll-{books}.csv"'
    assert "no-store" in answer["Cache-Control"]
    read = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(one["person"], one["total"]) for one in read] == [
        (one.person, str(one.total.amount)) for one in rows
    ]
    own = list(
        csv.DictReader(
            io.StringIO(ann.get(f"/costs/payroll/?when={books}&as=csv").content.decode())
        )
    )
    assert [one["person"] for one in own] == ["ann"]
    assert "You see your own pay" in text_of(ann, f"/costs/payroll/?when={books}")


def test_the_forecast_is_that_of_planning(ann: Client, books: Books) -> None:
    said = text_of(ann, "/planning/forecast/?teams=10&services=20&exposure=0&quarters=2")
    growth = Growth(Decimal("0.1"), Decimal("0.2"), Decimal(0))
    found = forecast(portfolio=remembered.portfolio(now=clock.now()), growth=growth, quarters=2)
    for one in found.quarters:
        figures = (one.number, one.teams, one.services, one.rotas, one.people_needed)
        money = str(one.standby_per_month)
        assert f"{' '.join(map(str, figures))} {one.people_there} {money}" in said
    assert "Standby a month" in text_of(ann, "/planning/forecast/")
    assert "Quarters:" in text_of(
        ann, "/planning/forecast/?teams=1&services=1&exposure=1&quarters=99"
    )
