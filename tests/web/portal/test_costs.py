"""What cover really cost, on pages: statements for everybody, pay for few."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from andon.catalogue.models import Organisation
from andon.core import clock
from andon.costing import actions, queries
from andon.costing.types import Books, Dimension
from andon.web.portal import words
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
        assert f"{words.money(line.cost)} {words.money(line.loss)}" in said
    assert f"{words.money(statement.cost)} {words.money(statement.loss)}" in said


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
    assert text_of(ben, f"/people/ann/pay/?when={books}").count("£") == mine.count("£"), "staff"
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


@pytest.mark.parametrize("path", ["/costs/", "/costs/?by=service", "/teams/checkout/"])
def test_queries_do_not_grow_with_the_catalogue(
    ann: Client, books: Books, scene: Scene, path: str, django_assert_max_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as before:
        assert ann.get(path).status_code == 200
    for number in range(40):
        factories.service(f"s{number}", owner=scene.checkout.owner)
    with django_assert_max_num_queries(len(before)):
        assert ann.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/costs/", "/people/ann/pay/"])
def test_costs_are_for_those_who_are_signed_in(scene: Scene, client: Client, path: str) -> None:
    assert client.get(path)["Location"].startswith("/sign-in/?next=")
