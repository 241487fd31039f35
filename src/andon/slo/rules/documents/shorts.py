"""The short form: annotations of a Component that say what a service is measured by."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from andon.catalogue.types import Organisation, TargetWindow
from andon.catalogue.types.declared import DeclaredService
from andon.catalogue.types.entity import LONGEST_NAME, PREFIX
from andon.core.documents.fields import LONG, Fields
from andon.core.periods import Period
from andon.slo.rules.documents import promql
from andon.slo.types import CloudWatchMetric, Indicator, IndicatorKind, Objective, Op

GOOD, ERRORS, TOTAL = (PREFIX + one for one in ("slo-good", "slo-errors", "slo-total"))
LATENCY, PROBE, WITHOUT = (
    PREFIX + one for one in ("slo-latency", "slo-probe", "slo-without-tiers")
)
CLOSURES, JOB = PREFIX + "planned-closures", PREFIX + "scrape-job"
_CLOUDWATCH = PREFIX + "cloudwatch-"
_BELOW = re.compile(r"(?P<selector>.+?)\s*(?:<=|<)\s*(?P<value>[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*")
#: Bounds of histograms are written out in full: more places than this nobody measures.
_MOST_PLACES = 30
_BY_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T")
_SUFFIXES = ("_bucket", "_count", "_sum")


def objectives(service: DeclaredService, organisation: Organisation) -> Iterator[Objective]:
    """Yield the objectives that a service's annotations declare, at its availability target."""
    notes = service.entity.annotations
    without = frozenset(notes.comma_separated(WITHOUT))
    if without and not any(key in notes.data for key in (GOOD, ERRORS, LATENCY, PROBE)):
        message = "leaves tiers out of nothing: it is for objectives that annotations declare"
        fix = "Write it among the annotations of the OpenSLO document, or remove it."
        notes.refuse("slo-tier", f"`{WITHOUT}` {message}", fix, key=WITHOUT)
    for suffix, title, key, indicator in (
        ("", "answers without errors", _first_key(notes), _ratio(notes)),
        ("-latency", "answers fast enough", LATENCY, _latency(notes)),
        ("-probe", "answers probes", PROBE, _probe(notes)),
    ):
        if indicator is None:
            continue
        slug = service.slug + suffix
        if len(slug) > LONGEST_NAME:
            fix = "Write it as an OpenSLO document, whose name may be another."
            notes.refuse("slo-name", f"{slug!r} is longer than {LONGEST_NAME}", fix, key=key)
            continue
        yield Objective(
            slug=slug,
            title=f"{service.title} {title}",
            service=service.slug,
            indicator=indicator,
            target_ppm=service.target_ppm,
            window=organisation.period,
            peaks=peaks(service),
            without=without,
            declared_at=f"{notes.document.file}:{notes.document.line_of((*notes.path, key))}",
        )


def peaks(service: DeclaredService) -> tuple[TargetWindow, ...]:
    """Return the peak windows of a service's target, in order."""
    found = {
        TargetWindow(one.target_ppm, one.starts_at, one.ends_at, "peak") for one in service.peaks
    }
    return tuple(sorted(found, key=lambda one: (one.starts_at, one.target_ppm, one.ends_at)))


def closures(notes: Fields) -> tuple[Period, ...]:
    """Return the planned closures `START/END, ...`, in order."""
    found = set()
    for text in notes.comma_separated(CLOSURES):
        try:
            starts_at, ends_at = (_instant(one) for one in text.split("/"))
            period = Period(starts_at, ends_at)
        except (ValueError, TypeError, OverflowError):
            period = None
        if period is None or period.starts_at == period.ends_at:
            message = f"{text[:80]!r} is not a planned closure"
            fix = "Write START/END with zones: 2027-01-09T22:00Z/2027-01-10T02:00Z"
            notes.refuse("slo-closure", message, fix, key=CLOSURES)
            continue
        found.add(period)
    return tuple(sorted(found))


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text.strip())
    if found.tzinfo is None or not _BY_DATE.match(text.strip()):
        raise ValueError(text)
    return found.astimezone(UTC)


def scrape_job(notes: Fields) -> str:
    """Return the job whose `up` says whether the service's targets answer; empty for none."""
    return notes.text(JOB)


