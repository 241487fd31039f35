"""What an OpenSLO indicator measures, as queries of Prometheus or VictoriaMetrics."""

from andon.core.documents.fields import Fields
from andon.core.documents.problems import Gravity
from andon.slo.rules.documents import promql
from andon.slo.rules.documents.openslo.node import Mapped
from andon.slo.rules.documents.openslo.parsed import Goal, Ratio, Read, Sli, Source
from andon.slo.types import Indicator, IndicatorKind

#: Types of data sources that answer PromQL; without a type Andon's own source is meant.
PROMETHEUS = frozenset({"", "prometheus", "promql", "thanos", "mimir", "cortex"})
VICTORIA = frozenset({"victoriametrics", "victoria-metrics", "metricsql"})
#: How the query may be called in `spec`, which OpenSLO leaves to the data source.
KEYS = ("query", "promql", "expr")


def indicator(sli: Sli, goal: Goal, found: Read) -> Indicator | None:
    """Return an indicator, or None when it was reported or cannot be measured here."""
    if sli.threshold is not None:
        query = _query(sli.threshold, found, counted=False)
        if not query or goal.op is None or goal.value is None:
            return None
        return Indicator(
            IndicatorKind.THRESHOLD,
            query=query,
            op=goal.op,
            value=goal.value,
            metricsql=_is_metricsql(sli.threshold, found, query),
        )
    if sli.ratio is None or sli.ratio.raw is None:
        return _ratio(sli.ratio, found) if sli.ratio else None
    query = _query(sli.ratio.raw, found, counted=False)
    if not query:
        return None
    return Indicator(
        IndicatorKind.RAW,
        query=query,
        is_failure=sli.ratio.raw_type == "failure",
        metricsql=_is_metricsql(sli.ratio.raw, found, query),
    )


def _ratio(ratio: Ratio, found: Read) -> Indicator | None:
    part = ratio.good or ratio.bad
    if part is None or ratio.total is None:
        return None
    counted = _query(part, found, counted=True)
    total = _query(ratio.total, found, counted=True)
    if not counted or not total:
        return None
    good, bad = (counted, "") if ratio.good is not None else ("", counted)
    return Indicator(
        IndicatorKind.RATIO,
        good=good,
        bad=bad,
        total=total,
        counter=ratio.counter,
        metricsql=_is_metricsql(part, found, counted) or _is_metricsql(ratio.total, found, total),
    )


def _query(source: Source, found: Read, *, counted: bool) -> str:
    kind = _type(source, found)
    if kind.lower() not in PROMETHEUS | VICTORIA:
        source.node.refuse(
            "slo-source",
            f"is of type {kind[:80]}, which Andon does not ask: nothing is generated for it",
            "Measure it by Prometheus or VictoriaMetrics, or keep it for other tools.",
            gravity=Gravity.WARNING,
        )
        return ""
    spec = source.node.node("spec")
    if spec is None or not spec.data:
        return ""
    key = spec.exactly_one(KEYS)
    if not key or not spec.text(key, required=True):
        return ""
    _warn_unread(spec)
    fields = Fields(spec.document, spec.path, spec.data, spec.report, spec.owner)
    read = promql.counted if counted else promql.instant
    return read(fields, key, metricsql=kind.lower() in VICTORIA, named=spec.named(key))


def _is_metricsql(source: Source, found: Read, query: str) -> bool:
    """Return whether it is VictoriaMetrics that is asked, in words that Prometheus cannot read."""
    return _type(source, found).lower() in VICTORIA and promql.is_metricsql(query)


def _type(source: Source, found: Read) -> str:
    return source.type or found.sources.get(source.ref, "")


def _warn_unread(spec: Mapped) -> None:
    for key in spec.data:
        if key not in KEYS and key not in ("queryType", "dimensions"):
            fix = f"Andon reads {', '.join(KEYS)}."
            spec.refuse("slo-source", "is not read", fix, key=str(key), gravity=Gravity.WARNING)
