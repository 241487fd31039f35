"""What senders say that changed is kept beside deployments, once, and thrown away in time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from andon.slo import queries
from andon.slo.actions import changes, deployments
from andon.slo.models import Change
from andon.slo.types import NewChange
from tests.support import factories

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def told(identity: str, *, at: datetime = NOW, service_id: int | None = None) -> NewChange:
    return NewChange(
        identity=identity,
        at=at,
        summary=f"Build {identity} with token=hunter2",
        source="jenkins",
        told_by="ci",
        service_id=service_id,
        service_ref="checkout",
        links=({"href": "https://ci.example/1", "text": "Build"},),
        labels={"version": identity},
    )


def keep(*new: NewChange) -> int:
    with transaction.atomic():
        return changes.keep(changes=new, now=NOW)


def test_a_change_that_is_told_twice_is_kept_once() -> None:
    assert keep(told("1"), told("1"), told("2")) == 2
    assert keep(told("2"), told("3")) == 1
    assert Change.objects.count() == 3


def test_changes_and_deployments_of_a_service_come_newest_first_without_secrets() -> None:
    checkout = factories.service("checkout").pk
    keep(told("1", service_id=checkout), told("2", at=NOW - DAY, service_id=checkout), told("3"))
    Change.objects.create(service_id=checkout, at=NOW - DAY / 2)
    found = queries.changes_of(service_id=checkout)
    assert [one.summary for one in found] == [
        "Build 1 with token=...",
        "Deployed, as metrics tell",
        "Build 2 with token=...",
    ]
    assert [one.at for one in queries.changes_of(service_id=checkout, since=NOW)] == [NOW]
    assert len(queries.changes_of(service_id=checkout, until=NOW - DAY)) == 1
    assert queries.changes_of(service_id=None) == []


def test_two_services_may_be_deployed_and_changed_at_one_instant() -> None:
    checkout, stock = factories.service("checkout").pk, factories.service("stock").pk
    Change.objects.create(service_id=checkout, at=NOW)
    Change.objects.create(service_id=stock, at=NOW)
    assert keep(told("1", service_id=checkout), told("2", service_id=checkout)) == 2
    assert len(queries.changes_of(service_id=checkout)) == 3


def test_what_is_told_is_kept_for_400_days_and_no_burn_down_thins_it_out() -> None:
    checkout = factories.service("checkout").pk
    for age in (40 * DAY, 40 * DAY + timedelta(minutes=1), 399 * DAY, 401 * DAY):
        keep(told(f"{age}", at=NOW - age, service_id=checkout))
    deployments.prune(now=NOW)
    assert Change.objects.count() == 4
    assert changes.forget(now=NOW) == 1
    assert changes.forget(now=NOW) == 0
    assert Change.objects.count() == 3
