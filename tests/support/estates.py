"""Estates made by hand, for tests of what is generated from them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from andon.catalogue.types import Cover, TelemetryRules
from andon.core.money import Money
from andon.core.periods import Period
from andon.slo.types import (
    CalendarWindow,
    CloudWatchMetric,
    Estate,
    Indicator,
    IndicatorKind,
    Objective,
    Subject,
)

_COVERS = ((999_000, Cover.TEAM), (995_000, Cover.DOMAIN), (990_000, Cover.NONE))
MONTH = CalendarWindow(datetime(2026, 1, 1), "Europe/London", "month")  # noqa: DTZ001 - wall time


def counters(service: str) -> Indicator:
    """Return the ordinary indicator: failed requests of all."""
    return Indicator(
        kind=IndicatorKind.RATIO,
        bad=f'http_requests_total{{service="{service}",code=~"5.."}}',
        total=f'http_requests_total{{service="{service}"}}',
    )


def objective(service: str, **changes: object) -> Objective:
    """Return an objective as the short form declares it."""
    made = Objective(
        slug=service,
        title=f"{service} answers",
        service=service,
        indicator=counters(service),
        target_ppm=999_000,
        window=timedelta(days=30),
        declared_at=f"services/{service}.yaml:7",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def subject(slug: str, **changes: object) -> Subject:
    """Return a service with everything declared that telemetry uses."""
    made = Subject(
        slug=slug,
        title=slug.replace("-", " ").capitalize(),
        team="checkout-team",
        team_title="Checkout team",
        domain="sales",
        target_ppm=999_000,
        cover=Cover.TEAM,
        exposure_per_hour=Money.parse("GBP 200000"),
        runbook_url=f"https://runbooks.example/{slug}",
        rota="checkout-nights",
        scrape_job=slug,
        declared_at=f"services/{slug}.yaml:1",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def estate(
    *subjects: Subject, objectives: tuple[Objective, ...] | None = None, **changes: object
) -> Estate:
    """Return an estate of these services; without objectives each gets the ordinary one."""
    if objectives is None:
        objectives = tuple(objective(s.slug, target_ppm=s.target_ppm) for s in subjects)
    made = Estate(
        organisation="fruits-r-us",
        title="Fruits R Us",
        currency="GBP",
        rules=TelemetryRules(grafana_url="https://grafana.example"),
        andon_url="https://andon.example",
        subjects=tuple(sorted(subjects, key=lambda each: each.slug)),
        objectives=tuple(sorted(objectives, key=lambda each: each.slug)),
        alerts=(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def many(count: int, *, teams: int = 50, domains: int = 12) -> Estate:
    """Return an estate of many services, spread over teams, domains and targets."""
    found = []
    for number in range(count):
        target, cover = _COVERS[number % len(_COVERS)]
        found.append(
            subject(
                f"service-{number:05d}",
                team=f"team-{number % teams:03d}",
                team_title=f"Team {number % teams}",
                domain=f"domain-{number % domains:02d}",
                target_ppm=target,
                cover=cover,
                exposure_per_hour=Money.of(Decimal(1000 + number), "GBP"),
            )
        )
    return estate(*found)


def varied() -> Estate:
    """Return an estate with one of everything that changes what is generated."""
    month, quarter = MONTH, CalendarWindow(MONTH.starts, "America/New_York", "quarter")
    odd = replace(MONTH, count=2)
    closure = Period(datetime(2026, 12, 24, tzinfo=UTC), datetime(2026, 12, 27, tzinfo=UTC))
    metric = CloudWatchMetric(
        namespace="AWS/ApplicationELB",
        bad="HTTPCode_Target_5XX_Count",
        total="RequestCount",
        dimensions=(("LoadBalancer", "app/search/50dc6c495c0c9188"),),
        region="eu-west-1",
        topic_arn="arn:aws:sns:eu-west-1:123456789012:andon",
    )
    long = "a-service-with-a-name-that-is-longer-than-a-uid-may-be"
    subjects = (
        subject("checkout", dashboard_url="https://grafana.example/d/own"),
        subject("search", team="search-team", team_title="Search <team> $1", cloudwatch=metric),
        subject("stock", domain="", exposure_per_hour=None, runbook_url="", rota=""),
        subject("payroll", title='Pay "roll" %%slo%% \\ é', target_ppm=990_000, cover=Cover.NONE),
        subject(long, exposure_per_hour=Money.parse("CHF 10"), closures=(closure,)),
        subject("nothing-measured"),
    )
    objectives = (
        objective("checkout"),
        objective("checkout", slug="checkout-latency", title="Fast enough", target_ppm=990_000),
        objective("search", calendar=month, window=timedelta(days=30)),
        objective("stock", calendar=quarter, window=timedelta(days=91), target_ppm=995_000),
        objective("payroll", target_ppm=900_000, without=frozenset({"ticket-slow"})),
        objective(long, calendar=odd, window=timedelta(days=61)),
    )
    rules = TelemetryRules(
        grafana_url="https://grafana.example",
        deployments='changes(build_info{service="$service"}[5m]) > 0',
    )
    return estate(*subjects, objectives=objectives, rules=rules)
