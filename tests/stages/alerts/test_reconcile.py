"""A real Alertmanager is asked what it holds: lost webhooks and lost ends are found, once."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from andon.alerts import actions, queries
from andon.alerts.models import Alert, IntakeBatch
from andon.alerts.types import AlertKind, KnownKey
from andon.core import clock
from andon.integrations.alertmanager.api import Alertmanager
from andon.integrations.alertmanager.receiver import parse
from andon.integrations.alertmanager.reconcile import (
    Reconciled,
    UnableToReconcile,
    pick_key,
    reconcile,
)
from tests.support import components
from tests.support.outside import Receiver

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.components]

LABELS = {"alertname": "SloPageFast", "service": "checkout", "severity": "page", "slo": "checkout"}


def config(
    hook: str = "http://127.0.0.1:9/", *, receiver: str = "andon", muted: bool = False
) -> str:
    route = {
        "receiver": receiver,
        "group_by": ["service"],
        "group_wait": "0s",
        "group_interval": "1s",
        "repeat_interval": "1h",
    }
    always = {
        "name": "always",
        "time_intervals": [{"times": [{"start_time": "00:00", "end_time": "24:00"}]}],
    }
    child = {"matchers": ['service=~".+"'], "mute_time_intervals": ["always"]}
    return json.dumps(
        {
            "route": {**route, "routes": [child] if muted else []},
            "receivers": [{"name": receiver, "webhook_configs": [{"url": hook}]}],
            "inhibit_rules": [
                {
                    "source_matchers": ['tier="fast"'],
                    "target_matchers": ['tier="slow"'],
                    "equal": ["service"],
                }
            ],
            **({"time_intervals": [always]} if muted else {}),
        }
    )


class Look:
    """Looks again and again, a little later each time, long after every Alertmanager's start."""

    def __init__(self, *urls: str) -> None:
        self.key = key()
        self.tools = [Alertmanager(url=url, total=2) for url in urls]
        self.now = clock.now() + timedelta(hours=1)
        self.memory: dict[str, list[str]] = {}

    def __call__(self) -> Reconciled:
        self.now += timedelta(seconds=10)
        done = reconcile(alertmanagers=self.tools, key=self.key, memory=self.memory, now=self.now)
        self.memory = json.loads(json.dumps(done.memory))
        return done


Looks = Callable[..., Look]


@pytest.fixture
def looks() -> Iterator[Callable[..., Look]]:
    made: list[Look] = []

    def make(*urls: str) -> Look:
        made.append(Look(*urls))
        return made[-1]

    yield make
    for look in made:
        for tool in look.tools:
            tool.close()


def key(name: str = "production") -> KnownKey:
    secret = actions.create_key(name=name, kind="alertmanager", by="t", now=clock.now())
    del secret
    return next(one for one in queries.live_keys().values() if one.name == name)


def post(url: str, *alerts: dict[str, str], ends: bool = False) -> None:
    """Send alerts as Prometheus does."""
    now = clock.now()
    body = [
        {
            "labels": labels,
            "annotations": {"summary": "Checkout burns its budget"},
            "startsAt": "2026-11-20T10:00:00.123456789Z",
            "endsAt": (now + timedelta(seconds=-1 if ends else 3600)).isoformat(),
        }
        for labels in alerts
    ]
    httpx2.post(f"{url}/api/v2/alerts", json=body, trust_env=False).raise_for_status()
    components.wait_until(
        lambda: all(_holds(url, one) is not ends for one in alerts), what="the alerts to be taken"
    )


def _holds(url: str, labels: dict[str, str]) -> bool:
    found = httpx2.get(f"{url}/api/v2/alerts", trust_env=False).json()
    return any(one["labels"] == labels and one["status"]["state"] != "unprocessed" for one in found)


def states() -> list[tuple[str, str]]:
    return list(Alert.objects.order_by("id").values_list("state", "resolved_by"))


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[components.Component]:
    with components.alertmanager(tmp_path, config=config()) as running:
        yield running


