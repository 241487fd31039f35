"""Objectives and alerts as plain values: what the database keeps, and what plans compare.

Every key is always there, so that a plan sees what was taken out. Decimals are text: a JSON number
would come back as a binary float.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import AlertSeverity, BurnTier, TargetWindow
from andon.catalogue.types.forms import parse_target
from andon.core.documents.forms import parse_duration
from andon.slo.types import (
    AlertSource,
    Budgeting,
    CalendarWindow,
    CompositePart,
    Indicator,
    IndicatorKind,
    Objective,
    Op,
    OwnAlert,
    TimeSlice,
)

Plain = dict[str, Any]


def objective_document(one: Objective) -> Plain:
    """Return an objective as plain values; slug and place are columns of their own."""
    return {
        "title": one.title,
        "description": one.description,
        "service": one.service,
        "indicator": _indicator(one.indicator),
        "target": format_target(one.target_ppm),
        "target_reason": one.target_reason,
        "window": span(one.window),
        "peaks": [_peak(peak) for peak in one.peaks],
        "calendar": _calendar(one.calendar),
        "budgeting": str(one.budgeting),
        "slices": _slices(one.slices),
        "tiers": [_tier(tier) for tier in one.tiers],
        "without": sorted(one.without),
        "labels": dict(sorted(one.labels.items())),
    }


def stored_objective(*, slug: str, document: Mapping[str, Any], declared_at: str) -> Objective:
    """Return the objective that plain values say."""
    return Objective(
        slug=slug,
        title=document["title"],
        description=document["description"],
        service=document["service"],
        indicator=_read_indicator(document["indicator"]),
        target_ppm=parse_target(document["target"]),
        target_reason=document["target_reason"],
        window=parse_duration(document["window"]),
        peaks=tuple(_read_peak(text) for text in document["peaks"]),
        calendar=_read_calendar(document["calendar"]),
        budgeting=Budgeting(document["budgeting"]),
        slices=_read_slices(document["slices"]),
        tiers=tuple(_read_tier(one) for one in document["tiers"]),
        without=frozenset(document["without"]),
        labels=dict(document["labels"]),
        declared_at=declared_at,
    )


def alert_document(one: OwnAlert) -> Plain:
    """Return an alert of a team's own as plain values."""
    return {
        "service": one.service,
        "expr": one.expr,
        "source": str(one.source),
        "severity": str(one.severity),
        "lasts": span(one.lasts),
        "summary": one.summary,
        "description": one.description,
        "runbook_url": one.runbook_url,
        "labels": dict(sorted(one.labels.items())),
    }


def stored_alert(*, slug: str, document: Mapping[str, Any], declared_at: str) -> OwnAlert:
    """Return the alert that plain values say."""
    return OwnAlert(
        slug=slug,
        service=document["service"],
        expr=document["expr"],
        source=AlertSource(document["source"]),
        severity=AlertSeverity(document["severity"]),
        lasts=parse_duration(document["lasts"]),
        summary=document["summary"],
        description=document["description"],
        runbook_url=document["runbook_url"],
        labels=dict(document["labels"]),
        declared_at=declared_at,
    )


def span(length: timedelta) -> str:
    """Return a length of whole seconds as ISO 8601: `P30D`, `PT15M`, `PT90S`."""
    seconds = length // timedelta(seconds=1)
    for unit, size in (("D", 86_400), ("H", 3_600), ("M", 60)):
        if seconds and seconds % size == 0:
            return f"P{'T' if unit != 'D' else ''}{seconds // size}{unit}"
    return f"PT{seconds}S"


def _indicator(one: Indicator) -> Plain:
    return {
        "kind": str(one.kind),
        "good": one.good,
        "bad": one.bad,
        "total": one.total,
        "counter": one.counter,
        "query": one.query,
        "is_failure": one.is_failure,
        "op": str(one.op) if one.op else "",
        "value": None if one.value is None else str(one.value),
        "parts": [
            {
                "name": part.name,
                "weight": str(part.weight),
                "indicator": _indicator(part.indicator),
            }
            for part in one.parts
        ],
        # Follows from the queries, so a plan sees when it ends.
        **({"metricsql": True} if one.metricsql else {}),
    }


def _read_indicator(document: Mapping[str, Any]) -> Indicator:
    value = document["value"]
    return Indicator(
        kind=IndicatorKind(document["kind"]),
        good=document["good"],
        bad=document["bad"],
        total=document["total"],
        counter=document["counter"],
        query=document["query"],
        is_failure=document["is_failure"],
        op=Op(document["op"]) if document["op"] else None,
        value=None if value is None else Decimal(value),
        parts=tuple(
            CompositePart(part["name"], Decimal(part["weight"]), _read_indicator(part["indicator"]))
            for part in document["parts"]
        ),
        metricsql=document.get("metricsql", False),
    )


def _peak(peak: TargetWindow) -> str:
    end = peak.ends_at.isoformat() if peak.ends_at else ""
    return f"{peak.starts_at.isoformat()}/{end}={format_target(peak.target_ppm)}"


def _read_peak(text: str) -> TargetWindow:
    window, _, target = text.partition("=")
    start, _, end = window.partition("/")
    ends_at = datetime.fromisoformat(end).astimezone(UTC) if end else None
    starts_at = datetime.fromisoformat(start).astimezone(UTC)
    return TargetWindow(parse_target(target), starts_at, ends_at, "peak")


def _calendar(one: CalendarWindow | None) -> Plain | None:
    if one is None:
        return None
    return {
        "starts": one.starts.isoformat(),
        "timezone": one.timezone,
        "unit": one.unit,
        "count": one.count,
    }


def _read_calendar(document: Mapping[str, Any] | None) -> CalendarWindow | None:
    if document is None:
        return None
    starts = datetime.fromisoformat(document["starts"])
    return CalendarWindow(starts, document["timezone"], document["unit"], document["count"])


def _slices(one: TimeSlice | None) -> Plain | None:
    # A slice may have to be wholly good: 100%, which is no availability target.
    return None if one is None else {"window": span(one.window), "target_ppm": one.target_ppm}


def _read_slices(document: Mapping[str, Any] | None) -> TimeSlice | None:
    if document is None:
        return None
    return TimeSlice(parse_duration(document["window"]), document["target_ppm"])


def _tier(one: BurnTier) -> Plain:
    return {
        "name": one.name,
        "severity": str(one.severity),
        "long": span(one.long),
        "short": span(one.short),
        "share": str(one.share),
    }


def _read_tier(document: Mapping[str, Any]) -> BurnTier:
    return BurnTier(
        name=document["name"],
        severity=AlertSeverity(document["severity"]),
        long=parse_duration(document["long"]),
        short=parse_duration(document["short"]),
        share=Decimal(document["share"]),
    )
