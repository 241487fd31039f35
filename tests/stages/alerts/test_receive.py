"""Receiving: what a batch leaves in the database, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from hypothesis import HealthCheck, given, settings

from andon.alerts import actions, rules
from andon.alerts.actions import receiving, store
from andon.alerts.models import Alert, IntakeBatch
from andon.alerts.types import Action, RawRequest, Severity
from tests.support.alerts import NOW, Life, batches, event, live

pytestmark = [pytest.mark.database, pytest.mark.django_db]
LATER = NOW + timedelta(minutes=1)


def receive(key, *events, now=NOW):
    raw = [RawRequest(key.id, key.kind, now, b"{}")]
    return actions.receive(received=[(key, one) for one in events], raw=raw, now=now)


def rows():
    return list(Alert.objects.order_by("id"))


def test_a_new_alert_is_stored_whole(key):
    one = event(
        labels={"service": "checkout", "ünï": "✓"},
        details={"a": [1, {"b": None}]},
        description="two\nlines",
        service_ref="checkout",
        group_key="{}",
    )
    receive(key, one)
    (alert,) = rows()
    assert (alert.state, alert.count, alert.unseen, alert.revision) == ("open", 1, True, 1)
    assert (alert.labels, alert.details) == (one.labels, one.details)
    assert (alert.starts_at, alert.received_at, alert.last_received_at) == (NOW, NOW, NOW)
    assert (alert.description, alert.service_ref, alert.group_key) == (
        "two\nlines",
        "checkout",
        "{}",
    )
    assert alert.uid.version == 7


def test_a_repeat_counts_and_is_no_news(key):
    receive(key, event())
    Alert.objects.update(unseen=False)
    receive(key, event(severity=Severity.INFO), event(), now=LATER)
    (alert,) = rows()
    assert (alert.count, alert.last_received_at, alert.received_at) == (3, LATER, NOW)
    assert (alert.unseen, alert.revision, alert.severity) == (False, 1, "error")


def test_a_later_start_is_kept_and_an_earlier_end_then_closes_nothing(key):
    first, end, second = (NOW - timedelta(minutes=ago) for ago in (9, 6, 3))
    receive(key, event(starts_at=first))
    Alert.objects.update(unseen=False)
    receive(key, event(starts_at=second), now=LATER)
    (alert,) = rows()
    assert (alert.starts_at, alert.fired_at, alert.count, alert.unseen) == (first, second, 2, False)
    done = receive(key, event(Action.RESOLVE, starts_at=first, ends_at=end), now=LATER)
    assert (done.stale, Alert.objects.get().state) == (1, "open")
    receive(key, event(Action.RESOLVE, starts_at=first, ends_at=LATER), now=LATER)
    assert Alert.objects.get().state == "resolved"


def test_a_rise_of_severity_is_news(key):
    receive(key, event())
    Alert.objects.update(unseen=False)
    receive(key, event(severity=Severity.CRITICAL), now=LATER)
    (alert,) = rows()
    assert (alert.severity, alert.unseen, alert.revision, alert.count) == ("critical", True, 2, 2)


def test_acknowledge_and_resolve_are_news(key):
    receive(key, event())
    Alert.objects.update(unseen=False)
    receive(key, event(Action.ACKNOWLEDGE), now=LATER)
    (alert,) = rows()
    assert (alert.acknowledged_at, alert.unseen, alert.revision) == (LATER, True, 2)
    receive(key, event(Action.RESOLVE), now=LATER)
    (alert,) = rows()
    assert (alert.state, alert.resolved_at, alert.revision) == ("resolved", LATER, 3)
    assert alert.resolved_by == "the sender"


@pytest.mark.parametrize("action", [Action.ACKNOWLEDGE, Action.RESOLVE])
def test_the_end_of_something_unknown_has_no_effect(key, other_key, action):
    receive(key, event())
    done = receive(other_key, event(action), event(action, "unknown"))
    assert done.unknown == 2
    assert [alert.state for alert in rows()] == ["open"]


def test_r14_alert_fires_again_after_a_resolve(key):
    receive(key, event())
    receive(key, event(Action.RESOLVE), event(), event(Action.RESOLVE), event(), event())
    assert [(alert.state, alert.count) for alert in rows()] == [
        ("resolved", 1),
        ("resolved", 1),
        ("open", 2),
    ]


def test_r38_a_stale_resolve_does_not_close_a_newer_alert(key):
    receive(key, event(starts_at=NOW - timedelta(minutes=1)))
    done = receive(key, event(Action.RESOLVE, starts_at=NOW - timedelta(hours=1)), now=LATER)
    assert (rows()[0].state, done.stale) == ("open", 1)


def test_r30_sender_pairs_make_one_alert(key):
    """Both members of a cluster deliver the same alert, together and one after the other."""
    same = {"starts_at": NOW - timedelta(minutes=1)}
    receive(key, event(**same), event(**same))
    receive(key, event(**same), now=LATER)
    assert [alert.count for alert in rows()] == [3]


def test_r31_resent_groups_do_not_page_again(key):
    """Whole, partial and re-ordered deliveries of a group are repeats."""
    receive(key, event(dedup_key="a"), event(dedup_key="b"), event(dedup_key="c"))
    Alert.objects.update(unseen=False)
    receive(key, event(dedup_key="c"), event(dedup_key="a"))
    receive(key, event(dedup_key="b"), event(dedup_key="c"), event(dedup_key="a"))
    assert [(alert.count, alert.unseen) for alert in rows()] == [(3, False), (2, False), (3, False)]


def test_r35_different_alerts_are_not_merged(key, other_key):
    receive(key, event(dedup_key="a"), event(dedup_key="A"), event(dedup_key="a "))
    receive(other_key, event(dedup_key="a"))
    assert [alert.count for alert in rows()] == [1, 1, 1, 1]


def test_r39_ids_are_stable(key):
    receive(key, event())
    (before,) = rows()
    receive(key, event(), event(severity=Severity.CRITICAL), event(Action.ACKNOWLEDGE), now=LATER)
    (after,) = rows()
    assert (before.pk, before.uid) == (after.pk, after.uid)


def test_r40_repeat_floods_do_not_bloat_the_log(key):
    receive(key, event())
    receive(key, *[event() for _ in range(20_000)], now=LATER)
    assert [alert.count for alert in rows()] == [20_001]
    assert IntakeBatch.objects.count() == 2


@pytest.mark.parametrize("amount", [1, 2, 17, 777])
def test_batches_of_any_size_are_stored_whole(key, amount):
    receive(key, *[event(dedup_key=f"{n:04}") for n in range(amount)])
    assert [alert.dedup_key for alert in rows()] == [f"{n:04}" for n in range(amount)]
    assert len({alert.uid for alert in rows()}) == amount


def test_mass_resolution(key):
    receive(key, *[event(dedup_key=str(n)) for n in range(700)])
    receive(key, *[event(Action.RESOLVE, str(n)) for n in range(700)], now=LATER)
    assert Alert.objects.filter(state="resolved", revision=2, resolved_at=LATER).count() == 700


@pytest.mark.parametrize(
    "statement", ["log", "open_alerts", "repeat", "change", "insert", "notify"]
)
def test_r23_creation_is_atomic(key, monkeypatch, statement):
    """A failure at any statement leaves nothing of the batch; the same batch then goes in, once."""
    receive(key, event(dedup_key="old"), event(dedup_key="ends"))
    batch = [event(dedup_key="old"), event(Action.RESOLVE, "ends"), event(dedup_key="new")]
    before = list(Alert.objects.order_by("id").values())
    kind = type(store.current())

    def fail(*_arguments, **_named):
        raise OperationalError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(kind, statement, fail)
        with pytest.raises(OperationalError):
            receive(key, *batch, now=LATER)
    assert list(Alert.objects.order_by("id").values()) == before
    assert IntakeBatch.objects.count() == 1
    receive(key, *batch, now=LATER)
    assert {(alert.dedup_key, alert.count, alert.state) for alert in rows()} == {
        ("old", 2, "open"),
        ("ends", 1, "resolved"),
        ("new", 1, "open"),
    }
    assert Alert.objects.count() == 3


def test_the_raw_requests_are_in_the_same_transaction(key):
    receive(key, event())
    (batch,) = IntakeBatch.objects.all()
    assert (batch.count, batch.received_at) == (1, NOW)


@given(batches)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_i17_any_interleaving_equals_the_table(key, all_batches):
    Alert.objects.all().delete()
    expected: dict[str, list[Life]] = {"a": [], "b": []}
    for number, batch in enumerate(all_batches):
        now = NOW + timedelta(minutes=number)
        for one in batch:
            live(expected[one.dedup_key], one, now)
        receive(key, *batch, now=now)
    for dedup_key, lives in expected.items():
        got = [
            Life(
                Severity(row.severity),
                row.starts_at,
                row.received_at,
                row.count,
                row.acknowledged_at is not None,
                row.state == "resolved",
            )
            for row in Alert.objects.filter(dedup_key=dedup_key).order_by("id")
        ]
        assert got == lives


def test_paging_sees_an_alert_once_its_service_was_looked_for(key):
    receive(key, event())
    assert actions.take_unseen(limit=10) == []
    assert actions.find_services(now=NOW, limit=10) == 1
    (alert,) = actions.take_unseen(limit=10)
    assert (alert.dedup_key, alert.revision, alert.severity) == ("a", 1, Severity.ERROR)
    actions.mark_seen(seen=[(alert.id, alert.revision)])
    assert actions.take_unseen(limit=10) == []


def test_news_after_it_was_read_is_not_marked_seen(key):
    receive(key, event())
    actions.find_services(now=NOW, limit=10)
    (alert,) = actions.take_unseen(limit=10)
    receive(key, event(Action.RESOLVE), now=LATER)
    actions.mark_seen(seen=[(alert.id, alert.revision)])
    assert [one.revision for one in actions.take_unseen(limit=10)] == [2]


def test_a_person_resolves_once(key):
    receive(key, event())
    ids = [alert.pk for alert in rows()]
    assert actions.resolve(ids=ids, by="ann", now=LATER) == 1
    assert actions.resolve(ids=ids, by="ben", now=LATER) == 0
    (alert,) = rows()
    assert (alert.resolved_by, alert.state, alert.unseen) == ("ann", "resolved", True)
    receive(key, event(), now=LATER)
    assert [alert.state for alert in rows()] == ["resolved", "open"]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_an_alert_that_two_nodes_open_at_once_takes_the_worse_and_the_acknowledgement(key):
    """The second node has read before the first one wrote: what it inserts meets that row."""
    receive(key, event(severity=Severity.WARNING))
    Alert.objects.update(unseen=False)
    _open_without_looking(key, event(severity=Severity.INFO))
    (alert,) = rows()
    assert (alert.severity, alert.count, alert.unseen, alert.revision) == ("warning", 2, False, 1)
    _open_without_looking(key, event(severity=Severity.CRITICAL))
    (alert,) = rows()
    assert (alert.severity, alert.count, alert.unseen, alert.revision) == ("critical", 3, True, 2)
    _open_without_looking(key, event(severity=Severity.CRITICAL), event(Action.ACKNOWLEDGE))
    (alert,) = rows()
    assert (alert.acknowledged_at, alert.revision) == (LATER, 3)
    _open_without_looking(key, event(severity=Severity.CRITICAL))
    (alert,) = rows()
    assert (alert.acknowledged_at, alert.count, alert.revision) == (LATER, 5, 3)


def _open_without_looking(key, *events):
    (opened,) = rules.fold(None, list(events), LATER).opened
    with transaction.atomic():
        store.current().insert([receiving._row(key.id, opened, LATER)], LATER)