def test_a_lost_webhook_is_found_by_the_second_look_and_only_once(
    alertmanager: components.Component, looks: Looks
) -> None:
    look = looks(alertmanager.url)
    post(alertmanager.url, LABELS)
    assert look().received == 0
    assert look().received == 1
    assert look().received == 0
    [alert] = Alert.objects.all()
    assert (alert.state, alert.summary, alert.service_ref) == (
        "open", "Checkout burns its budget", "checkout"
    )  # fmt: skip
    assert alert.starts_at == datetime(2026, 11, 20, 10, 0, 0, 123000, tzinfo=UTC)
    assert IntakeBatch.objects.count() == 1


def test_the_webhook_that_comes_after_all_is_the_same_alert(
    tmp_path: Path, receiver: Receiver, looks: Looks
) -> None:
    with components.alertmanager(tmp_path, config=config(receiver.url + "/hook")) as running:
        look = looks(running.url)
        post(running.url, LABELS)
        look()
        assert look().received == 1
        assert receiver.wait_for("/hook", 1, timeout=20)
    body = receiver.received[0].body
    received = [(look.key, one) for one in parse(body, look.key)]
    done = actions.receive(received=received, raw=[], now=look.now + timedelta(seconds=1))
    assert (done.opened, done.repeats) == (0, 1)
    assert Alert.objects.count() == 1


def test_what_ended_unheard_is_resolved_by_the_second_look(
    alertmanager: components.Component, looks: Looks
) -> None:
    look = looks(alertmanager.url)
    post(alertmanager.url, LABELS)
    look()
    look()
    post(alertmanager.url, LABELS, ends=True)
    assert look().resolved == 0
    assert states() == [("open", "")]
    assert look().resolved == 1
    assert states() == [("resolved", "the sender (it no longer has the alert)")]
    assert (look().received, look().resolved) == (0, 0)


def test_what_ends_while_its_route_is_muted_is_resolved(
    tmp_path: Path, receiver: Receiver, looks: Looks
) -> None:
    with components.alertmanager(tmp_path, config=config(receiver.url + "/hook")) as running:
        look = looks(running.url)
        post(running.url, LABELS)
        assert receiver.wait_for("/hook", 1, timeout=20)
        look()
        look()
        file = tmp_path / f"alertmanager-{running.port}" / "alertmanager.yml"
        file.write_text(config(receiver.url + "/hook", muted=True), encoding="utf-8")
        look.tools[0].reload()
        post(running.url, LABELS, ends=True)
        look()
        assert look().resolved == 1
        said = [json.loads(one.body)["status"] for one in receiver.received]
        assert said == ["firing"]


def test_silenced_and_inhibited_alerts_neither_page_nor_resolve(
    alertmanager: components.Component, looks: Looks
) -> None:
    look = looks(alertmanager.url)
    slow, fast = {**LABELS, "tier": "slow"}, {**LABELS, "tier": "fast"}
    post(alertmanager.url, slow)
    look()
    assert look().received == 1
    post(
        alertmanager.url,
        fast,
        {**LABELS, "service": "stock", "tier": "fast"},
        {**LABELS, "service": "stock", "tier": "slow"},
    )
    found = [look() for _ in range(3)]
    assert sum(one.received for one in found) == 2
    assert sum(one.resolved for one in found) == 0
    assert Alert.objects.filter(state="open").count() == 3
    assert not Alert.objects.filter(labels__service="stock", labels__tier="slow").exists()


