"""From failing requests to an error budget: exporter, VictoriaMetrics, generated rules, Andon."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from andon.budgets import queries as budgets
from andon.budgets.actions import readings
from andon.catalogue.types import TelemetryRules
from andon.core import clock
from andon.integrations.prometheus.client import PrometheusClient
from andon.integrations.prometheus.queries import Queries
from andon.slo import queries
from andon.slo.models import Declaration
from andon.slo.rules.documents.stored import objective_document
from andon.slo.types import Evaluator
from andon.telemetry.rules import render
from tests.support import components
from tests.support import factories as make
from tests.support.estates import estate, objective, subject
from tests.support.telemetry import Exporter

pytestmark = [pytest.mark.components, pytest.mark.database]

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.mark.django_db
def test_generated_rules_record_what_budgets_are_read_from(tmp_path):
    """A fifth of a percent fails at 99.9%: twice the budget, whatever vmalert adds as labels."""
    rules = TelemetryRules(scrape_interval=SECOND, fast_interval=SECOND, slow_interval=SECOND)
    one = replace(objective("checkout", window=HOUR), slug="answers")
    made = estate(subject("checkout"), objectives=(one,), rules=rules)
    for file in render.rule_files(estate=made, engine=Evaluator.VMALERT):
        path = tmp_path / "out" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text)
    Declaration.objects.create(
        kind="slo",
        slug="answers",
        service=make.service("checkout"),
        document=objective_document(one),
        created_at=make.NOW,
    )
    exporter = Exporter("checkout")
    exporter.set_ratios(checkout=0.002)
    exporter.start()
    scrape = f"""
scrape_configs:
  - job_name: checkout
    scrape_interval: 1s
    static_configs: [{{targets: ["127.0.0.1:{exporter.port}"]}}]
"""
    try:
        with components.victoria_metrics(tmp_path, scrape=scrape, flags=()) as vm:
            # A rule's two reads may see a second of samples more or less, which must weigh little.
            components.wait_until(
                lambda: _count(vm.url, "http_requests_total") >= 30, within=90, what="samples"
            )
            with (
                components.vmalert(
                    tmp_path,
                    metrics=vm.url,
                    files=str(tmp_path / "out" / "vmalert" / "rules" / "*.yml"),
                    flags=("-remoteWrite.flushInterval=1s",),
                ),
                closing(PrometheusClient(url=vm.url)) as client,
            ):
                components.wait_until(
                    lambda: _count(vm.url, "slo:bad:rate5m") >= 8, within=90, what="recordings"
                )
                done = readings.refresh(
                    objectives=queries.declarations().values(),
                    telemetry=rules,
                    measurements=Queries(client),
                    # Everything recorded so far is old enough to be read then.
                    now=clock.now() + timedelta(seconds=95),
                )
    finally:
        exporter.stop()
    assert (done.read, done.failed) == (1, 0)
    [card] = budgets.list_cards(now=clock.now())
    assert float(card.budget.left) == pytest.approx(-1, abs=0.1)
    assert float(card.budget.availability) == pytest.approx(0.998, abs=0.0001)
    assert card.budget.covered < 1
    assert card.budget.money_left.minor < 0


def _count(url, series):
    query = {"query": f"count_over_time({series}[1h])", "nocache": "1"}
    with httpx2.Client(trust_env=False) as client:
        found = client.get(f"{url}/api/v1/query", params=query).json()["data"]["result"]
    return min((float(one["value"][1]) for one in found), default=0)
