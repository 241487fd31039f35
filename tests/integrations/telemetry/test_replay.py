"""`andon telemetry test` replays what is generated, and finds a rule that says something else."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from andon.cli.telemetry import folder as folders
from andon.integrations.telemetry import replay
from andon.integrations.telemetry.throwaway import UnableToReplay, throw_away
from andon.slo.types import Budgeting, Estate, Evaluator, TimeSlice
from andon.telemetry.rules import render
from tests.rules.telemetry.test_generate import GAUGES, GOOD, JOURNEY, PROBE, RAW
from tests.support import components, signals
from tests.support.estates import estate, objective, subject

pytestmark = pytest.mark.components
SAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"


def replayed(made: Estate, folder: Path, *edits: tuple[str, str]) -> list[replay.ReplayedAlert]:
    """Replay an estate's rules as they are generated, or as somebody edited them."""
    for file in render.rule_files(estate=made, engine=Evaluator.VMALERT):
        text = file.text
        for before, after in edits:
            assert before in text
            text = text.replace(before, after)
        place = folder / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return replay.run(
        replay.plan(made),
        folder=folder,
        vmalert=str(components.require("vmalert")),
        victoria_metrics=str(components.require("victoria-metrics")),
    )


def problems(seen: list[replay.ReplayedAlert]) -> set[tuple[str, str, str]]:
    return {
        (one.expected.alert, f"{one.expected.ratio.normalize():f}", one.problem)
        for one in seen
        if one.problem
    }


def checkout() -> Estate:
    return estate(subject("checkout"), objectives=(objective("checkout"),))


def test_every_objective_of_the_sample_fires_and_ends_as_the_formulas_say(tmp_path: Path) -> None:
    made = folders.read(SAMPLE, url="").estate
    assert made is not None
    seen = replayed(made, tmp_path)
    assert problems(seen) == set()
    assert {one.expected.slug for one in seen} == {one.slug for one in made.objectives}
    fired = [one for one in seen if one.fires is not None]
    assert len(fired) > len(made.objectives) * 4
    assert any(one.fires is None for one in seen)


def test_every_kind_of_indicator_and_of_budgeting(tmp_path: Path) -> None:
    kinds = {"good": GOOD, "gauges": GAUGES, "raw": RAW, "probe": PROBE, "journey": JOURNEY}
    slices = {
        "slices": Budgeting.TIMESLICES,
        "ratio-slices": Budgeting.RATIO_TIMESLICES,
    }
    made = estate(
        *(subject(name) for name in (*kinds, *slices)),
        objectives=(
            *(objective(name, indicator=one) for name, one in kinds.items()),
            *(
                objective(name, budgeting=one, slices=TimeSlice(timedelta(minutes=1), 950_000))
                for name, one in slices.items()
            ),
        ),
    )
    seen = replayed(made, tmp_path)
    assert {one.words for one in seen if one.problem} == set()
    assert {one.service for one in seen} == {*kinds, *slices}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("> 0.0144", "> 0.144", ("SloPageFast", "0.1", "does not fire")),
        ("> 0.0144", "> 0.016", ("SloPageFast", "0.1", "fires too late")),
        ("> 0.0144", "> 0.0005", ("SloPageFast", "0.0009", "fires, and should not")),
        ("[30m]", "[3h]", ("SloPageSlow", "0.1", "ends too late")),
        ('alert: "SloTicketFast"', 'alert: "Renamed"', ("SloTicketFast", "1", "does not fire")),
        ('alert: "SloTicketFast"', 'alert: "Renamed"', ("Renamed", "1", "fires, and should not")),
    ],
)
def test_a_rule_that_was_edited_is_found_out(
    tmp_path: Path, before: str, after: str, found: tuple[str, str, str]
) -> None:
    assert found in problems(replayed(checkout(), tmp_path, (before, after)))


def test_a_rule_that_vmalert_cannot_read_is_said_as_vmalert_says_it(tmp_path: Path) -> None:
    with pytest.raises(UnableToReplay, match="vmalert could not replay checkout"):
        replayed(checkout(), tmp_path, ("sum(rate(", "sum(rate(("))


def test_a_store_leaves_nothing_behind() -> None:
    with throw_away(str(components.require("victoria-metrics"))) as store:
        store.write(["x 1 978307200000"])
        port = store.port
        assert store.is_ready()
    assert not components.answers(f"http://127.0.0.1:{port}/health")()


@pytest.fixture(params=["in a terminal", "in the background"])
def started(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a test as a shell would start it: what runs in the background is deaf to SIGINT."""
    if request.param == "in a terminal":
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_is_interrupted_takes_the_store_along(
    number: int, started: None, tmp_path: Path
) -> None:
    program = components.require("victoria-metrics")
    script = (
        "import signal\n"
        "from andon.integrations.telemetry.throwaway import throw_away\n"
        f"with throw_away({str(program)!r}) as store:\n"
        "    print(store.port, flush=True)\n"
        "    signal.pause()\n"
    )
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with signals.heard():
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=env,
        )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert components.answers(f"http://127.0.0.1:{port}/health")()
        process.send_signal(number)
        assert process.wait(20) != 0
    finally:
        process.kill()
        process.communicate()
    assert not components.answers(f"http://127.0.0.1:{port}/health")()
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_does_not_start_is_said(tmp_path: Path) -> None:
    program = tmp_path / "victoria-metrics"
    program.write_text("#!/bin/sh\necho 'no such flag'\nexit 2\n")
    program.chmod(0o755)
    with pytest.raises(UnableToReplay, match="no such flag"), throw_away(str(program)):
        pass


def test_the_command_prints_replays_beside_unit_tests(tmp_path: Path) -> None:
    for program in ("promtool", "vmalert", "victoria-metrics"):
        components.require(program)
    command = [sys.executable, "-m", "andon.cli.main", "telemetry", "test", str(SAMPLE)]
    done = subprocess.run(
        [*command, "--service", "stock-4", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "ANDON_HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    (check,) = [one for one in found["checks"] if one["checks"] == "replays"]
    assert (check["tool"], check["result"]) == ("vmalert", "passed")
    fast = next(
        one for one in found["replays"] if (one["tier"], one["error_ratio"]) == ("page-fast", "1")
    )
    assert fast["expected_after_seconds"] == 518.4
    assert abs(fast["fired_after_seconds"] - 518.4) <= fast["tolerance_seconds"]
    assert found["not_replayed"] == []
