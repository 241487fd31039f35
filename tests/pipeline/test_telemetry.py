"""Telemetry as code on real components: what is generated notices faults when the formula says.

An organisation's files -> `andon telemetry generate` -> Prometheus, or VictoriaMetrics and vmalert
with the flags they come with -> Alertmanager with the generated routes -> Andon -> a mail.
Windows are divided by SCALE (`telemetry.scale`): the page tier's hour takes half a minute.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from andon.core import clock
from andon.core.documents.source import read_folder
from andon.slo.rules import burn, tiers
from andon.slo.rules.documents import check_folder, estate_of
from andon.slo.types import Estate, Evaluator, Objective
from tests.support import components, latency
from tests.support.components import Component
from tests.support.installation import Installation, eventually, installation, mailbox
from tests.support.telemetry import RATE, Exporter

pytestmark = [pytest.mark.components]

SCALE = 120
#: The share of requests that fail, by service.
RATIOS = {"melted": 1.0, "broken": 0.1, "limping": 0.05, "sound": 0.0}
FAILING = {service for service, ratio in RATIOS.items() if ratio}
#: Seconds that a machine busy with other tests may take longer.
BUSY = 4
ORGANISATION = f"""
apiVersion: andon.dev/v1
kind: Organisation
metadata: {{name: rehearsal, title: Rehearsal}}
spec:
  currency: GBP
  availabilityTargets: {{preset: fruits-r-us}}
  catchAllRota: crew
  telemetry: {{scale: {SCALE}, scrapeInterval: PT1S, fastInterval: PT1S, slowInterval: PT1S}}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {{name: crew}}
spec: {{type: team, children: []}}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {{name: ann}}
spec: {{profile: {{email: ann@crew.example}}, memberOf: [crew]}}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {{name: ben}}
spec: {{profile: {{email: ben@crew.example}}, memberOf: [crew]}}
---
apiVersion: andon.dev/v1
kind: Rota
metadata: {{name: crew}}
spec:
  team: crew
  covers: always
  timezone: Europe/London
  rotation: {{unit: week, every: 1, handover: "09:00", startsOn: 2026-01-05}}
  participants: [ann, ben]
"""
SERVICE = """
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: {name}
  annotations:
    andon.dev/availability-target: "99.9"
    andon.dev/financial-exposure-per-hour: GBP 200000
    andon.dev/runbook: https://runbooks.example/{name}
    andon.dev/slo-errors: http_requests_total{{service="{name}",code=~"5.."}}
    andon.dev/slo-total: http_requests_total{{service="{name}"}}
spec: {{type: service, lifecycle: production, owner: crew}}
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    text = ORGANISATION + "".join(SERVICE.format(name=name) for name in RATIOS)
    (folder / "all.yaml").write_text(text, encoding="utf-8")
    return folder


@contextmanager
def vmalert(folder: Path, rules: str, scrape: dict[str, Any], am: str) -> Iterator[Component]:
    """Run VictoriaMetrics and vmalert as they come; yield the one that is asked."""
    with (
        components.victoria_metrics(folder, scrape=json.dumps(scrape), flags=()) as metrics,
        components.vmalert(folder, files=rules, metrics=metrics.url, notifiers=[am], flags=()),
    ):
        yield metrics


@contextmanager
def prometheus(folder: Path, rules: str, scrape: dict[str, Any], am: str) -> Iterator[Component]:
    targets = {"static_configs": [{"targets": [am.removeprefix("http://")]}]}
    config = {**scrape, "rule_files": [rules], "alerting": {"alertmanagers": [targets]}}
    with components.prometheus(folder, config=json.dumps(config)) as found:
        yield found


RUN = {Evaluator.VMALERT: vmalert, Evaluator.PROMETHEUS: prometheus}


def value(metrics: Component, query: str) -> float | None:
    """Return the one value a query has now; `nocache` shows VictoriaMetrics' last seconds."""
    asked = {"query": query, "nocache": "1"}
    answer = httpx2.get(f"{metrics.url}/api/v1/query", params=asked).json()
    found = answer["data"]["result"]
    assert len(found) <= 1, found
    return float(found[0]["value"][1]) if found else None


def arrivals(andon: Installation) -> dict[str, float]:
    """Return when the fast page of each service was first received, in seconds.

    The slow one is not looked at: its long window is mostly empty yet, so it comes too soon.
    """
    rows = andon.rows(
        "SELECT service_ref, labels, received_at FROM alerts_alert ORDER BY received_at DESC"
    )
    return {
        ref: datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
        for ref, labels, at in rows
        if json.loads(labels)["tier"] == "page-fast"
    }


