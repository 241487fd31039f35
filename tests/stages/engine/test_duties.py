"""Duties: one engine of many, given back by the dead, seen when they fail; and the pipeline's."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from andon.core.models import StageBeat, TurnLease
from andon.engine import duties, health, telemetry, ways
from andon.engine.duty import LEASE, Duty, DutyTurn, Stopped
from andon.engine.watch import HealthWatch
from andon.integrations import telemetry as pipeline
from andon.slo.models import Declaration
from andon.telemetry.actions import rollouts
from andon.telemetry.actions.rollouts import SeenRule
from andon.telemetry.models import Rollout, RuleState
from tests.support import components
from tests.support import factories as make
from tests.support.world import World

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def duty(work: Callable[[DutyTurn], int], *, node: str = "a", now: datetime = NOW) -> Duty:
    return Duty(name="telemetry", every=MINUTE, work=work, node=node, read_clock=lambda: now)


def test_one_engine_of_many_has_the_turn_and_the_memory_goes_along() -> None:
    seen: list[tuple[str, int]] = []

    def work(node: str) -> Callable[[DutyTurn], int]:
        def do(turn: DutyTurn) -> int:
            turn.memory["turns"] = turn.memory.get("turns", 0) + 1
            seen.append((node, turn.memory["turns"]))
            return 1

        return do

    one, two = duty(work("a"), node="a"), duty(work("b"), node="b")
    assert one.take_turn(now=NOW)
    assert not two.take_turn(now=NOW + timedelta(seconds=59))
    assert two.take_turn(now=NOW + MINUTE)
    assert not one.take_turn(now=NOW + MINUTE)
    assert seen == [("a", 1), ("b", 2)]


def test_nobody_else_begins_while_one_is_at_it_and_the_dead_give_it_back() -> None:
    tried: list[bool] = []
    other = duty(lambda _: 0, node="b")

    class Killed(BaseException):
        pass

    def dies(turn: DutyTurn) -> int:
        tried.append(other.take_turn(now=NOW + LEASE / 2))
        TurnLease.objects.update(next_at=NOW)
        raise Killed

    with pytest.raises(Killed):
        duty(dies).take_turn(now=NOW)
    assert tried == [False]
    row = TurnLease.objects.get()
    TurnLease.objects.update(lease_until=NOW + LEASE)  # as kill -9 leaves it
    assert row.next_at == NOW
    assert not other.take_turn(now=NOW + LEASE - timedelta(seconds=1))
    assert other.take_turn(now=NOW + LEASE)


def test_one_that_lost_its_lease_stops_and_leaves_the_others_work_alone() -> None:
    def slow(turn: DutyTurn) -> int:
        TurnLease.objects.update(lease_until=None, fence=99)
        turn._renewed -= 3600
        turn.pause()
        raise AssertionError("it went on")

    assert duty(slow).take_turn(now=NOW)
    row = TurnLease.objects.get()
    assert (row.fence, row.next_at) == (99, NOW)


def test_a_failure_is_a_beat_and_the_next_turn_tries_again() -> None:
    answers = ["the disk is full", "the disk is full", ""]

    def work(_: DutyTurn) -> int:
        if words := answers.pop(0):
            raise pipeline.UnableToRollOut(words)
        return 3

    one = duty(work)
    one.take_turn(now=NOW)
    one.take_turn(now=NOW + MINUTE)
    [beat] = health.duties(now=NOW + MINUTE)
    assert (beat.failures, beat.error, beat.node) == (2, "the disk is full", "a")
    one.take_turn(now=NOW + 2 * MINUTE)
    [beat] = health.duties(now=NOW)
    assert (beat.failures, beat.error) == (0, "")
    assert StageBeat.objects.get().handled == 3


def test_the_alarm_about_a_duty_does_not_claim_that_pages_are_late() -> None:
    world = World()
    fresh = {"started_at": NOW, "finished_at": NOW + timedelta(hours=1)}
    for name in health.stage_names():
        StageBeat.objects.create(stage=name, node="a", **fresh)
    StageBeat.objects.create(stage="telemetry", node="a", failures=3, error="no proof", **fresh)
    watch = HealthWatch(transports={"email": world.email})
    assert list(watch.look(now=NOW)) == []
    world.expect.nothing()
    assert list(watch.look(now=NOW + timedelta(seconds=10))) == []
    told = world.expect.email(to="fallback", containing="telemetry is in trouble")
    assert "telemetry has failed 3 times in a row (no proof)" in told.body
    watch.look(now=NOW + timedelta(minutes=30))
    world.expect.nothing()


def turn(memory: dict[str, Any], *, now: datetime = NOW) -> DutyTurn:
    return DutyTurn(now=now, memory=memory, renew=lambda: True, stop=threading.Event())


def test_it_generates_when_the_catalogue_changes_and_remembers_what_failed(tmp_path: Path) -> None:
    world = World()
    del world
    gone = f"http://127.0.0.1:{components.free_port()}"
    memory: dict[str, Any] = {}
    keep = telemetry.Keeper(folder=tmp_path / "dir", tools=pipeline.Tools())
    assert keep(turn(memory)) == 1
    assert keep(turn(memory, now=NOW + MINUTE)) == 0
    assert (tmp_path / "dir/current/alertmanager/alertmanager.yml").exists()
    assert Rollout.objects.get().outcome == "applied"
    service = make.service("stock")
    Declaration.objects.create(
        kind="alert", slug="disk-full", service=service, created_at=NOW,
        document={"service": "stock", "expr": "disk_free == 0", "source": "metrics",
                  "severity": "page", "lasts": "PT0S", "summary": "No room", "description": "",
                  "runbook_url": "https://runbooks.example/disk", "labels": {}},
    )  # fmt: skip
    failing = telemetry.Keeper(folder=tmp_path / "dir", tools=pipeline.Tools(vmalerts=(gone,)))
    later = NOW + 2 * MINUTE
    with pytest.raises(telemetry.UnableToKeepInForce, match="rolled-back"):
        failing(turn(memory, now=later))
    # Until it tries again, it goes on saying so.
    with pytest.raises(telemetry.UnableToKeepInForce, match=gone):
        failing(turn(memory, now=later + MINUTE))
    assert Rollout.objects.count() == 2
    assert not (tmp_path / "dir/current/vmalert/rules/stock.yml").exists()
    assert keep(turn(memory, now=later + telemetry.RETRY_EVERY)) == 1
    assert (tmp_path / "dir/current/vmalert/rules/stock.yml").exists()
    assert [row.outcome for row in Rollout.objects.order_by("pk")] == [
        "applied", "rolled-back", "applied"
    ]  # fmt: skip
    assert all(step["words"] for row in Rollout.objects.all() for step in row.steps)


def test_a_restart_proves_again_but_writes_nothing_new_down(tmp_path: Path) -> None:
    World()
    memory: dict[str, Any] = {}
    for _ in range(2):
        keep = telemetry.Keeper(folder=tmp_path / "dir", tools=pipeline.Tools())
        assert keep(turn(memory)) == 1
    assert Rollout.objects.count() == 1


@pytest.mark.components
def test_rules_that_fire_never_fire_or_break_are_told_apart(tmp_path: Path) -> None:
    rules = """