def test_an_alertmanager_that_does_not_answer_is_said_and_nothing_is_resolved(
    alertmanager: components.Component, looks: Looks
) -> None:
    nowhere = f"http://127.0.0.1:{components.free_port()}"
    look = looks(alertmanager.url)
    post(alertmanager.url, LABELS)
    look()
    look()
    post(alertmanager.url, LABELS, ends=True)
    look.tools.append(Alertmanager(url=nowhere))
    other = {**LABELS, "service": "stock"}
    post(alertmanager.url, other)
    found = [look() for _ in range(3)]
    assert [one.resolved for one in found] == [0, 0, 0]
    assert sum(one.received for one in found) == 1
    assert all(nowhere in one.problems[0] and "cannot connect" in one.problems[0] for one in found)
    look.tools.pop().close()
    assert [look().resolved, look().resolved] == [0, 1]


def test_one_that_has_just_started_knows_of_no_end(
    alertmanager: components.Component, looks: Looks
) -> None:
    look = looks(alertmanager.url)
    post(alertmanager.url, LABELS)
    look()
    look()
    post(alertmanager.url, LABELS, ends=True)
    look.now = clock.now()
    Alert.objects.update(last_received_at=look.now - timedelta(minutes=1))
    assert [look().resolved for _ in range(3)] == [0, 0, 0]


def test_an_alert_of_a_cluster_is_gone_when_no_member_has_it(tmp_path: Path, looks: Looks) -> None:
    with (
        components.alertmanager(tmp_path, config=config()) as one,
        components.alertmanager(tmp_path, config=config()) as two,
    ):
        look = looks(one.url, two.url)
        for each in (one, two):
            post(each.url, LABELS)
        look()
        assert look().received == 1
        post(one.url, LABELS, ends=True)
        assert [look().resolved for _ in range(3)] == [0, 0, 0]
        post(two.url, LABELS, ends=True)
        assert [look().resolved for _ in range(2)] == [0, 1]
        assert Alert.objects.count() == 1


def test_what_a_person_resolved_stays_so_until_it_fires_anew(
    alertmanager: components.Component, looks: Looks
) -> None:
    look = looks(alertmanager.url)
    post(alertmanager.url, LABELS)
    look()
    look()
    actions.resolve(ids=[Alert.objects.get().pk], by="Ann Ashby", now=look.now)
    assert [look().received for _ in range(3)] == [0, 0, 0]
    Alert.objects.update(starts_at=datetime(2026, 11, 19, tzinfo=UTC))
    assert look().received == 1


def test_alerts_for_other_receivers_are_none_of_ours(tmp_path: Path, looks: Looks) -> None:
    with components.alertmanager(tmp_path, config=config(receiver="slack")) as running:
        look = looks(running.url)
        post(running.url, LABELS)
        found = [look() for _ in range(3)]
        assert sum(one.received for one in found) == 0
        assert 'no receiver whose name begins with "andon"' in found[0].problems[0]


def test_test_alerts_and_other_keys_alerts_are_left_alone(
    alertmanager: components.Component, looks: Looks
) -> None:
    look = looks(alertmanager.url)
    other = key("another")
    for owner in (look.key, other):
        body = json.dumps({"alerts": [{"labels": LABELS, "status": "firing"}]}).encode()
        [one] = parse(body, owner)
        one.kind = AlertKind.TEST if owner is look.key else AlertKind.INCIDENT
        actions.receive(received=[(owner, one)], raw=[], now=look.now)
    assert [look().resolved for _ in range(3)] == [0, 0, 0]


def test_the_key_is_the_only_one_or_the_one_that_is_named() -> None:
    with pytest.raises(UnableToReconcile, match="andon keys create --kind alertmanager"):
        pick_key(wanted="")
    first = key("production")
    assert (
        pick_key(wanted="")
        == first
        == pick_key(wanted="production")
        == pick_key(wanted=str(first.id))
    )
    second = key("rehearsal")
    with pytest.raises(UnableToReconcile, match=r"2 keys .*set ANDON_ALERTMANAGER_KEY"):
        pick_key(wanted="")
    assert pick_key(wanted="rehearsal") == second
    with pytest.raises(UnableToReconcile, match=r'is "prod".*"production"'):
        pick_key(wanted="prod")
