"""What is rendered of objectives in MetricsQL loads: the tools themselves say so."""

import subprocess

import pytest

from andon.slo.types import Evaluator
from tests.rules.telemetry.test_metricsql import FOREIGN, declared, estate_of, written
from tests.support import components


@pytest.mark.components
def test_the_tools_load_every_file_though_some_objectives_are_metricsql(tmp_path):
    for number, query in enumerate(FOREIGN):
        estate = estate_of(declared(query), andon_url="")
        for engine, command, flag in (
            (Evaluator.PROMETHEUS, ("promtool", "check", "rules"), ""),
            (Evaluator.VMALERT, ("vmalert", "-dryRun"), "-rule="),
        ):
            folder = tmp_path / f"{number}-{engine}"
            paths = written(folder, estate, engine)
            rules = [f"{flag}{one}" for one in paths if one.parent.name == "rules"]
            if engine is Evaluator.VMALERT and " or " in query:
                continue  # younger than Debian's VictoriaMetrics
            program, *options = command
            done = subprocess.run(
                [components.require(program), *options, *rules],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, query + done.stdout + done.stderr