def promised(estate: Estate, objective: Objective, engine: Evaluator) -> tuple[float, float]:
    """Return between how many seconds after the fault the first page's webhook is to come."""
    chosen = tiers.choose(objective=objective, rules=estate.rules).tiers
    fast = next(one for one in chosen if one.tier.name == "page-fast")
    ratio = Decimal(str(RATIOS[objective.service]))
    detected = burn.detection(window=fast.tier.long / SCALE, threshold=fast.threshold, ratio=ratio)
    at_most = latency.webhook(
        objective=objective, tier=fast, rules=estate.rules, engine=engine, ratio=ratio
    )
    assert detected is not None
    assert at_most is not None
    # One scrape less: the last good sample is up to that much older than the fault.
    return detected.total_seconds() - 1, at_most.total_seconds() + BUSY


def restored(andon: Installation, key: str) -> bool:
    items = andon.api("incidents", key=key)["items"]
    return len(items) == len(FAILING) and all(one["state"] == "restored" for one in items)


@pytest.mark.parametrize("engine", list(Evaluator))
def test_faults_page_when_the_formula_says_and_recovery_keeps_the_budgets_arithmetic(
    engine: Evaluator, catalogue: Path, tmp_path: Path
) -> None:
    estate = estate_of(check_folder(read_folder(catalogue)))
    generated = tmp_path / "generated"
    with (
        ExitStack() as stack,
        mailbox() as (box, smtp_url),
        installation(tmp_path / "home", smtp_url=smtp_url) as andon,
    ):
        andon.run("admin", "migrate", "--verbosity", "0")
        andon.run("apply", str(catalogue), "--yes")
        andon.run(
            *("telemetry", "generate", str(catalogue)),
            *("--out", str(generated), "--url", andon.url),
        )
        hook_key, api_key = andon.key("alertmanager"), andon.key("api", "--organisation")
        andon.start("up")
        exporter = Exporter(*RATIOS)
        exporter.start()
        stack.callback(exporter.stop)
        routes = (generated / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
        am = stack.enter_context(
            components.alertmanager(tmp_path, config=routes, beside={"andon-key": hook_key})
        )
        job = {"job_name": "all", "scrape_interval": "1s", "scrape_timeout": "1s"}
        scrape = {
            "scrape_configs": [
                {**job, "static_configs": [{"targets": [f"127.0.0.1:{exporter.port}"]}]}
            ]
        }
        rules = str(generated / engine.value / "rules" / "*.yml")
        metrics = stack.enter_context(RUN[engine](tmp_path, rules, scrape, am.url))
        eventually(
            lambda: (value(metrics, "count_over_time(up[31s])") or 0) >= 30,
            what="half a minute of measurements: the page tier's long window",
        )
        assert not box.mails(), "somebody was paged although nothing was wrong"

        began = clock.now().timestamp()
        exporter.set_ratios(**RATIOS)
        eventually(lambda: arrivals(andon).keys() >= FAILING, what="an alert of every fault")
        exporter.set_ratios(**dict.fromkeys(RATIOS, 0.0))
        came = {service: at - began for service, at in arrivals(andon).items()}
        assert came.keys() == FAILING
        for objective in estate.objectives:
            if objective.service in FAILING:
                soonest, latest = promised(estate, objective, engine)
                assert soonest <= came[objective.service] <= latest, (objective.slug, came)

        eventually(lambda: restored(andon, api_key), what="all incidents restored", patience=120)
        for service in FAILING:
            assert box.mails(subject=service), f"nobody was paged about {service}"
            of_it = f'{{slo="{service}"}}'
            bad, total, ratio, left = (
                value(metrics, query)
                for query in (
                    f"sum_over_time(slo:bad:rate5m{of_it}[1h])",
                    f"sum_over_time(slo:total:rate5m{of_it}[1h])",
                    f"slo:error_ratio:period{of_it}",
                    f"slo:budget_left:ratio{of_it}",
                )
            )
            assert bad is not None
            assert total is not None
            assert ratio is not None
            assert bad == pytest.approx(exporter.counted(service)[0], rel=0.05)
            # Recorded every four seconds: a little older, when there was less in all.
            assert bad / total * 0.98 <= ratio <= bad / (total - 8 * RATE)
            assert left == pytest.approx(1 - ratio / 0.001, rel=0.05)
        assert value(metrics, 'slo:budget_left:ratio{slo="sound"}') == 1
