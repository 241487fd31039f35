"""The short form: the values read from the annotations of a service."""

from datetime import UTC, datetime

import pytest

from andon.catalogue.types import Cover
from andon.core.periods import Period
from andon.slo.types import Op
from tests.support.declared import check, service


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