def cloudwatch(notes: Fields) -> CloudWatchMetric | None:
    """Return the CloudWatch metric of a service, or None."""
    names = ("namespace", "bad", "total", "dimensions", "region", "topic")
    if not any(_CLOUDWATCH + name in notes.data for name in names):
        return None
    namespace, bad, total = (
        notes.text(_CLOUDWATCH + name, required=True) for name in ("namespace", "bad", "total")
    )
    if not (namespace and bad and total):
        return None
    return CloudWatchMetric(
        namespace=namespace,
        bad=bad,
        total=total,
        dimensions=tuple(sorted(_dimensions(notes))),
        region=notes.text(_CLOUDWATCH + "region"),
        topic_arn=notes.text(_CLOUDWATCH + "topic", longest=LONG),
    )


def _dimensions(notes: Fields) -> Iterator[tuple[str, str]]:
    key = _CLOUDWATCH + "dimensions"
    for text in notes.comma_separated(key):
        name, sign, value = (part.strip() for part in text.partition("="))
        if name and sign and value:
            yield name, value
        else:
            fix = "Write NAME=VALUE, several separated by commas: LoadBalancer=app/shop/1"
            notes.refuse("slo-cloudwatch", f"{text[:80]!r} is not a dimension", fix, key=key)


def _first_key(notes: Fields) -> str:
    return next((key for key in (ERRORS, GOOD, TOTAL) if key in notes.data), ERRORS)


def _ratio(notes: Fields) -> Indicator | None:
    if not {GOOD, ERRORS, TOTAL} & notes.data.keys():
        return None
    if (GOOD in notes.data) == (ERRORS in notes.data):
        fix = f"Keep exactly one of {GOOD} and {ERRORS}."
        message = "which events are good, or which bad, is said twice or not at all"
        notes.refuse("slo-ratio", message, fix, key=_first_key(notes))
        return None
    key = GOOD if GOOD in notes.data else ERRORS
    part = promql.counted(notes, key)
    total = promql.counted(notes, TOTAL) if TOTAL in notes.data else _total(notes, key, part)
    if not part or not total:
        return None
    good, bad = (part, "") if key == GOOD else ("", part)
    return Indicator(IndicatorKind.RATIO, good=good, bad=bad, total=total)


def _total(notes: Fields, key: str, part: str) -> str:
    found = promql.everything(part) if part else ""
    if part and not found:
        message = f"how many events there are in all cannot be told from {key}"
        notes.refuse("slo-ratio", message, f"Write {TOTAL}: the selector of all.", key=key)
    return found


def _latency(notes: Fields) -> Indicator | None:
    text = notes.text(LATENCY, longest=LONG) if LATENCY in notes.data else ""
    if not text:
        return None
    match = _BELOW.fullmatch(text)
    selector = match["selector"].strip() if match else ""
    bound = _number(match["value"]) if match else None
    name, labels = _histogram(selector)
    if not name or bound is None:
        message = f"{text[:80]!r} is not a histogram and a threshold"
        fix = 'Write http_request_duration_seconds{service="x"} <= 0.25, in the metric\'s unit.'
        notes.refuse("slo-latency", message, fix, key=LATENCY)
        return None
    within = ",".join(part for part in (labels, _bucket(bound)) if part)
    good, total = (
        f"{name}_bucket{{{within}}}",
        f"{name}_count" + (f"{{{labels}}}" if labels else ""),
    )
    return Indicator(IndicatorKind.RATIO, good=good, total=total)


def _bucket(bound: Decimal) -> str:
    # Libraries differ in how they write a whole bound: `1` and `1.0` (Prometheus 3 makes it `1.0`).
    if bound == bound.to_integral_value():
        return f'le=~"{bound:f}(\\\\.0)?"'
    return f'le="{bound:f}"'


def _histogram(selector: str) -> tuple[str, str]:
    """Return the name of a histogram without its suffix, and its matchers as they are written."""
    try:
        parsed = promql.parse(selector) if selector else None
    except promql.UnreadableQuery:
        return "", ""
    name = getattr(parsed, "name", None)
    if type(parsed).__name__ != "VectorSelector" or not name or not promql.is_plain(selector):
        return "", ""
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    _, brace, rest = selector.partition("{")
    return name, rest.rpartition("}")[0].strip().rstrip(",") if brace else ""


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text).normalize()
    except ArithmeticError:
        return None
    return found if found > 0 and abs(found.adjusted()) < _MOST_PLACES else None


def _probe(notes: Fields) -> Indicator | None:
    query = promql.instant(notes, PROBE) if PROBE in notes.data else ""
    if not query:
        return None
    return Indicator(IndicatorKind.THRESHOLD, query=query, op=Op.GTE, value=Decimal(1))
