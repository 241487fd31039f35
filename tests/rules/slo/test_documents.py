"""What folders declare about telemetry: every mistake by line and rule, and the values read."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from andon.catalogue.documents.annotations import TELEMETRY
from andon.catalogue.documents.source import read_text
from andon.catalogue.types import AlertSeverity, BurnTier, Closures, Cover, TelemetryRules
from andon.core.periods import Period
from andon.slo.documents import check_documents, check_folder, estate_of
from andon.slo.documents.rulebook import RULES
from andon.slo.types import AlertSource, Budgeting, IndicatorKind, Op
from tests.support.folders import ORGANISATION, write_folder

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "fruits-r-us"
HERE = Path(__file__).parent / "openslo" / "bound"
BASE = "\n---\n".join((HERE / "organisation.yaml").read_text().split("\n---\n"))
BAD, ALL = 'http_requests_total{service="orders",code=~"5.."}', "http_requests_total"

SLO = """
---
apiVersion: openslo/v1
kind: SLO
metadata:
  name: orders-slo
  displayName: Orders
  annotations: {ANNOTATIONS}
  labels: {channel: [web, shop]}
spec:
  description: What people notice.
  service: shop-orders
  INDICATOR
  timeWindow: [WINDOW]
  budgetingMethod: METHOD
  objectives: OBJECTIVES
  alertPolicies: POLICIES
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: wait}
spec: {thresholdMetric: {metricSource: {type: Prometheus, spec: {promql: wait_seconds}}}}
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: lost}
spec:
  ratioMetric:
    counter: false
    bad: {metricSource: {type: Prometheus, spec: {query: lost}}}
    total: {metricSource: {type: Prometheus, spec: {query: "sum(sum_over_time(x[{{ .window }}]))"}}}
