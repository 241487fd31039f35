"""What people do to incidents, against a real database."""

import time
from datetime import timedelta

import pytest

from andon.alerts.models import Alert
from andon.alerts.types import AlertState
from andon.core.models import AuditEntry
from andon.incidents import actions, queries
from andon.incidents.models import Incident, IncidentPage, TimelineEntry
from andon.incidents.types import IncidentState
from andon.paging.models import Notification, Page
from andon.paging.types import NotificationState, PageState
from tests.support import factories as make

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOW = make.NOW


def minutes(n):
    return NOW + timedelta(minutes=n)


def incident(**page_fields):
    page = make.page(make.service(), **page_fields)
    actions.follow_pages(now=NOW)
    return Incident.objects.get(pages=page), page


def acknowledge(found, at=2, by="Ann", person_id=None):
    actions.acknowledge(number=found.number, by=by, person_id=person_id, now=minutes(at))


def resolve(found, at=10):
    actions.resolve(number=found.number, by="Ann", now=minutes(at), reason="rolled back")


def audited(found):
    rows = AuditEntry.objects.filter(subject=f"incident:{found.number}").order_by("id")
    return list(rows.values_list("verb", "actor"))


def test_acknowledging_takes_the_pages_and_cancels_what_is_pending():
    ann = make.person("ann", name="Ann")
    found, page = incident()
    waiting = make.notification(
        page, to=ann, state=NotificationState.PENDING, sent_at=None, next_at=NOW
    )
    acknowledge(found, person_id=ann.pk)
    found.refresh_from_db()
    page.refresh_from_db()
    waiting.refresh_from_db()
    assert found.state == IncidentState.ACKNOWLEDGED
    assert (found.acknowledged_at, found.acknowledged_person) == (minutes(2), ann)
    assert page.state == PageState.ACKNOWLEDGED
    assert waiting.state == NotificationState.CANCELLED
    assert audited(found) == [("acknowledge", "Ann")]


def test_what_a_person_did_is_not_done_again_by_the_stage():
    found, _ = incident()
    acknowledge(found)
    actions.follow_pages(now=minutes(3))
    kinds = found.entries.values_list("kind", flat=True)
    assert list(kinds) == ["opened", "acknowledged"]


def test_a_second_acknowledgement_is_refused_with_a_stable_code():
    found, _ = incident()
    acknowledge(found)
    with pytest.raises(actions.UnableToActOnIncident) as refusal:
        acknowledge(found, by="Ben")
    assert refusal.value.code == "incident_state"
    assert refusal.value.message == "Unable to acknowledge INC-1: it is already acknowledged."
    assert refusal.value.data == {"act": "acknowledge", "state": "acknowledged"}
    assert len(audited(found)) == 1


def test_a_later_page_of_an_acknowledged_incident_can_be_acknowledged():
    found, first = incident()
    acknowledge(found)
    make.touch(first, state=PageState.RESOLVED, resolved_at=minutes(5))
    later = make.page(Incident.objects.get().service, at=minutes(4))
    actions.follow_pages(now=minutes(5))
    acknowledge(found, at=6, by="Ben")
    later.refresh_from_db()
    found.refresh_from_db()
    assert later.acknowledged_by == "Ben"
    assert (found.acknowledged_by, found.acknowledged_at) == ("Ann", minutes(2))


def test_r22_resolving_reaches_the_very_alerts_their_sender_would_resolve():
    found, page = incident()
    resolve(found)
    found.refresh_from_db()
    page.refresh_from_db()
    alert = Alert.objects.get()
    assert found.state == IncidentState.RESTORED
    assert (found.restored_at, found.restored_by) == (minutes(10), "Ann")
    assert (page.state, page.resolved_by) == (PageState.RESOLVED, "Ann")
    assert (alert.state, alert.resolved_by) == (AlertState.RESOLVED, "Ann")
    assert found.entries.last().text == "Ann declared it restored. rolled back"


def test_the_stage_leaves_a_resolved_incident_as_the_person_said():
    found, _ = incident()
    resolve(found)
    actions.follow_pages(now=minutes(20))
    found.refresh_from_db()
    assert found.restored_at == minutes(10)
    assert found.entries.filter(kind="restored").count() == 1


def test_reopened_it_is_active_and_old_endings_do_not_restore_it():
    found, _ = incident()
    resolve(found)
    actions.reopen(number=found.number, reason="still failing", by="Ben", now=minutes(12))
    actions.follow_pages(now=minutes(13))
    found.refresh_from_db()
    assert (found.state, found.restored_at) == (IncidentState.OPEN, None)
    assert found.reopened_at == minutes(12)
    page = make.page(found.service, at=minutes(14))
    actions.follow_pages(now=minutes(15))
    make.end(page, at=minutes(18))
    actions.follow_pages(now=minutes(19))
    found.refresh_from_db()
    assert found.restored_at == minutes(18)


