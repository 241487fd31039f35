"""The ledger's turn in the engine, and two engines that post at the same moment."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Sum

from andon.catalogue.models import Organisation
from andon.core import turns
from andon.costing import actions
from andon.costing.models import Posting
from andon.costing.types import Books
from andon.engine import ledger
from andon.engine.run import Engine
from andon.engine.stages import STAGES
from tests.stages.costing.conftest import NOW, Fruits

pytestmark = [pytest.mark.database]


@pytest.mark.django_db
def test_the_turn_comes_once_an_hour_and_a_look_in_between_is_one_question(
    fruits, django_assert_num_queries
):
    [stage] = [one for one in STAGES if one.name == "ledger"]
    engine = Engine(node="test", transports={}, stages=[stage])
    engine.run_until_idle(NOW)
    posted = Posting.objects.count()
    assert posted > 0
    fruits.incident(NOW - timedelta(hours=9), 30)
    with django_assert_num_queries(1):
        assert not turns.take(name="ledger", every=stage.every, now=NOW + timedelta(minutes=59))
    engine.run_until_idle(NOW + timedelta(minutes=59))
    assert Posting.objects.count() == posted
    engine.run_until_idle(NOW + timedelta(minutes=61))
    assert Posting.objects.filter(kind="callout").count() == 1


@pytest.mark.django_db
def test_books_that_cannot_be_posted_do_not_stop_the_engine(fruits):
    ledger.run(now=NOW, limit=500)
    before = Posting.objects.count()
    Organisation.objects.update(document={"currency": "EUR", "pay": {"standbyPerWeek": "EUR 1"}})
    assert ledger.run(now=NOW + timedelta(hours=2), limit=500) == 0
    assert Posting.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_two_engines_at_the_same_moment_post_once():
    fruits = Fruits()
    fruits.incident(NOW - timedelta(days=10, hours=9), 30)
    start, errors = threading.Barrier(4), []

    def post():
        start.wait()
        try:
            actions.post_period(books=Books.parse("2026-11"), now=NOW)
        except BaseException as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    standby = Posting.objects.filter(kind="standby")
    assert (standby.count(), standby.aggregate(sum=Sum("minor"))["sum"]) == (12, 300_000)
    assert Posting.objects.filter(kind="callout").count() == 1
