"""The organisation's rules for the telemetry that is generated from its catalogue."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from andon.core.documents import writing
from andon.core.documents.declaring import FileKey

#: Alerts are named after tiers: `SloPageFast`.
TIER_NAME = "[a-z][a-z0-9]*(-[a-z0-9]+)*"
MOST_TIERS = 12
_OFTEN = writing.span(timedelta(seconds=1), timedelta(hours=1))


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

    name: Annotated[
        str,
        FileKey(
            "Alerts are named after it: page-fast makes SloPageFast.",
            writing.text(40, pattern=f"^{TIER_NAME}$", required=True),
        ),
    ]
    severity: Annotated[AlertSeverity, FileKey(required=True, example="page, or ticket.")]
    long: Annotated[timedelta, FileKey("The long window.", required=True, example="PT1H")]
    short: Annotated[
        timedelta,
        FileKey(
            "The short window, about a twelfth of the long one.", required=True, example="PT1H"
        ),
    ]
    share: Annotated[
        Decimal,
        FileKey(
            "Share of the budget gone within the long window: 2%.",
            writing.number(1),
            required=True,
            example="2%",
        ),
    ]


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

    scrape_interval: Annotated[
        timedelta, FileKey("How often metrics are scraped: part of every stated latency.", _OFTEN)
    ] = timedelta(seconds=15)
    fast_interval: Annotated[
        timedelta, FileKey("How often paging rules are evaluated.", _OFTEN)
    ] = timedelta(seconds=15)
    slow_interval: Annotated[
        timedelta, FileKey("How often the slower rules are evaluated.", _OFTEN)
    ] = timedelta(minutes=1)
    #: Empty for the workbook's pairs, left out where a target makes one of them senseless.
    tiers: Annotated[
        tuple[BurnTier, ...],
        FileKey(
            "Pairs of windows in place of the SRE workbook's four.",
            writing.each(BurnTier, MOST_TIERS),
        ),
    ] = ()
    least_bad_events: Annotated[
        int,
        FileKey("A page asks for so many bad events in its long window; for low traffic. 0: off."),
    ] = 0
    closures: Annotated[
        Closures,
        FileKey("What a planned closure does to an error budget.", name="plannedClosures"),
    ] = Closures.COUNTED
    no_data_after: Annotated[
        timedelta,
        FileKey(
            "No measurement for this long is an alert of its own.",
            writing.span(timedelta(seconds=1), timedelta(days=7)),
        ),
    ] = timedelta(minutes=10)
    page_wait: Annotated[
        timedelta,
        FileKey(
            "How long Alertmanager gathers more of a group before a page.",
            writing.span(most=timedelta(hours=1)),
        ),
    ] = timedelta(0)
    ticket_wait: Annotated[
        timedelta,
        FileKey(
            "How long Alertmanager gathers more of a group before a ticket.",
            writing.span(most=timedelta(days=1)),
        ),
    ] = timedelta(seconds=30)
    budget_policy: Annotated[
        bool, FileKey("Whether an exhausted budget asks for something; off unless chosen.")
    ] = False
    grafana_url: Annotated[str, FileKey("Grafana's address, for links.", writing.URL)] = ""
    datasource_uid: Annotated[str, FileKey("The uid of Grafana's Prometheus data source.")] = (
        "prometheus"
    )
    deployments: Annotated[
        str,
        FileKey(
            "PromQL above 0 when $service was deployed, for marks on dashboards.",
            writing.text(2_000),
        ),
    ] = ""
    #: Then it must be scraped as job `andon` (docs/self-monitoring.md).
    watch_andon: Annotated[
        bool,
        FileKey(
            "Whether Andon itself is among what is measured and alerted on; off unless chosen."
        ),
    ] = False
    scale: Annotated[
        int, FileKey("Divides every window, for rehearsals; 1 in production.", writing.whole(1))
    ] = 1
