"""CloudWatch alarms against the service model that the AWS CLI itself checks its input with."""

import json
import re
import subprocess
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import botocore.loaders
import botocore.model
import botocore.validate
import pytest

from andon.catalogue.types import AlertSeverity, BurnTier, TelemetryRules
from andon.integrations.cloudwatch.files import alarm_files
from andon.slo.types import CloudWatchMetric, Estate
from tests.support import estates

MODEL = botocore.model.ServiceModel(
    botocore.loaders.Loader().load_service_model("cloudwatch", "service-2")
)
OPERATIONS = {"metric-alarms": "PutMetricAlarm", "composite-alarms": "PutCompositeAlarm"}
METRIC = CloudWatchMetric(
    namespace="AWS/ApplicationELB",
    bad="HTTPCode_Target_5XX_Count",
    total="RequestCount",
    dimensions=(("TargetGroup", "targetgroup/x/1"), ("LoadBalancer", "app/search/1")),
    region="eu-west-1",
    topic_arn="arn:aws:sns:eu-west-1:123456789012:andon",
)


def estate(rules: TelemetryRules | None = None, **changes: Any) -> Estate:
    made = estates.estate(
        estates.subject("search", cloudwatch=METRIC, **changes), estates.subject("checkout")
    )
    return replace(made, rules=rules) if rules else made


def inputs(made: Estate) -> dict[str, dict[str, Any]]:
    files = alarm_files(estate=made)
    return {f.path: json.loads(f.text) for f in files if f.path.endswith(".json")}


def problems(path: str, body: dict[str, Any]) -> list[str]:
    """Return what the CLI would refuse: unknown and missing names, types, sizes, words."""
    shape = MODEL.operation_model(OPERATIONS[path.split("/")[2]]).input_shape
    report = botocore.validate.ParamValidator().validate(body, shape)
    found = [report.generate_report()] if report.has_errors() else []
    return found + words(body, shape, "")


def words(value: Any, shape: Any, where: str) -> list[str]:
    """Return values beyond what the model says but its own validator leaves to the service."""
    if shape.type_name == "structure":
        known = {key: shape.members[key] for key in value if key in shape.members}
        return [p for key, member in known.items() for p in words(value[key], member, f".{key}")]
    if shape.type_name == "list":
        most = shape.metadata.get("max", len(value))
        found = [p for item in value for p in words(item, shape.member, f"{where}[]")]
        return found + ([f"{where}: more than {most}"] if len(value) > most else [])
    if shape.type_name == "string":
        allowed, most = shape.metadata.get("enum"), shape.metadata.get("max", 10**6)
        pattern = shape.metadata.get("pattern")
        if (allowed and value not in allowed) or len(value) > most:
            return [f"{where}: {value!r}"]
        return [f"{where}: {value!r}"] if pattern and not re.match(pattern, value) else []
    return []


ESTATES = {
    "plain": estate(),
    "99.0%": estate(target_ppm=990_000),
    "long words": estate(title="x" * 2000, runbook_url="https://runbooks.example/" + "y" * 900),
    "nothing declared": estate(exposure_per_hour=None, runbook_url=""),
    "varied": estates.varied(),
}


@pytest.mark.parametrize("name", ESTATES)
def test_the_model_of_the_service_accepts_every_input(name: str) -> None:
    found = inputs(ESTATES[name])
    assert found
    assert [p for path, body in found.items() for p in problems(path, body)] == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"Colour": "red"}, "Unknown parameter"),
        ({"Threshold": "0.0144"}, "Invalid type"),
        ({"ComparisonOperator": "Above"}, "'Above'"),
        ({"AlarmDescription": "x" * 1025}, "AlarmDescription"),
        ({"OKActions": ["arn:aws:x"] * 6}, "more than 5"),
    ],
)
def test_the_check_refuses(change: dict[str, Any], found: str) -> None:
    path = "cloudwatch/search/metric-alarms/andon-search-page-fast-1h.json"
    body = inputs(estate())[path]
    assert any(found in problem for problem in problems(path, body | change))


def test_only_services_that_name_a_metric_have_alarms() -> None:
    assert sorted(inputs(estate())) == [
        "cloudwatch/search/composite-alarms/andon-search-page-fast.json",
        "cloudwatch/search/composite-alarms/andon-search-page-slow.json",
        "cloudwatch/search/composite-alarms/andon-search-ticket-fast.json",
        "cloudwatch/search/metric-alarms/andon-search-page-fast-1h.json",
        "cloudwatch/search/metric-alarms/andon-search-page-fast-5m.json",
        "cloudwatch/search/metric-alarms/andon-search-page-slow-30m.json",
        "cloudwatch/search/metric-alarms/andon-search-page-slow-6h.json",
        # Three days are longer than an alarm can look back, so there is no ticket-slow.
        "cloudwatch/search/metric-alarms/andon-search-ticket-fast-1d.json",
        "cloudwatch/search/metric-alarms/andon-search-ticket-fast-2h.json",
    ]
    assert alarm_files(estate=estates.estate(estates.subject("checkout"))) == []


