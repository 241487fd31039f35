"""`spec.telemetry`: how alerts, routes and dashboards are generated; and a service's annotations.

Every key has a default that works. What the annotations mean is the business of `slo.documents`;
the catalogue keeps them as they were written.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from andon.catalogue.rules.documents.annotations import TELEMETRY
from andon.catalogue.rules.documents.insurance import number
from andon.catalogue.types import AlertSeverity, BurnTier, Closures, TelemetryRules
from andon.core.documents.fields import Fields

KEYS = (
    "scrapeInterval",
    "fastInterval",
    "slowInterval",
    "tiers",
    "leastBadEvents",
    "plannedClosures",
    "noDataAfter",
    "pageWait",
    "ticketWait",
    "budgetPolicy",
    "grafanaUrl",
    "datasourceUid",
    "deployments",
    "watchAndon",
    "scale",
)
_TIER_KEYS = ("name", "severity", "long", "short", "share")
_SECOND, _HOUR, _DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
#: Alerts are named after tiers: `SloPageFast`.
_TIER_NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
_LONGEST_NAME = 40
MOST_TIERS = 12
#: A window of 30 days divided by more than this would be shorter than a scrape.
MOST_SCALE = 100_000


def telemetry_document(notes: Fields) -> dict[str, str]:
    """Return a service's annotations for telemetry as the database keeps them."""
    return {key: notes.data[key] for key in sorted(TELEMETRY) if key in notes.data}


def read_telemetry(spec: Fields) -> TelemetryRules:
    """Return the organisation's rules for telemetry; what is missing gets the default."""
    fields = spec.mapping("telemetry")
    base = TelemetryRules()
    if fields is None:
        return base
    fields.only(KEYS)
    return TelemetryRules(
        scrape_interval=_span(fields, "scrapeInterval", base.scrape_interval, _SECOND, _HOUR),
        fast_interval=_span(fields, "fastInterval", base.fast_interval, _SECOND, _HOUR),
        slow_interval=_span(fields, "slowInterval", base.slow_interval, _SECOND, _HOUR),
        tiers=tuple(_tiers(fields)),
        least_bad_events=fields.integer("leastBadEvents", default=base.least_bad_events),
        closures=fields.choice("plannedClosures", Closures) or base.closures,
        no_data_after=_span(fields, "noDataAfter", base.no_data_after, _SECOND, 7 * _DAY),
        page_wait=_span(fields, "pageWait", base.page_wait, timedelta(0), _HOUR),
        ticket_wait=_span(fields, "ticketWait", base.ticket_wait, timedelta(0), _DAY),
        budget_policy=fields.boolean("budgetPolicy", default=base.budget_policy),
        grafana_url=fields.url("grafanaUrl").rstrip("/"),
        datasource_uid=fields.text("datasourceUid", default=base.datasource_uid),
        deployments=fields.text("deployments", longest=2_000),
        watch_andon=fields.boolean("watchAndon", default=base.watch_andon),
        scale=_scale(fields),
    )


def _span(
    fields: Fields, key: str, default: timedelta, least: timedelta, most: timedelta
) -> timedelta:
    value = fields.duration(key, default=default)
    if least <= value <= most:
        return value
    message = f"`{key}` is {fields.data[key]!r}; {_say(least)} to {_say(most)} is sensible"
    fields.refuse("duration", message, f"Write {key}: {_say(max(default, least))}", key=key)
    return default


def _tiers(fields: Fields) -> Iterator[BurnTier]:
    """Yield the tiers written down; whether they make sense for a target `slo.rules` says."""
    seen: set[str] = set()
    written = fields.mappings("tiers")
    if len(written) > MOST_TIERS:
        fix = "The workbook has four; more alerts say the same thing more often."
        fields.refuse("telemetry-tiers", f"more than {MOST_TIERS} tiers", fix, key="tiers")
    for one in written[:MOST_TIERS]:
        tier = _tier(one)
        if tier is None:
            continue
        if tier.name in seen:
            one.refuse("telemetry-tiers", f"{tier.name!r} stands twice", "Rename one.", key="name")
            continue
        seen.add(tier.name)
        yield tier


def _tier(one: Fields) -> BurnTier | None:
    one.only(_TIER_KEYS)
    name = one.text("name", required=True, longest=_LONGEST_NAME)
    if name and not _matches(name):
        fix = "Use lower-case words with dashes: page-fast."
        one.refuse("telemetry-tiers", f"{name!r} is no name for a tier", fix, key="name")
    severity = one.choice("severity", AlertSeverity)
    if severity is None and "severity" not in one.data:
        one.refuse("required", "`severity` is missing", "Write severity: page, or ticket.")
    long, short = (_window(one, key) for key in ("long", "short"))
    share = number(one, "share", most=Decimal(1))
    if "share" not in one.data:
        one.refuse("required", "`share` is missing", "Write share: 2%")
    if long and short and short >= long:
        fix = "Make the short window about a twelfth of the long one."
        one.refuse("telemetry-tiers", "`short` is not shorter than `long`", fix, key="short")
        return None
    if share is not None and not share:
        one.refuse("telemetry-tiers", "`share` is 0", "Write share: 2%", key="share")
    if not (name and _matches(name) and severity and long and short and share):
        return None
    return BurnTier(name, severity, long, short, share)


def _window(one: Fields, key: str) -> timedelta | None:
    if key not in one.data:
        one.refuse("required", f"`{key}` is missing", f"Write {key}: PT1H")
        return None
    value = one.duration(key, default=timedelta(0))
    if value < timedelta(minutes=1):
        one.refuse("duration", f"`{key}` is too short", f"Write {key}: PT5M or more", key=key)
        return None
    return value


def _scale(fields: Fields) -> int:
    scale = fields.integer("scale", default=1, least=1)
    if scale > MOST_SCALE:
        fields.refuse("number", f"`scale` is {scale}", f"At most {MOST_SCALE}.", key="scale")
        return 1
    return scale


def _matches(name: str) -> bool:
    return re.fullmatch(_TIER_NAME, name) is not None


def _say(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    if seconds and seconds % 86_400 == 0:
        return f"P{seconds // 86_400}D"
    if seconds and seconds % 3_600 == 0:
        return f"PT{seconds // 3_600}H"
    return f"PT{seconds}S"