groups:
- name: own
  interval: 1s
  rules:
  - {alert: Always, expr: "vector(1) > 0", labels: {service: checkout, slo: checkout}}
  - {alert: Never, expr: "vector(1) < 0", labels: {service: checkout}}
  - {alert: Broken, expr: "vector(1) > 0 and on() label_replace(up, '(', '', '', '')"}
  - {record: some:thing, expr: "vector(1)"}
"""
    with (
        components.victoria_metrics(tmp_path) as vm,
        components.vmalert(tmp_path, metrics=vm.url, rules=rules) as engine,
    ):
        watch = telemetry.RuleWatch(tools=pipeline.Tools(vmalerts=(engine.url,)))
        at = iter(NOW + timedelta(minutes=n) for n in range(1000))

        def settled() -> bool:
            watch(turn({}, now=next(at)))
            return RuleState.objects.filter(name="Always", state="firing").exists()

        components.wait_until(settled, what="the rule to fire")
        watch(turn({}, now=NOW + timedelta(days=3)))
    always, never = (RuleState.objects.get(name=name) for name in ("Always", "Never"))
    assert (always.service, always.slo, always.engine) == ("checkout", "checkout", "vmalert")
    assert always.last_fired_at == NOW + timedelta(days=3)
    assert always.firing_since is not None
    assert always.firing_since < always.last_fired_at
    assert (never.state, never.last_fired_at, never.seen_since) == ("inactive", None, NOW)
    assert not RuleState.objects.filter(name="some:thing").exists()


def test_states_are_written_in_sets_and_forgotten_when_their_rule_is_gone(
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    rules = [SeenRule(f"Rule{n}", "checkout", "", "inactive") for n in range(1000)]
    with django_assert_max_num_queries(30):
        assert rollouts.record_states(engine="vmalert", seen=rules, now=NOW) == 1000
    assert rollouts.record_states(engine="vmalert", seen=rules, now=NOW + MINUTE) == 0
    assert RuleState.objects.filter(seen_at=NOW + MINUTE).count() == 1000
    twice = [
        SeenRule("Rule1", "checkout", "", "firing"),
        SeenRule("Rule1", "checkout", "", "inactive"),
    ]
    rollouts.record_states(engine="vmalert", seen=twice, now=NOW + 2 * MINUTE)
    row = RuleState.objects.get(name="Rule1")
    assert (row.state, row.firing_since) == ("firing", NOW + 2 * MINUTE)
    rollouts.record_states(engine="prometheus", seen=[], now=NOW + timedelta(days=1, minutes=2))
    assert RuleState.objects.count() == 1


def test_a_vmalert_that_does_not_answer_is_said(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{components.free_port()}"
    watch = telemetry.RuleWatch(tools=pipeline.Tools(vmalerts=(gone,)))
    with pytest.raises(telemetry.UnableToKeepInForce, match=f"vmalert at {gone}: cannot connect"):
        watch(turn({}))


def test_settings_decide_which_duties_there_are(settings: SimpleNamespace, tmp_path: Path) -> None:
    from andon.project.environment import read  # noqa: PLC0415 - the edge is under test

    def names(**environ: str) -> list[str]:
        settings.ENV = read(environ)
        return [one.name for one in telemetry.duties(node="a", read_clock=lambda: NOW)]

    assert names() == []
    assert names(ANDON_TELEMETRY_DIR=str(tmp_path)) == ["telemetry"]
    assert names(ANDON_ALERTMANAGER_URL="http://127.0.0.1:9") == ["reconcile_alertmanager"]
    assert names(ANDON_VMALERT_URL="http://127.0.0.1:9") == ["watch_rules"]
    assert {
        "budgets", telemetry.ROLLOUT, telemetry.RECONCILE, telemetry.RULES, ways.NAME
    } == duties.NAMES  # fmt: skip


def test_stopping_leaves_work_at_its_next_pause() -> None:
    stop = threading.Event()
    one = DutyTurn(now=NOW, memory={}, renew=lambda: True, stop=stop)
    one.pause()
    stop.set()
    with pytest.raises(Stopped):
        one.pause(60)
