"""OpenSLO documents: the values read from them."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from andon.catalogue.types import AlertSeverity, BurnTier
from andon.core.documents.source import read_text
from andon.slo.rules.documents import check_documents
from andon.slo.types import Budgeting, IndicatorKind, Op
from tests.support.declared import DEFAULTS, SLO, check, policy, slo


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
