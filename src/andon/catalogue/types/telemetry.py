"""The organisation's rules for the telemetry that is generated from its catalogue."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum


class AlertSeverity(StrEnum):
    """What an alert asks for: somebody now, or somebody in working hours."""

    PAGE = "page"
    TICKET = "ticket"


class Closures(StrEnum):
    """What a planned closure does to an error budget."""

    COUNTED = "counted"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class BurnTier:
    """A pair of windows that alerts when `share` of the budget went within the long one.

    The short window ends the alert soon after the fault (SRE workbook, chapter 5).
    """

    name: str
    severity: AlertSeverity
    long: timedelta
    short: timedelta
    share: Decimal


#: The four pairs of the SRE workbook: 2% in an hour, 5% in six hours, 10% in one and three days.
WORKBOOK = (
    BurnTier(
        "page-fast", AlertSeverity.PAGE, timedelta(hours=1), timedelta(minutes=5), Decimal("0.02")
    ),
    BurnTier(
        "page-slow", AlertSeverity.PAGE, timedelta(hours=6), timedelta(minutes=30), Decimal("0.05")
    ),
    BurnTier(
        "ticket-fast", AlertSeverity.TICKET, timedelta(days=1), timedelta(hours=2), Decimal("0.1")
    ),
    BurnTier(
        "ticket-slow", AlertSeverity.TICKET, timedelta(days=3), timedelta(hours=6), Decimal("0.1")
    ),
)


@dataclass(frozen=True, slots=True)
class TelemetryRules:
    """How alerts, routes and dashboards are generated; every value has a default that works."""

    #: How often metrics are scraped: part of every stated latency.
    scrape_interval: timedelta = timedelta(seconds=15)
    #: How often paging rules are evaluated, and the slower rules.
    fast_interval: timedelta = timedelta(seconds=15)
    slow_interval: timedelta = timedelta(minutes=1)
    #: Empty for the workbook's pairs, left out where a target makes one of them senseless.
    tiers: tuple[BurnTier, ...] = ()
    #: A page asks for at least this many bad events in its long window: for low traffic. 0: off.
    least_bad_events: int = 0
    closures: Closures = Closures.COUNTED
    #: No measurement for this long is an alert of its own.
    no_data_after: timedelta = timedelta(minutes=10)
    #: How long Alertmanager waits for more of a group before it tells Andon, by severity.
    page_wait: timedelta = timedelta(0)
    ticket_wait: timedelta = timedelta(seconds=30)
    #: Whether an exhausted budget asks for something (docs/slo.md); off unless chosen.
    budget_policy: bool = False
    #: Grafana's address for links, and the uid of its Prometheus data source.
    grafana_url: str = ""
    datasource_uid: str = "prometheus"
    #: PromQL that is above 0 when `$service` was deployed; for marks on dashboards. Empty: none.
    deployments: str = ""
    #: Whether Andon is one of the services: it must be scraped as job `andon` (self-monitoring.md).
    watch_andon: bool = False
    #: Divides every window, for rehearsals and tests; 1 in production.
    scale: int = 1
