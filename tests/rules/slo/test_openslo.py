"""OpenSLO documents, each checked in itself: every mistake by line, rule and path, and no other."""

from collections import Counter
from pathlib import Path

import pytest

from andon.core.documents.problems import Gravity
from andon.core.documents.source import read_folder, read_text
from andon.slo.rules.documents.openslo.read import _READERS, read

HERE = Path(__file__).parent / "openslo"
VALID = sorted((HERE / "valid").iterdir())
INVALID = sorted((HERE / "invalid").glob("*.yaml"))


def problems(path):
    _, documents, found = read_folder(path)
    read(documents, found.append)
    return found


def of(text):
    documents, found = read_text(text, file="f.yaml")
    return read(documents, found.append), found


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_a_valid_file_is_accepted(path):
    assert problems(path) == []


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.name)
def test_every_marked_line_is_reported_and_no_other(path):
    wanted = Counter(
        (number, rule)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for rule in line.partition("#!")[2].split()
    )
    found = Counter((one.line, one.rule) for one in problems(path))
    assert found - wanted == Counter(), "reported, but not marked"
    assert wanted - found == Counter(), "marked, but not reported"


def test_every_kind_is_among_the_valid_ones():
    documents = read_folder(HERE / "valid").documents
    assert {one.data["kind"] for one in documents} == set(_READERS)


def test_a_mistake_in_json_has_its_line():
    (found,) = problems(HERE / "invalid" / "sources.json")
    assert (found.rule, found.line) == ("openslo-type", 2)
    assert found.message.startswith("`spec.type` is a number")


def test_paths_are_written_as_oslo_writes_them():
    messages = [one.message for one in problems(HERE / "invalid" / "slo.yaml")]
    assert "`spec.objectives[0].op` is forbidden with a ratioMetric" in messages
    assert any(one.startswith("`spec.timeWindow[0].calendar.timeZone` is") for one in messages)
    assert any(
        one.startswith("`spec.alertPolicies[0].alertPolicyRef` is 'gone'") for one in messages
    )


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.name)
def test_every_problem_has_a_fix_and_belongs_to_an_object(path):
    for one in problems(path):
        assert one.fix
        assert one.gravity is Gravity.ERROR
        assert one.kind in ("", "slo")


def test_old_versions_say_how_to_convert():
    found = {one.message: one.fix for one in problems(HERE / "invalid" / "envelope.yaml")}
    alpha = found["`apiVersion` is openslo/v1alpha: Andon reads openslo/v1 only"]
    assert "timeWindows[{count: 28, unit: Day, isRolling}] becomes timeWindow" in alpha
    beta = found["`apiVersion` is openslo.com/v2alpha: Andon reads openslo/v1 only"]
    assert "sli and sliRef become indicator and indicatorRef" in beta


def test_a_reference_that_is_nearly_right_is_suggested():
    _, found = of("""apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: p}
spec: {conditions: [{conditionRef: fast-brn}], notificationTargets: [{targetRef: t}]}
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: fast-burn}
spec:
  severity: page
  condition: {kind: burnrate, op: gt, threshold: 2, lookbackWindow: 1h}
---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: t}
spec: {target: x}
""")
    assert [one.fix for one in found] == ["Did you mean fast-burn?"]


def test_a_source_with_a_type_needs_no_data_source():
    _, found = of("""apiVersion: openslo/v1
kind: SLI
metadata: {name: s}
spec: {thresholdMetric: {metricSource: {metricSourceRef: x, type: Prometheus, spec: {query: a}}}}
""")
    assert [one.gravity for one in found] == [Gravity.WARNING]


@pytest.mark.parametrize(
    ("text", "days"),
    [("4w", 28), ("1M", 30), ("1Q", 90), ("1Y", 365), ("31d", 31), ("720h", 30), ("43200m", 30)],
)
def test_durations_have_the_lengths_of_the_go_sdk(text, days):
    objects, found = of((HERE / "valid" / "ratio.yaml").read_text().replace("4w", text))
    assert found == []
    window = objects.slos["orders-accepted"].window
    assert window.duration.length.days == days


def test_labels_may_be_lists():
    objects, _ = of((HERE / "valid" / "ratio.yaml").read_text())
    assert objects.slos["orders-accepted"].metadata.labels == {
        "channel": "web",
        "region": "north,south",
    }
