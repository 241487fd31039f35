"""Queries for deployments, and measurements that they find deployments in."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from tests.support.recorded import Recorded

VERSION = "app_version"
#: Queries that keep the label `service`; all of them find the deployments of `deployed`.
KEPT = (
    'changes(app_version{service="$service"}[5m]) > 0',
    "changes(app_version{service='$service'}[5m]) > 0  # how we know",
    'sum by (service) (changes(app_version{service=~"$service",slo!="x"}[5m]))',
    'max without (slo) (changes(app_version{service="$service"}[5m])) > bool 0',
    'label_replace(changes(app_version{slo="$service"}[5m]), "service", "$1", "slo", "(.*)") > 0',
    'label_join(sum by (slo) (changes(app_version{slo="$service"}[5m])), "service", "", "slo")',
    'app_version{service="$service"} != app_version{service="$service"} offset 5m',
    'changes(app_version{service="$service"}[5m]) and on (service) app_version{service="$service"}',
    'changes(app_version{service="$service"}[5m]) > 0 unless on () vector(1) < 0',
    'sum by (service) (app_version) * 0 + on (service) idelta(app_version{service="$service"}[5m])',
    '-(-changes(app_version{service="$service"}[5m])) * scalar(vector(2))',
    'max_over_time(changes(app_version{service="$service"}[5m])[1m:1m])',
)


def deployed(
    history: Recorded, found: Mapping[str, Iterable[datetime]], *, since: datetime
) -> Recorded:
    """Add a version of each service, measured once a minute, one higher from each deployment on."""
    for service, instants in found.items():
        marks, at = sorted(instants), since
        while at < history.end:
            history.also(VERSION, service, 1.0 + sum(one <= at for one in marks), at=at)
            at += timedelta(minutes=1)
    return history