"""
DEFAULTS = {
    "ANNOTATIONS": "",
    "INDICATOR": "indicatorRef: lost",
    "WINDOW": "{duration: 30d, isRolling: true}",
    "METHOD": "Occurrences",
    "OBJECTIVES": "[{target: 0.999}]",
    "POLICIES": "[]",
}
POLICY = """
    - kind: AlertPolicy
      metadata: {name: NAME}
      spec:
        conditions:
          - kind: AlertCondition
            metadata: {name: c}
            spec:
              severity: SEVERITY
              condition: {kind: burnrate, op: gt, threshold: FACTOR, lookbackWindow: LOOKBACK}
        notificationTargets:
          - kind: AlertNotificationTarget
            metadata: {name: t}
            spec: {target: x}"""


def check(text):
    documents, problems = read_text(BASE + text, file="f.yaml")
    return check_documents(documents, problems)


def slo(**changes):
    text = SLO
    for word, value in (DEFAULTS | changes).items():
        text = text.replace(word, value)
    checked = check(text)
    assert checked.problems == ()
    return tuple(one for one in checked.objectives if one.slug.startswith("orders-slo"))


def policy(name="quick", severity="critical", factor="14.4", lookback="1h"):
    text = POLICY.replace("NAME", name).replace("SEVERITY", severity)
    return text.replace("FACTOR", factor).replace("LOOKBACK", lookback)


def service(annotations):
    lines = "".join(f"    andon.dev/{line}\n" for line in annotations.splitlines())
    return check(
        "\n---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n"
        '  name: till\n  annotations:\n    andon.dev/availability-target: "99.0"\n'
        f"{lines}spec: {{type: service, lifecycle: production, owner: team-a}}\n"
    )


def marked() -> Counter:
    found: Counter = Counter()
    for path in HERE.iterdir():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for rule in line.partition("#!")[2].split():
                found[path.name, number, rule] += 1
    return found


def test_every_marked_line_is_reported_and_no_other():
    found = Counter((one.file, one.line, one.rule) for one in check_folder(HERE).problems)
    wanted = marked()
    assert found - wanted == Counter(), "reported, but not marked"
    assert wanted - found == Counter(), "marked, but not reported"


def test_the_rulebook_holds_the_rules_in_the_code_and_the_page_explains_them():
    package = ROOT / "src" / "andon" / "slo" / "documents"
    code = "".join(path.read_text() for path in package.rglob("*.py") if path.stem != "rulebook")
    used = set(re.findall(r'"((?:slo|alert|openslo)-[a-z-]+)"', code))
    used -= {name.removeprefix("andon.dev/") for name in TELEMETRY} - {"slo-latency"}
    code = (ROOT / "src" / "andon" / "slo" / "rules" / "refuse.py").read_text()
    used |= set(re.findall(r'"((?:slo|alert)-[a-z]+(?:-[a-z]+)?)",', code))
    assert used == set(RULES)
    page = (ROOT / "docs" / "slo.md").read_text()
    assert [rule for rule in RULES if f"`{rule}`" not in page] == []


class TestDisagreements:
    def test_both_places_are_named(self):
        found = {(one.file, one.line): one for one in check_folder(HERE).problems}
        target = found["wrong.yaml", 12]
        assert "is 99.0%, but the availability target of orders is 99.9%" in target.message
        assert "(organisation.yaml:46)" in target.message
        assert "Write target: 0.999" in target.fix
        assert "(organisation.yaml:8)" in found["wrong.yaml", 8].message
        assert "(organisation.yaml:49)" in found["wrong.yaml", 19].message

    def test_a_reason_lets_target_and_window_differ_and_there_are_no_peaks_then(self):
        (found,) = slo(
            ANNOTATIONS="andon.dev/target-reason: slow is not down",
            OBJECTIVES="[{targetPercent: 95}]",
            WINDOW="{duration: 4w, isRolling: true}",
        )
        assert (found.target_ppm, found.window.days, found.peaks) == (950_000, 28, ())
        assert found.target_reason == "slow is not down"

    def test_a_reason_that_is_not_needed_is_not_kept(self):
        (found,) = slo(ANNOTATIONS="andon.dev/target-reason: why not")
        assert found.target_reason == ""

    def test_equal_peaks_may_be_repeated(self):
        (found,) = slo(
            ANNOTATIONS='"andon.dev/peak-windows": "2027-11-25/2027-12-01=99.9"',
        )
        assert [one.target_ppm for one in found.peaks] == [999_000]


class TestOpenSlo:
    def test_a_document_becomes_an_objective(self):
        (found,) = slo()
        assert (found.slug, found.title, found.service) == ("orders-slo", "Orders", "orders")
        assert (found.target_ppm, found.window) == (999_000, timedelta(days=30))
        assert found.indicator.kind is IndicatorKind.RATIO
        assert (found.indicator.bad, found.indicator.counter) == ("lost", False)
        assert found.indicator.total == "sum(sum_over_time(x[$window]))"
        assert found.labels == {"channel": "web,shop"}
        assert found.description == "What people notice."
        assert [one.kind for one in found.peaks] == ["peak"]

    def test_a_threshold_has_what_a_good_sample_looks_like(self):
        (found,) = slo(
            INDICATOR="indicatorRef: wait", OBJECTIVES="[{op: lt, value: 0.25, target: 0.999}]"
        )
        indicator = found.indicator
        assert (indicator.kind, indicator.query) == (IndicatorKind.THRESHOLD, "wait_seconds")
        assert (indicator.op, indicator.value) == (Op.LT, Decimal("0.25"))

    def test_several_thresholds_are_named_by_what_they_are_called(self):
        found = slo(
            INDICATOR="indicatorRef: wait",
            OBJECTIVES="[{displayName: Quick enough, op: lt, value: 1, target: 0.999},"
            " {displayName: bearable!, op: lt, value: 9, target: 0.999}]",
        )
        assert [one.slug for one in found] == ["orders-slo-bearable", "orders-slo-quick-enough"]
        assert [one.title for one in found] == ["Orders: bearable!", "Orders: Quick enough"]

    def test_a_composite_is_one_objective_of_weighed_parts(self):
        (found,) = slo(
            INDICATOR="",
            OBJECTIVES="[{indicatorRef: lost, target: 0.999, compositeWeight: 0.25},"
            " {indicatorRef: wait, op: lte, value: 2, target: 0.999}]",
        )
        parts = found.indicator.parts
        assert [(one.name, one.weight) for one in parts] == [
            ("lost", Decimal("0.25")),
            ("wait", Decimal(1)),
        ]
        assert parts[1].indicator.op is Op.LTE

    @pytest.mark.parametrize(
        ("method", "extra", "budgeting", "ppm"),
        [
            ("Timeslices", "timeSliceTarget: 1, ", Budgeting.TIMESLICES, 1_000_000),
            ("RatioTimeslices", "", Budgeting.RATIO_TIMESLICES, None),
        ],
    )
    def test_slices(self, method, extra, budgeting, ppm):
        (found,) = slo(METHOD=method, OBJECTIVES=f"[{{target: 0.999, {extra}timeSliceWindow: 5}}]")
        assert found.budgeting is budgeting
        assert found.slices is not None
        assert (found.slices.window, found.slices.target_ppm) == (timedelta(minutes=5), ppm)

    def test_a_month_of_the_calendar_is_the_thirty_days_of_the_target(self):
        calendar = "calendar: {startTime: 2026-01-01 06:00:00, timeZone: Europe/Paris}"
        (found,) = slo(WINDOW=f"{{duration: 1M, {calendar}}}")
        assert found.window == timedelta(days=30)
        assert found.calendar is not None
        assert (found.calendar.unit, found.calendar.count) == ("month", 1)
        assert found.calendar.starts == datetime(2026, 1, 1, 6)  # noqa: DTZ001 - wall time

    def test_policies_become_tiers_whose_share_is_what_the_burn_rate_uses_up(self):
        (found,) = slo(POLICIES=policy() + policy("slow", "ticket", "2", "3d"))
        hour = timedelta(hours=1)
        assert found.tiers == (
            BurnTier("quick", AlertSeverity.PAGE, hour, hour / 12, Decimal("0.02")),
            BurnTier("slow", AlertSeverity.TICKET, 72 * hour, 6 * hour, Decimal("0.2")),
        )

    def test_a_tier_that_could_never_fire_is_refused(self):
        checked = check(
            SLO.replace("POLICIES", policy(factor="2000")).replace("{ANNOTATIONS}", "{}")
            .replace("INDICATOR", DEFAULTS["INDICATOR"]).replace("WINDOW", DEFAULTS["WINDOW"])
            .replace("METHOD", "Occurrences").replace("OBJECTIVES", DEFAULTS["OBJECTIVES"])
        )  # fmt: skip
        assert {one.rule for one in checked.errors} == {"slo-tier"}

    def test_metricsql_is_a_warning_for_a_victoriametrics_source(self):
        text = SLO.replace("type: Prometheus, spec: {query: lost}", "SOURCE")
        for word, value in DEFAULTS.items():
            text = text.replace(word, value)
        query = "spec: {query: 'rollup_rate(lost[$window])'}"
        metricsql = check(text.replace("SOURCE", f"type: VictoriaMetrics, {query}"))
        assert [(one.rule, str(one.gravity)) for one in metricsql.problems] == [
            ("slo-query", "warning")
        ]
        assert len([one for one in metricsql.objectives if one.slug == "orders-slo"]) == 1
        (refused,) = check(text.replace("SOURCE", f"type: Prometheus, {query}")).errors
        assert "`spec.ratioMetric.bad.metricSource.spec.query` is no PromQL" in refused.message

    def test_without_an_organisation_documents_are_still_read(self):
        documents, problems = read_text(
            "apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: x}\nspec: {}", file="f"
        )
        rules = {one.rule for one in check_documents(documents, problems).errors}
        assert rules == {"organisation-once", "openslo-exclusive"}

    @pytest.mark.parametrize(
        ("head", "rules"),
        [
            ("apiVersion: foo\nkind: Service", {"openslo-version"}),
            ("kind: SLO", {"openslo-required"}),
            ("apiVersion: v1\nkind: Service", set()),
            ("apiVersion: serving.knative.dev/v1\nkind: Service", set()),
        ],
    )
    def test_services_of_others_are_not_openslos(self, head, rules):
        checked = check(f"\n---\n{head}\nmetadata: {{name: x}}\nspec: {{}}\n")
        assert {one.rule for one in checked.errors} == rules


class TestShortForm:
    def test_errors_alone_tell_the_total_when_a_label_makes_the_difference(self):
        found = service('slo-errors: x_total{a="b",code=~"5..",le!="1"}').objectives[-1]
        assert (found.slug, found.target_ppm) == ("till", 990_000)
        assert found.indicator.total == 'x_total{a="b"}'

    def test_good_and_total_as_expressions_with_a_window(self):
        found = service(
            "slo-good: sum(rate(good_total[$window]))\nslo-total: sum(rate(x_total[{{.window}}]))"
        ).objectives[-1]
        assert found.indicator.good == "sum(rate(good_total[$window]))"
        assert found.indicator.total == "sum(rate(x_total[$window]))"

    @pytest.mark.parametrize(
        ("text", "good", "total"),
        [
            (
                'http_request_duration_seconds{service="x"} <= 0.250',
                'http_request_duration_seconds_bucket{service="x",le="0.25"}',
                'http_request_duration_seconds_count{service="x"}',
            ),
            (
                "http_server_request_duration_seconds_bucket < 1",
                'http_server_request_duration_seconds_bucket{le=~"1(\\\\.0)?"}',
                "http_server_request_duration_seconds_count",
            ),
        ],
    )
    def test_latency_is_a_bucket_of_all(self, text, good, total):
        found = service(f"slo-latency: '{text}'").objectives[-1]
        assert (found.slug, found.indicator.good) == ("till-latency", good)
        assert found.indicator.total == total

    def test_a_probe_is_good_at_one(self):
        found = service('slo-probe: probe_success{job="x"}').objectives[-1]
        assert (found.slug, found.indicator.op) == ("till-probe", Op.GTE)
        assert found.indicator.value == 1

    @pytest.mark.parametrize(
        ("query", "good"),
        [
            ('{"http.server"}', False),
            ('x{"http.code"="5"}', False),
            ('label_replace(probe{a="b"}, "c", "d", "e", "f")', True),
            ('x{a="{", b="}"}', True),
        ],
    )
    def test_names_that_the_tools_cannot_read_are_refused(self, query, good):
        assert (service(f"slo-probe: '{query}'").errors == ()) is good

    def test_subjects_carry_what_telemetry_needs(self):
        subject = service(
            "scrape-job: shop\n"
            "planned-closures: 2027-02-01T00:00Z/2027-02-01T02:00Z, "
            "2027-01-09T23:00+01:00/2027-01-10T02:00Z\n"
            "cloudwatch-namespace: AWS/X\ncloudwatch-bad: B\ncloudwatch-total: T\n"
            "cloudwatch-dimensions: b=2, a=1=1\ncloudwatch-region: eu-west-1"
        ).subjects[-1]
        assert (subject.slug, subject.scrape_job, subject.cover) == ("till", "shop", Cover.NONE)
        assert subject.closures[0] == Period(
            datetime(2027, 1, 9, 22, tzinfo=UTC), datetime(2027, 1, 10, 2, tzinfo=UTC)
        )
        assert subject.cloudwatch is not None
        assert subject.cloudwatch.dimensions == (("a", "1=1"), ("b", "2"))

    def test_tiers_that_are_left_out_of_nothing_are_refused(self):
        text = """
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: lone
  annotations: {"andon.dev/availability-target": "99.9", "andon.dev/slo-without-tiers": ticket-slow}
spec: {type: service, lifecycle: production, owner: team-a}
"""
        found = [one for one in check(text).problems if "slo-without-tiers" in one.message]
        assert [(one.rule, one.slug) for one in found] == [("slo-tier", "lone")]


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


def test_the_sample_declares_an_slo_for_every_service_and_has_no_problem():
    checked = check_folder(EXAMPLE)
    assert checked.problems == ()
    assert {one.service for one in checked.objectives} == set(checked.catalogue.services)
    kinds = {one.indicator.kind for one in checked.objectives}
    assert kinds == {IndicatorKind.RATIO, IndicatorKind.THRESHOLD, IndicatorKind.COMPOSITE}
    assert [one.slug for one in checked.alerts] == ["checkout-payments-queue"]


def test_an_estate_is_sorted_and_needs_an_organisation(tmp_path):
    estate = estate_of(check_folder(write_folder(tmp_path / "f", services=4)), "https://a.example/")
    for found in (estate.subjects, estate.objectives):
        assert [one.slug for one in found] == sorted(one.slug for one in found)
    assert estate.andon_url == "https://a.example"
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no organisation"):
        estate_of(check_folder(tmp_path / "empty"))