def test_a_metric_alarm_compares_the_share_of_failures_with_the_threshold() -> None:
    found = inputs(estate())["cloudwatch/search/metric-alarms/andon-search-page-fast-1h.json"]
    assert found["Threshold"] == 0.0144
    ratio, bad, total = found["Metrics"]
    assert ratio["Expression"] == "IF(total > 0, FILL(bad, 0) / total, 0)"
    assert [m["ReturnData"] for m in found["Metrics"]] == [True, False, False]
    assert bad["MetricStat"]["Metric"]["MetricName"] == "HTTPCode_Target_5XX_Count"
    assert total["MetricStat"] == {
        "Metric": {
            "Dimensions": [
                {"Name": "LoadBalancer", "Value": "app/search/1"},
                {"Name": "TargetGroup", "Value": "targetgroup/x/1"},
            ],
            "MetricName": "RequestCount",
            "Namespace": "AWS/ApplicationELB",
        },
        "Period": 3600,
        "Stat": "Sum",
    }
    assert found["ActionsEnabled"] is False


def test_a_composite_alarm_needs_both_and_tells_the_topic() -> None:
    found = inputs(estate())["cloudwatch/search/composite-alarms/andon-search-page-fast.json"]
    assert found["AlarmRule"] == (
        'ALARM("andon-search-page-fast-1h") AND ALARM("andon-search-page-fast-5m")'
    )
    assert found["AlarmActions"] == found["OKActions"] == [METRIC.topic_arn]
    assert found["AlarmDescription"] == (
        "Page: Search (search) spends its error budget 14.4 times too fast. Target 99.9%, "
        "owner checkout-team.\n"
        "At risk: GBP 200,000 per hour in full outage.\n"
        "Runbook: https://runbooks.example/search\n"
        "Andon: https://andon.example/services/search/"
    )
    assert {"Key": "andon:severity", "Value": "page"} in found["Tags"]


def test_every_alarm_that_a_composite_names_is_made() -> None:
    for made in ESTATES.values():
        found = inputs(made)
        names = {body["AlarmName"] for path, body in found.items() if "metric-alarms" in path}
        rules = [body["AlarmRule"] for body in found.values() if "AlarmRule" in body]
        assert {name for rule in rules for name in re.findall(r'ALARM\("([^"]+)"\)', rule)} == names


def test_windows_that_an_alarm_cannot_have_are_left_out() -> None:
    def tier(name: str, long: timedelta, short: timedelta) -> BurnTier:
        return BurnTier(name, AlertSeverity.PAGE, long, short, Decimal("0.02"))

    odd = tier("odd", timedelta(hours=1), timedelta(seconds=90))
    day = tier("day", timedelta(hours=12), timedelta(hours=1))
    made = inputs(estate(TelemetryRules(tiers=(odd, day))))
    assert {path.rpartition("/")[2] for path in made} == {
        "andon-search-day.json",
        "andon-search-day-12h.json",
        "andon-search-day-1h.json",
    }


def test_the_script_puts_parts_before_wholes_and_a_shell_reads_it(tmp_path: Path) -> None:
    files = alarm_files(estate=estates.varied())
    for file in files:
        path = tmp_path / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    aws = tmp_path / "bin" / "aws"
    aws.parent.mkdir()
    aws.write_text('#!/bin/sh\necho "$@"\ntest -f "${6#file://}"\n')
    aws.chmod(0o755)
    done = subprocess.run(
        ["sh", "apply.sh"],
        cwd=tmp_path / "cloudwatch",
        env={"PATH": f"{aws.parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    calls = [line.split()[1] for line in done.stdout.splitlines()]
    assert calls == ["put-metric-alarm"] * 6 + ["put-composite-alarm"] * 3
    assert all("--region eu-west-1" in line for line in done.stdout.splitlines())


def test_the_same_goes_in_the_same_comes_out_sorted() -> None:
    made = estates.varied()
    turned = replace(made, subjects=made.subjects[::-1], objectives=made.objectives[::-1])
    files = alarm_files(estate=made)
    assert alarm_files(estate=turned) == files
    assert [file.path for file in files] == sorted(file.path for file in files)
