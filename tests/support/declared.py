"""Folders that declare telemetry, and documents to put into them, for tests of what is read."""

from pathlib import Path

from andon.core.documents.source import read_text
from andon.slo.rules.documents import check_documents

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "fruits-r-us"
HERE = ROOT / "tests" / "rules" / "slo" / "openslo" / "bound"
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
