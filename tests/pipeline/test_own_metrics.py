"""Andon's own objectives ask for what a running Andon exports, and its rules are accepted."""

import json
import re
import subprocess
from pathlib import Path

import httpx2
import pytest

from andon.integrations.alertmanager.config import config_files
from andon.integrations.grafana.queries import INCIDENTS, at_risk
from andon.slo.rules import own
from andon.slo.types import Evaluator, Objective
from andon.telemetry.rules import render
from tests.support import components, estates
from tests.support.installation import alertmanager_body, eventually, installation

pytestmark = [pytest.mark.components]

#: Made by whoever scrapes, not by what is scraped.
SCRAPERS = {"up"}
_NAME = re.compile(r"\b((?:andon_[a-z_]+)|up)\b(?=\s*[\[{)]|$)")


def queries(objective: Objective) -> str:
    one = objective.indicator
    return f"{one.good} {one.bad} {one.total} {one.query}"


def test_every_metric_asked_for_is_exported(tmp_path: Path) -> None:
    asked = {name for each in own.objectives() for name in _NAME.findall(queries(each))}
    assert {"andon_intake_requests_total", "andon_stage_age_seconds"} < asked
    asked |= {name for query in (INCIDENTS, at_risk(currency="GBP")) for name in names(query)}
    assert {"andon_incidents_open", "andon_incidents_at_risk_per_hour"} < asked
    with installation(tmp_path / "home") as andon:
        andon.run("admin", "migrate", "--verbosity", "0")
        andon.run("apply", str(SAMPLE), "--yes")
        key = andon.key("alertmanager")
        andon.start("up")
        # From the start, before anything has happened: a service without alerts has data too.
        early = eventually(lambda: exported(andon.url, asked - INCIDENT_METRICS), what="metrics")
        assert 'andon_intake_rejected_total{reason="unavailable"} 0.0' in early
        assert 'andon_intake_requests_total{kind="alertmanager"} 0.0' in early
        fire(andon.url, key)
        late = eventually(lambda: exported(andon.url, asked), what="metrics of the incident")
        assert 'andon_incidents_open{service="checkout"} 1.0' in late


SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "fruits-r-us"
INCIDENT_METRICS = {"andon_incidents_open", "andon_incidents_at_risk_per_hour"}


def names(query: str) -> list[str]:
    return re.findall(r"andon_[a-z_]+", query)


def exported(url: str, wanted: set[str]) -> str:
    """Return what is exported once every wanted name has a sample; until then nothing."""
    text = httpx2.get(f"{url}/metrics", timeout=10).text
    found = set(re.findall(r"(?m)^([a-z_]+)(?=[{ ])", text))
    return text if wanted - SCRAPERS <= found else ""


def fire(url: str, key: str) -> None:
    body = alertmanager_body(
        [{"alertname": "SloPageFast", "service": "checkout", "severity": "page"}]
    )
    answer = httpx2.post(
        f"{url}/hooks/alertmanager",
        content=body,
        headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
        timeout=10,
    )
    assert answer.is_success, answer.text


@pytest.mark.parametrize(
    ("engine", "check"),
    [
        (Evaluator.PROMETHEUS, ("promtool", "check", "rules")),
        (Evaluator.VMALERT, ("vmalert", "-dryRun")),
    ],
)
def test_the_rules_about_andon_are_accepted(
    engine: Evaluator, check: tuple[str, ...], tmp_path: Path
) -> None:
    watched = own.with_own(estate=estates.estate(estates.subject("checkout")))
    files = {file.path: file.text for file in render.rule_files(estate=watched, engine=engine)}
    path = tmp_path / "andon.yml"
    path.write_text(files[f"{engine.value}/rules/andon.yml"], encoding="utf-8")
    program, *options = check
    given = f"-rule={path}" if engine is Evaluator.VMALERT else str(path)
    done = subprocess.run(
        [components.require(program), *options, given], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_about_andon_are_routed_to_andon(tmp_path: Path) -> None:
    watched = own.with_own(estate=estates.estate(estates.subject("checkout")))
    (config,) = config_files(estate=watched)
    path = tmp_path / "alertmanager.yml"
    path.write_text(config.text, encoding="utf-8")
    amtool, labels = components.require("amtool"), ("service=andon", "severity=page", "slo=x")
    told = ["config", "routes", "test", f"--config.file={path}", *labels]
    done = subprocess.run([amtool, *told], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip() == "andon-page"


#: Series a minute apart, and the share of bad ones that the rules make of them.
MEASURED = {
    "andon-intake": (
        {
            'andon_intake_requests_total{kind="alertmanager"}': "0+45x60",
            'andon_intake_rejected_total{reason="unavailable"}': "0+15x60",
            'andon_intake_rejected_total{reason="unauthorized"}': "0+999x60",
        },
        0.25,
    ),
    "andon-delivery": ({"andon_notifications_late_seconds": "61x60"}, 1),
    "andon-engine": (
        {
            'andon_stage_age_seconds{stage="route"}': "0x60",
            'andon_stage_age_seconds{stage="deliver"}': "31x60",
        },
        1,
    ),
    "andon-web": (
        {'up{job="andon",instance="a"}': "1x60", 'up{job="andon",instance="b"}': "0x60"},
        0,
    ),
}


@pytest.mark.parametrize("slo", MEASURED)
def test_what_the_rules_make_of_andons_metrics(slo: str, tmp_path: Path) -> None:
    series, ratio = MEASURED[slo]
    watched = own.with_own(estate=estates.estate())
    (rules,) = render.rule_files(estate=watched, engine=Evaluator.PROMETHEUS)
    (tmp_path / "rules.yml").write_text(rules.text, encoding="utf-8")
    answer = {"labels": f'slo:error_ratio:5m{{service="andon",slo="{slo}"}}', "value": ratio}
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": f'slo:error_ratio:5m{{slo="{slo}"}}',
                "eval_time": "50m",
                "exp_samples": [answer],
            }
        ],
    }
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "test.yml").write_text(json.dumps(document), encoding="utf-8")
    command = [components.require("promtool"), "test", "rules", "test.yml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
