"""Open incidents as metrics: a series while it lasts, and none before and after."""

from datetime import timedelta

import pytest
from prometheus_client import generate_latest

from andon.engine import affected
from andon.incidents import actions
from andon.incidents.models import Incident
from tests.support import factories as make

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def shown() -> list[str]:
    affected.export()
    lines = generate_latest().decode().splitlines()
    return [line for line in lines if line.startswith("andon_incidents_")]


def test_a_service_is_shown_with_its_money_for_as_long_as_its_incident_lasts():
    service = make.service("checkout")
    make.page(service)
    assert shown() == []
    actions.follow_pages(now=make.NOW)
    assert shown() == [
        'andon_incidents_open{service="checkout"} 1.0',
        'andon_incidents_at_risk_per_hour{currency="GBP",service="checkout"} 200000.0',
    ]
    number = Incident.objects.get().number
    actions.resolve(number=number, by="Ann", now=make.NOW + timedelta(minutes=5), reason="mended")
    assert shown() == []


def test_services_that_nobody_declared_are_counted_together():
    for ref in ("ghost", "spectre"):
        make.page(None, ref=ref)
    actions.follow_pages(now=make.NOW)
    assert shown() == ['andon_incidents_open{service="(undeclared)"} 2.0']


def test_however_many_there_are_it_is_one_question(django_assert_num_queries):
    for number in range(4):
        make.page(make.service(f"service-{number}"))
    actions.follow_pages(now=make.NOW)
    with django_assert_num_queries(1):
        affected.export()