def test_reopening_beside_an_active_one_is_refused_and_names_it():
    found, _ = incident()
    resolve(found)
    make.page(found.service, at=minutes(11))
    actions.follow_pages(now=minutes(12))
    with pytest.raises(actions.UnableToActOnIncident) as refusal:
        actions.reopen(number=found.number, reason="again", by="Ben", now=minutes(13))
    assert refusal.value.data["active"] == "INC-2"


def test_closing_needs_a_restored_incident():
    found, _ = incident()
    with pytest.raises(actions.UnableToActOnIncident, match="it is still open"):
        actions.close(number=found.number, by="Ann", now=minutes(1))
    resolve(found)
    actions.close(number=found.number, by="Ann", now=minutes(20))
    found.refresh_from_db()
    assert (found.state, found.closed_at) == (IncidentState.CLOSED, minutes(20))


def test_notes_are_kept_in_every_state():
    found, _ = incident()
    actions.add_note(number=found.number, text=" looking at the database ", by="Ann", now=NOW)
    resolve(found)
    actions.close(number=found.number, by="Ann", now=minutes(20))
    actions.add_note(number=found.number, text="review on Monday", by="Ann", now=minutes(30))
    texts = list(found.entries.filter(kind="note").values_list("text", flat=True))
    assert texts == ["looking at the database", "review on Monday"]


def test_an_unknown_number_is_a_404():
    with pytest.raises(actions.UnableToFindIncident) as refusal:
        actions.close(number=4711, by="Ann", now=NOW)
    assert (refusal.value.status, refusal.value.code) == (404, "incident_not_found")


def test_r77_an_act_whose_side_effect_fails_leaves_nothing_behind(monkeypatch):
    found, _ = incident()

    def fail(**_):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(actions.acts.paging, "resolve", fail)
    with pytest.raises(RuntimeError):
        resolve(found)
    found.refresh_from_db()
    assert found.state == IncidentState.OPEN
    assert Alert.objects.get().state == AlertState.OPEN
    assert audited(found) == []


def test_bulk_reports_what_could_not_be_done():
    found, _ = incident()
    other, _ = incident()
    resolve(other)
    outcome = actions.bulk_acknowledge(
        numbers=[found.number, other.number, 999], by="Ann", person_id=None, now=minutes(11)
    )
    assert outcome.done == (found.number,)
    assert outcome.refused == {
        other.number: "availability is already restored",
        999: "there is no such incident",
    }


def test_bulk_refuses_more_than_it_can_hold():
    with pytest.raises(actions.UnableToAcknowledgeSoMany):
        actions.bulk_acknowledge(numbers=range(10_001), by="Ann", person_id=None, now=NOW)


def test_r80_bulk_actions_scale():
    count = 5_000
    key = make.key()
    service = make.service()
    pages = Page.objects.bulk_create(
        Page(
            subject_kind="unknown",
            subject_ref=str(n),
            state=PageState.PAGING,
            severity="critical",
            summary="down",
            opened_at=NOW,
            started_at=NOW,
        )
        for n in range(count)
    )
    incidents = Incident.objects.bulk_create(
        Incident(
            number=n + 1,
            subject_kind="unknown",
            subject_ref=str(n),
            title="x",
            started_at=NOW,
            opened_at=NOW,
        )
        for n in range(count)
    )
    IncidentPage.objects.bulk_create(
        IncidentPage(incident=one, page=page) for one, page in zip(incidents, pages, strict=True)
    )
    Notification.objects.bulk_create(
        Notification(
            page=page,
            step=0,
            kind="email",
            destination="a@b",
            subject="s",
            body="b",
            created_at=NOW,
        )
        for page in pages
    )
    assert key.pk
    assert service.pk
    began, worked = time.perf_counter(), time.process_time()
    outcome = actions.bulk_acknowledge(
        numbers=range(1, count + 1), by="Ann", person_id=None, now=minutes(1)
    )
    took, worked = time.perf_counter() - began, time.process_time() - worked
    print(f"acknowledged {count} incidents in {took:.2f} s, {worked:.2f} s of processor time")
    assert len(outcome.done) == count
    assert TimelineEntry.objects.filter(kind="acknowledged").count() == count
    assert Page.objects.filter(state=PageState.ACKNOWLEDGED).count() == count
    assert Notification.objects.filter(state=NotificationState.CANCELLED).count() == count
    assert worked < 5  # what others do on a shared machine is not ours to measure


def test_searching_and_listing():
    found, _ = incident()
    resolve(found)
    other, _ = incident()
    slug = found.service.slug
    assert [one.number for one in queries.list_incidents()] == [other.number, found.number]
    assert [one.number for one in queries.list_incidents(state="active")] == [other.number]
    assert [one.number for one in queries.list_incidents(service=slug)] == [found.number]
    assert [one.number for one in queries.list_incidents(search=f"INC-{found.number}")] == [
        found.number
    ]
    assert [one.number for one in queries.list_incidents(after=other.number)] == [found.number]
    assert queries.list_incidents(service="no-such-thing") == []
