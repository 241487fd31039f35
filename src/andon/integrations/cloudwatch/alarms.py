"""Burn-rate alarms in CloudWatch's terms: two metric alarms and a composite one per tier.

An alarm looks back over its period, evaluated every minute, so a window is one period. What
CloudWatch cannot say is left out and named: windows beyond a day, or not of whole minutes.
"""

from dataclasses import dataclass
from datetime import timedelta

from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import TelemetryRules
from andon.slo.rules import promql, tiers
from andon.slo.types import (
    CloudWatchMetric,
    Estate,
    Indicator,
    IndicatorKind,
    Objective,
    Subject,
)

#: The longest period of an alarm.
LONGEST = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
#: What CloudWatch takes at most.
_LONGEST_DESCRIPTION = 1024
_DEFAULT_PERIOD = timedelta(days=30)

Input = dict[str, object]


@dataclass(frozen=True, slots=True)
class Alarms:
    """The input of `put-metric-alarm` and `put-composite-alarm` calls, in this order."""

    metric: tuple[Input, ...]
    composite: tuple[Input, ...]
    #: Names of tiers that CloudWatch cannot say.
    left_out: tuple[str, ...]


def alarms(
    *, subject: Subject, metric: CloudWatchMetric, objectives: list[Objective], estate: Estate
) -> Alarms:
    """Return the alarms of a service that names a CloudWatch metric.

    They hold it to its ordinary availability target: peaks and closures are not in them.
    """
    chosen = tiers.choose(objective=_objective(subject, objectives), rules=estate.rules).tiers
    said = [each for each in chosen if is_sayable(tier=each, rules=estate.rules)]
    return Alarms(
        metric=tuple(
            _metric_alarm(subject, metric, each, window / estate.rules.scale)
            for each in said
            for window in (each.tier.long, each.tier.short)
        ),
        composite=tuple(_composite(subject, metric, each, estate) for each in said),
        left_out=tuple(each.tier.name for each in chosen if each not in said),
    )


def is_sayable(*, tier: tiers.Tier, rules: TelemetryRules) -> bool:
    """Return whether both windows are periods that an alarm can have."""
    windows = [window / rules.scale for window in (tier.tier.long, tier.tier.short)]
    return all(w <= LONGEST and w >= _MINUTE and w % _MINUTE == timedelta(0) for w in windows)


def _objective(subject: Subject, objectives: list[Objective]) -> Objective:
    """Return what the alarms stand for: the availability target, over an objective's period."""
    period = objectives[0].window if objectives else _DEFAULT_PERIOD
    return Objective(
        slug=subject.slug,
        title=subject.title,
        service=subject.slug,
        indicator=Indicator(kind=IndicatorKind.RATIO),
        target_ppm=subject.target_ppm,
        window=period,
        without=objectives[0].without if objectives else frozenset(),
    )


def _metric_alarm(
    subject: Subject, metric: CloudWatchMetric, tier: tiers.Tier, window: timedelta
) -> Input:
    words = promql.duration(window)
    return {
        "ActionsEnabled": False,
        "AlarmDescription": f"Part of {_name(subject, tier)}: the share of failures over {words}.",
        "AlarmName": f"{_name(subject, tier)}-{words}",
        "ComparisonOperator": "GreaterThanThreshold",
        "DatapointsToAlarm": 1,
        "EvaluationPeriods": 1,
        "Metrics": [
            {
                "Expression": "IF(total > 0, FILL(bad, 0) / total, 0)",
                "Id": "ratio",
                "Label": f"failures over {words}",
                "ReturnData": True,
            },
            _sum("bad", metric.bad, metric, window),
            _sum("total", metric.total, metric, window),
        ],
        "Tags": _tags(subject, tier),
        "Threshold": float(promql.number(tier.threshold)),
        # Without traffic nothing fails. That nothing is measured at all is not seen here.
        "TreatMissingData": "notBreaching",
    }


def _sum(name: str, of: str, metric: CloudWatchMetric, window: timedelta) -> Input:
    dimensions = [{"Name": key, "Value": value} for key, value in sorted(metric.dimensions)]
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Dimensions": dimensions,
                "MetricName": of,
                "Namespace": metric.namespace,
            },
            "Period": window // timedelta(seconds=1),
            "Stat": "Sum",
        },
        "ReturnData": False,
    }


def _composite(
    subject: Subject, metric: CloudWatchMetric, tier: tiers.Tier, estate: Estate
) -> Input:
    name = _name(subject, tier)
    parts = [
        f'ALARM("{name}-{promql.duration(window / estate.rules.scale)}")'
        for window in (tier.tier.long, tier.tier.short)
    ]
    actions = [metric.topic_arn] if metric.topic_arn else []
    return {
        "ActionsEnabled": True,
        "AlarmActions": actions,
        "AlarmDescription": _description(subject, tier, estate),
        "AlarmName": name,
        "AlarmRule": " AND ".join(parts),
        "OKActions": actions,
        "Tags": _tags(subject, tier),
    }


def _description(subject: Subject, tier: tiers.Tier, estate: Estate) -> str:
    asks = "Page" if tier.tier.severity == "page" else "Ticket"
    burn = f"spends its error budget {promql.number(tier.factor)} times too fast"
    target = f"Target {format_target(subject.target_ppm)}, owner {subject.team}."
    lines = [f"{asks}: {subject.title} ({subject.slug}) {burn}. {target}"]
    if subject.exposure_per_hour:
        lines.append(f"At risk: {subject.exposure_per_hour} per hour in full outage.")
    if subject.runbook_url:
        lines.append(f"Runbook: {subject.runbook_url}")
    if estate.andon_url:
        lines.append(f"Andon: {estate.andon_url.rstrip('/')}/services/{subject.slug}/")
    return "\n".join(lines)[:_LONGEST_DESCRIPTION]


def _name(subject: Subject, tier: tiers.Tier) -> str:
    return f"andon-{subject.slug}-{tier.tier.name}"


def _tags(subject: Subject, tier: tiers.Tier) -> list[Input]:
    values = {
        "andon:service": subject.slug,
        "andon:severity": str(tier.tier.severity),
        "andon:team": subject.team,
        "andon:tier": tier.tier.name,
    }
    return [{"Key": key, "Value": value} for key, value in values.items()]
