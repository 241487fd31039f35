"""Alerts of a team's own, and the organisation's rules for telemetry."""

from datetime import timedelta
from decimal import Decimal

import pytest

from andon.catalogue.types import AlertSeverity, BurnTier, Closures, TelemetryRules
from andon.core.documents.source import read_text
from andon.slo.rules.documents import check_documents
from andon.slo.types import AlertSource
from tests.support.declared import check
from tests.support.folders import ORGANISATION


class TestAlertRules:
    ALERT = """
---
apiVersion: andon.dev/v1
kind: AlertRule
metadata: {name: queue}
spec:
  service: component:billing
  SOURCE
  for: 1h30m
  severity: ticket
  summary: The queue is long.
  labels: {queue: main}
"""

    def test_metrics(self):
        checked = check(self.ALERT.replace("SOURCE", "expr: max(queue) > 5"))
        (found,) = checked.alerts
        assert checked.problems == ()
        assert (found.service, found.lasts) == ("billing", timedelta(minutes=90))
        assert found.runbook_url == "https://runbooks.example/billing"
        assert found.labels == {"queue": "main"}

    def test_logs(self):
        text = "logs: 'error | stats count() as n | filter n:>10'"
        (found,) = check(self.ALERT.replace("SOURCE", text)).alerts
        assert found.source is AlertSource.LOGS

    def test_two_that_alertmanager_could_not_tell_apart_are_refused(self):
        first = self.ALERT.replace("SOURCE", "expr: max(queue) > 5")
        second = first.replace("name: queue}", "name: queue-1a}")
        third = first.replace("name: queue}", "name: queue1a}")
        (found,) = check(first + second + third).errors
        assert (found.rule, found.slug) == ("alert-name", "queue1a")
        assert "would both be called Queue1a" in found.message

    @pytest.mark.parametrize(
        ("words", "wrong"),
        [
            ("summary: 'Panics on {{ $labels.host'", "never closed"),
            ("summary: '{{ }}'", "empty"),
            ("summary: '{{ if $value }}x'", "`{{ end }}` is missing"),
            ("summary: 'x{{ end }}'", "too many"),
            ("summary: '{{ $host }}'", "`$host` is no variable"),
            ("summary: '{{ $value | humanise }}'", "`humanise` is no function"),
            ("summary: '{{ (printf \"%v\" $value }}'", "bracket"),
            ("summary: s, description: '{{ toTime $value }}'", "`toTime` is no function"),
            ("summary: s, labels: {a: '{{ x }}'}", "`x` is no function"),
        ],
    )
    def test_a_template_that_an_engine_would_refuse_is_refused_before(self, words, wrong):
        spec = f"{{service: billing, expr: max(q) > 5, severity: ticket, {words}}}"
        text = "---\nkind: AlertRule\napiVersion: andon.dev/v1\nmetadata: {name: q}\n"
        (found,) = check(f"\n{text}spec: {spec}\n").errors
        assert found.rule == "alert-template"
        assert wrong in found.message


class TestTelemetryRules:
    def rules(self, text):
        documents, problems = read_text(ORGANISATION + f"  telemetry: {{{text}}}\n", file="f")
        checked = check_documents(documents, problems)
        wrong = [one for one in checked.errors if one.rule != "catch-all"]
        return checked.catalogue.organisation.telemetry, wrong

    def test_every_key(self):
        found, wrong = self.rules(
            "scrapeInterval: PT5S, fastInterval: PT10S, slowInterval: PT2M, leastBadEvents: 5,"
            " plannedClosures: excluded, noDataAfter: PT20M, pageWait: PT1S, ticketWait: PT1M,"
            " budgetPolicy: true, grafanaUrl: 'https://grafana.example/', datasourceUid: vm,"
            " deployments: 'x{service=\"$service\"}', scale: 2, watchAndon: true,"
            " tiers: [{name: quick, severity: page, long: PT1H, short: PT5M, share: 2%}]"
        )
        assert wrong == []
        assert found == TelemetryRules(
            scrape_interval=timedelta(seconds=5),
            fast_interval=timedelta(seconds=10),
            slow_interval=timedelta(minutes=2),
            least_bad_events=5,
            closures=Closures.EXCLUDED,
            no_data_after=timedelta(minutes=20),
            page_wait=timedelta(seconds=1),
            ticket_wait=timedelta(minutes=1),
            budget_policy=True,
            grafana_url="https://grafana.example",
            datasource_uid="vm",
            deployments='x{service="$service"}',
            scale=2,
            watch_andon=True,
            tiers=(
                BurnTier(
                    "quick",
                    AlertSeverity.PAGE,
                    timedelta(hours=1),
                    timedelta(minutes=5),
                    Decimal("0.02"),
                ),
            ),
        )

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("scrapeIntervals: PT5S", "unknown-key"),
            ("scrapeInterval: 5s", "duration"),
            ("fastInterval: PT0S", "duration"),
            ("slowInterval: P1D", "duration"),
            ("leastBadEvents: -1", "type"),
            ("plannedClosures: ignored", "choice"),
            ("budgetPolicy: maybe", "type"),
            ("grafanaUrl: grafana", "url"),
            ("deployments: 'x{'", "slo-query"),
            ("deployments: 'sum(changes(x{service=\"$service\"}[5m])) > 0'", "slo-query"),
            ("deployments: 'changes(x[5m]) > 0'", "slo-query"),
            ("scale: 0", "type"),
            ("scale: 1000000", "number"),
            ("tiers: [{name: q, severity: page, long: PT1H, short: PT5M}]", "required"),
            ("tiers: [{name: q, severity: page, long: PT1H, short: PT1H, share: 2%}]",
             "telemetry-tiers"),
            ("tiers: [{name: Q, severity: page, long: PT1H, short: PT5M, share: 2%}]",
             "telemetry-tiers"),
            ("tiers: [{name: q, severity: page, long: PT1H, short: PT5M, share: 200%}]", "number"),
        ],
    )  # fmt: skip
    def test_a_wrong_one_is_refused(self, text, rule):
        _, wrong = self.rules(text)
        assert {one.rule for one in wrong} == {rule}
