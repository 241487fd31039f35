"""Incidents follow their pages: the engine's stage against a real database."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import OperationalError, connection, connections

from andon.alerts.models import Alert
from andon.core import claims
from andon.core.models import Counter
from andon.incidents import actions, queries
from andon.incidents.models import Incident, IncidentPage, TimelineEntry
from andon.incidents.types import IncidentState
from andon.paging.models import Page
from andon.paging.types import PageState
from tests.support import factories as make

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOW = make.NOW


def minutes(n):
    return NOW + timedelta(minutes=n)


def follow(at=1):
    return actions.follow_pages(now=minutes(at))


def kinds(incident):
    return list(incident.entries.values_list("kind", flat=True))


def test_a_page_opens_an_incident_with_its_class_and_target():
    page = make.page(make.service("checkout", ppm=999_000, exposure=20_000_000))
    assert follow() == 1
    [found] = queries.list_active()
    assert found.name == "INC-1"
    assert (found.state, found.title) == (IncidentState.OPEN, "checkout is down")
    assert (found.service_slug, found.target_ppm) == ("checkout", 999_000)
    assert found.exposure_per_hour.exact == "GBP 200,000.00"
    assert found.started_at == page.started_at
    assert found.severity_reason
    assert queries.find_of_page(page_id=page.pk) == found


def test_running_again_changes_nothing():
    make.page(make.service())
    follow()
    assert follow() == 0
    Page.objects.update(unseen=True)
    follow()
    assert Incident.objects.count() == 1
    assert TimelineEntry.objects.count() == 1


def test_a_later_page_of_the_same_service_joins_and_says_so():
    service = make.service("checkout")
    first = make.page(service)
    follow()
    make.touch(first, state=PageState.RESOLVED, resolved_at=minutes(3))
    make.page(service, at=minutes(2), summary="checkout is slow", state="resolved")
    make.page(service, at=minutes(2.5), summary="payments fail")
    follow(3)
    [incident] = Incident.objects.all()
    assert incident.state == IncidentState.OPEN
    assert IncidentPage.objects.count() == 3
    texts = list(incident.entries.filter(kind="joined").values_list("text", flat=True))
    assert texts == [
        "Another page of the same service joined: checkout is slow",
        "Another page of the same service joined: payments fail",
    ]


def test_a_page_after_everything_had_ended_is_a_new_incident():
    service = make.service()
    make.end(make.page(service), at=minutes(5))
    make.page(service, at=minutes(6))
    follow(7)
    states = list(Incident.objects.order_by("number").values_list("state", flat=True))
    assert states == [IncidentState.RESTORED, IncidentState.OPEN]


def test_an_acknowledged_page_acknowledges_with_time_and_person():
    ann = make.person("ann", name="Ann")
    page = make.page(make.service())
    follow()
    make.touch(
        page,
        state=PageState.ACKNOWLEDGED,
        acknowledged_at=minutes(2),
        acknowledged_by="Ann",
        acknowledged_person=ann,
    )
    follow(3)
    incident = Incident.objects.get()
    assert incident.state == IncidentState.ACKNOWLEDGED
    assert (incident.acknowledged_at, incident.acknowledged_by) == (minutes(2), "Ann")
    assert incident.acknowledged_person == ann


def test_restored_when_the_last_alert_resolved_not_when_the_engine_looked():
    service = make.service()
    page = make.page(service, alerts=[make.alert(service), make.alert(service)])
    follow()
    make.end(page, at=minutes(30))
    page.paged_alerts.first().alert.__class__.objects.filter(
        pk=page.paged_alerts.first().alert_id
    ).update(resolved_at=minutes(34))
    follow(40)
    incident = Incident.objects.get()
    assert incident.state == IncidentState.RESTORED
    assert incident.restored_at == minutes(34)
    assert kinds(incident) == ["opened", "restored"]


def test_a_held_page_opens_an_incident_that_says_it_is_held():
    make.page(make.service(), state=PageState.HELD, held_until=minutes(600))
    follow()
    [found] = queries.list_active()
    assert found.held_until == minutes(600)
    entry = TimelineEntry.objects.get(kind="held")
    assert entry.text == "Held: nobody is paged before working hours begin."


def test_a_held_page_that_goes_out_is_no_longer_held():
    page = make.page(make.service(), state=PageState.HELD, held_until=minutes(600))
    follow()
    make.touch(page, state=PageState.PAGING)
    follow(601)
    assert queries.list_active()[0].held_until is None


def test_a_page_that_opens_again_reopens_its_incident():
    page = make.page(make.service())
    follow()
    make.end(page, at=minutes(5))
    follow(6)
    make.touch(page, state=PageState.PAGING, resolved_at=None)
    follow(7)
    incident = Incident.objects.get()
    assert (incident.state, incident.restored_at) == (IncidentState.OPEN, None)
    assert kinds(incident) == ["opened", "restored", "reopened"]
    make.end(page, at=minutes(9))
    follow(10)
    assert Incident.objects.get().restored_at is not None


def test_a_page_that_opens_again_beside_a_newer_incident_moves_to_it():
    service = make.service()
    old = make.page(service)
    follow()
    make.end(old, at=minutes(2))
    follow(3)
    new = make.page(service, at=minutes(4))
    follow(5)
    make.end(new, at=minutes(6))
    Alert.objects.filter(pk=old.paged_alerts.get().alert_id).update(state="open", resolved_at=None)
    make.touch(old, state=PageState.PAGING, resolved_at=None)
    follow(7)
    states = list(Incident.objects.order_by("number").values_list("state", flat=True))
    assert states == [IncidentState.RESTORED, IncidentState.OPEN]
    assert IncidentPage.objects.get(page=old).incident.number == 2
    make.end(old, at=minutes(8))
    follow(9)
    assert Incident.objects.get(number=2).restored_at == minutes(8)


def test_a_service_nobody_declared_is_unclassified_upwards_and_joined_by_its_name():
    make.page(ref="mystery")
    follow()
    [found] = queries.list_active()
    assert found.affected == "mystery"
    assert found.exposure_per_hour is None
    assert "Nobody has estimated" in found.severity_reason or "no severity" in found.severity_reason


def test_a_batch_is_bounded_and_the_rest_follows():
    for _ in range(5):
        make.page(make.service())
    assert actions.follow_pages(now=NOW, limit=3) == 3
    assert actions.follow_pages(now=NOW, limit=3) == 2
    assert sorted(Incident.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


def test_a_change_that_lands_meanwhile_is_seen_next_time(monkeypatch):
    page = make.page(make.service())
    stale = page.revision
    follow()
    make.touch(page)
    actions.follow.paging.mark_seen(seen=[(page.pk, stale)])
    page.refresh_from_db()
    assert page.unseen


@pytest.mark.parametrize("services", [3, 30])
def test_questions_are_constant_in_the_size_of_the_storm(services, django_assert_max_num_queries):
    for _ in range(services):
        make.page(make.service())
    with django_assert_max_num_queries(32):
        assert follow() == services


@pytest.mark.django_db(transaction=True)
def test_r36_incident_numbers_are_unique():
    taken, failures = [], []
    gate = Barrier(4)

    def take_one():
        # SQLite in memory refuses at once where a file waits; a refusal gives no number away.
        while True:
            try:
                return actions.take_numbers(count=1)
            except OperationalError as error:
                if not claims.lost_race(error):
                    raise

    def declare():
        try:
            gate.wait()
            for _ in range(125):
                taken.extend(take_one())
        except Exception as error:  # noqa: BLE001 - shown by the test
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=declare) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert sorted(taken) == list(range(1, 501))
    assert Counter.objects.get(name="incident").value == 500


@pytest.mark.django_db(transaction=True)
def test_two_engines_open_one_incident_per_page():
    for _ in range(20):
        make.page(make.service())
    gate, failures = Barrier(2), []

    def engine():
        try:
            gate.wait()
            while actions.follow_pages(now=NOW, limit=7):
                pass
        except Exception as error:  # noqa: BLE001 - shown by the test
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=engine) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert Incident.objects.count() == 20
    assert IncidentPage.objects.count() == 20
    assert connection.vendor in {"sqlite", "postgresql"}
