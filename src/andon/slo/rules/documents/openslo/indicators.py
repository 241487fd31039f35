"""SLIs: a threshold metric, or a ratio of good or bad to total, or a ratio made elsewhere."""

from andon.slo.rules.documents.openslo.metadata import read_metadata
from andon.slo.rules.documents.openslo.node import Mapped
from andon.slo.rules.documents.openslo.parsed import Ratio, Sli, Source

RAW_TYPES = ("success", "failure")


def read_inline(node: Mapped) -> Sli:
    """Return an indicator that stands inside an SLO: metadata and spec, no more."""
    node.only("metadata", "spec")
    metadata = read_metadata(node)
    return read_sli(node.spec(required=True), metadata.name)


def read_sli(spec: Mapped, name: str) -> Sli:
    """Return the indicator that a `spec` describes."""
    spec.only("description", "thresholdMetric", "ratioMetric")
    spec.description()
    which = spec.exactly_one(("thresholdMetric", "ratioMetric"))
    ratio = spec.node("ratioMetric") if which == "ratioMetric" else None
    threshold = _source(spec, "thresholdMetric") if which == "thresholdMetric" else None
    return Sli(spec, name, _ratio(ratio) if ratio else None, threshold)


def _ratio(node: Mapped) -> Ratio | None:
    node.only("counter", "good", "bad", "total", "raw", "rawType")
    which = node.exactly_one(("total", "raw"))
    good = bad = total = raw = None
    raw_type = ""
    if which == "total":
        part = node.exactly_one(("good", "bad"))
        total = _source(node, "total")
        good, bad = (_source(node, key) if part == key else None for key in ("good", "bad"))
    elif which == "raw":
        for key in ("good", "bad"):
            if node.has(key):
                message, fix = "stands beside `raw`", "Keep one of the two."
                node.refuse("openslo-exclusive", message, fix, key=key)
        raw = _source(node, "raw")
        raw_type = node.choice("rawType", RAW_TYPES, required=True)
    return Ratio(node, node.boolean("counter"), good, bad, total, raw, raw_type)


def _source(holder: Mapped, key: str) -> Source | None:
    metric = holder.node(key)
    if metric is None:
        return None
    metric.only("metricSource")
    source = metric.node("metricSource", required=True)
    if source is None:
        return None
    source.only("metricSourceRef", "type", "spec")
    spec = source.node("spec", required=True)
    if spec is not None and not spec.data:
        fix = "Write what the data source reads: query: ..."
        spec.refuse("openslo-required", "is empty", fix)
    return Source(source, source.text("type"), source.name("metricSourceRef"))
