"""promtool and vmalert accept every generated file; promtool runs the generated tests."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from andon.catalogue.types import Closures
from andon.slo.types import Estate, Evaluator, Indicator, IndicatorKind
from andon.telemetry.rules import render
from andon.telemetry.rules.tests import test_files as files_of_tests
from tests.rules.telemetry.test_generate import GAUGES, GOOD, JOURNEY, PROBE, RAW, everything
from tests.support import components
from tests.support.estates import estate, many, objective, subject, varied

pytestmark = pytest.mark.components

SECOND = timedelta(seconds=1)
ESTATES = {
    "1 service": lambda: many(1),
    "100 services": lambda: many(100),
    "odd names": varied,
    "everything": everything,
    "everything excluded": lambda: everything(closures=Closures.EXCLUDED, least_bad_events=5),
    "a rehearsal": lambda: everything(
        scale=3600, scrape_interval=SECOND, fast_interval=SECOND / 4, slow_interval=SECOND
    ),
}


def write(made: Estate, folder: Path) -> None:
    files = [file for engine in Evaluator for file in render.rule_files(estate=made, engine=engine)]
    for file in files + files_of_tests(estate=made):
        place = folder / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.text, encoding="utf-8")


def run(program: str, *arguments: object) -> None:
    command = [str(components.require(program)), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


@pytest.mark.parametrize("name", ESTATES)
def test_both_checkers_accept_every_file(name: str, tmp_path: Path) -> None:
    write(ESTATES[name](), tmp_path)
    run("promtool", "check", "rules", *sorted((tmp_path / "prometheus" / "rules").glob("*.yml")))
    run("vmalert", "-dryRun", f"-rule={tmp_path}/vmalert/rules/*.yml")


def test_the_generated_tests_pass_on_the_generated_rules(tmp_path: Path) -> None:
    ranged = Indicator(
        IndicatorKind.RATIO,
        bad="sum(rate(failed_total[$window]))",
        total="sum(rate(done_total[$window]))",
    )
    kinds = {
        "ranged": ranged,
        "good": GOOD,
        "gauges": GAUGES,
        "raw": RAW,
        "probe": PROBE,
        "journey": JOURNEY,
    }
    made = estate(
        *(subject(name) for name in ("checkout", *kinds)),
        objectives=(
            objective("checkout"),
            *(objective(name, indicator=indicator) for name, indicator in kinds.items()),
        ),
    )
    write(made, tmp_path)
    files = sorted((tmp_path / "prometheus" / "tests").glob("*.yml"))
    assert len(files) == len(kinds) + 1
    run("promtool", "test", "rules", *files)


def test_the_generated_tests_notice_a_rule_that_fires_at_another_rate(tmp_path: Path) -> None:
    write(estate(subject("checkout")), tmp_path)
    rules = tmp_path / "prometheus" / "rules" / "checkout.yml"
    changed = rules.read_text(encoding="utf-8").replace("> 0.0144", "> 0.144")
    rules.write_text(changed, encoding="utf-8")
    tests = tmp_path / "prometheus" / "tests" / "checkout.test.yml"
    program = components.require("promtool")
    done = subprocess.run([program, "test", "rules", tests], capture_output=True, check=False)
    assert done.returncode == 1
