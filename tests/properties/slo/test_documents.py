"""Nothing in a file ends the check, and what is stored is what was declared."""

import copy
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import AlertSeverity, BurnTier, TargetWindow
from andon.core.documents.document import Document
from andon.core.documents.source import read_folder, read_text
from andon.slo.rules.documents import check_documents, promql, stored
from andon.slo.rules.documents.openslo.read import _READERS, read
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
from tests.support.declared import BASE

ROOT = Path(__file__).parents[3]
VALID = ROOT / "tests" / "rules" / "slo" / "openslo" / "valid"
SERVICES = """
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: {}
  annotations:
    andon.dev/availability-target: "99.9"
    andon.dev/runbook: https://runbooks.example
spec: {{type: service, lifecycle: production, owner: team-a}}
"""
WORDS = (
    "apiVersion", "kind", "metadata", "spec", "name", "displayName", "labels", "annotations",
    "service", "indicator", "indicatorRef", "timeWindow", "duration", "isRolling", "calendar",
    "startTime", "timeZone", "budgetingMethod", "objectives", "op", "value", "target",
    "targetPercent", "timeSliceTarget", "timeSliceWindow", "compositeWeight", "alertPolicies",
    "alertPolicyRef", "conditions", "conditionRef", "notificationTargets", "targetRef", "severity",
    "condition", "threshold", "lookbackWindow", "alertAfter", "thresholdMetric", "ratioMetric",
    "counter", "good", "bad", "total", "raw", "rawType", "metricSource", "metricSourceRef", "type",
    "query", "description", "expr", "logs", "for", "runbook", "summary", "owner",
)  # fmt: skip
VALUES = (
    "openslo/v1", "Occurrences", "Timeslices", "30d", "1M", "0d", "2026-01-01 00:00:00", "UTC",
    "Europe/London", "lt", "orders", "burnrate", "page", "success", "x_total", "rate(x[$window])",
    "sum(", "Prometheus", "a", "true", "andon.dev/target-reason", *_READERS,
)  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(VALUES),
    st.text(max_size=8),
)
KEYS = st.sampled_from(WORDS) | st.text(max_size=5)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, min_size=1, max_size=6)
    ),
    max_leaves=25,
)
MAPPINGS = st.dictionaries(KEYS, TREES, max_size=8)


@st.composite
def documents(draw):
    """Return a document that is nearly of some kind."""
    spec = draw(MAPPINGS)
    if draw(st.booleans()):
        spec |= {
            "service": "orders",
            "budgetingMethod": "Timeslices",
            "timeWindow": [{"duration": "30d", "isRolling": True, **draw(MAPPINGS)}],
            "objectives": [{"target": 0.999, **draw(MAPPINGS)}],
            "indicator": {"metadata": {"name": "i"}, "spec": draw(MAPPINGS)},
        } | draw(MAPPINGS)
    metadata = {"name": draw(st.sampled_from(("a", "b", "orders"))), **draw(MAPPINGS)}
    ours = draw(st.booleans())
    return {
        "apiVersion": "openslo/v1" if ours else "andon.dev/v1",
        "kind": draw(st.sampled_from(list(_READERS))) if ours else "AlertRule",
        "metadata": metadata,
        "spec": spec,
    }


@settings(max_examples=300, deadline=None)
@given(st.lists(TREES, max_size=3))
def test_no_tree_ends_the_reader(trees):
    found = []
    read([Document("f", 1, tree) for tree in trees], found.append)
    assert all(one.fix and one.message and one.line == 1 for one in found)


@settings(max_examples=300, deadline=None)
@given(st.lists(documents(), max_size=3))
def test_no_document_ends_the_check_and_what_it_lets_pass_can_be_stored(trees):
    base, _ = read_text(BASE, file="base.yaml")
    checked = check_documents([*base, *(Document("f", 1, tree) for tree in trees)])
    for one in checked.objectives:
        assert round_trip(one) == one
    for alert in checked.alerts:
        assert stored_alert(alert) == alert


def paths(value, path=()):
    """Yield the path of everything in a tree."""
    if not isinstance(value, dict | list):
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        yield from paths(inner, (*path, key))


@st.composite
def mutants(draw):
    """Return the sample's documents with one value replaced, taken out or doubled."""
    document = copy.deepcopy(draw(st.sampled_from(GOOD)))
    path = draw(st.sampled_from(list(paths(document))))
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    if draw(st.booleans()):
        holder[path[-1]] = draw(TREES)
    elif isinstance(holder, dict):
        del holder[path[-1]]
    else:
        holder.append(holder[path[-1]])
    return document


GOOD = [
    one.data
    for path in (
        ROOT / "examples" / "fruits-r-us" / "shopping" / "objectives.yaml",
        VALID / "references.yaml",
        VALID / "composite.yaml",
    )
    for one in read_folder(path).documents
]


@settings(max_examples=400, deadline=None)
@given(mutants())
def test_a_document_with_one_mistake_never_ends_the_check(document):
    services = SERVICES.format("checkout") + SERVICES.format("parcels") + SERVICES.format("shop")
    base, _ = read_text(BASE + services, file="base.yaml")
    others = [Document("f", 1, one) for one in GOOD if one["kind"] in ("SLI", "DataSource")]
    checked = check_documents([*base, *others, Document("g", 1, document)])
    for one in checked.objectives:
        assert round_trip(one) == one
    for alert in checked.alerts:
        assert stored_alert(alert) == alert
    assert all(one.fix and one.message for one in checked.problems)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="x{}[]()=~\"'$window5m+-*/ sumrate,byor", max_size=120))
def test_no_text_ends_the_parser(text):
    try:
        parsed = promql.parse(text)
    except promql.UnreadableQuery:
        return
    assert parsed is not None


TEXT = st.text(
    alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20
)
SPANS = st.integers(1, 400 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
DECIMALS = st.decimals(0, 1000, allow_nan=False, allow_infinity=False, places=6)
PPM = st.integers(1, 999_999)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - made aware below
INSTANTS = MOMENTS.map(lambda moment: moment.replace(tzinfo=UTC))
LEAVES = st.one_of(
    st.builds(Indicator, st.just(IndicatorKind.RATIO), bad=TEXT, total=TEXT, counter=st.booleans()),
    st.builds(Indicator, st.just(IndicatorKind.RAW), query=TEXT, is_failure=st.booleans()),
    st.builds(
        Indicator,
        st.just(IndicatorKind.THRESHOLD),
        query=TEXT,
        op=st.sampled_from(Op),
        value=DECIMALS,
    ),
)
COMPOSITES = st.lists(st.builds(CompositePart, TEXT, DECIMALS, LEAVES), min_size=1, max_size=3).map(
    lambda parts: Indicator(IndicatorKind.COMPOSITE, parts=tuple(parts))
)
PEAKS = st.builds(TargetWindow, PPM, INSTANTS, INSTANTS, st.just("peak"))
TIERS = st.builds(BurnTier, TEXT, st.sampled_from(AlertSeverity), SPANS, SPANS, DECIMALS)
CALENDARS = st.builds(
    CalendarWindow, MOMENTS, st.just("Europe/London"), st.sampled_from(("day", "month")),
    st.integers(1, 9),
)  # fmt: skip
LABELS = st.dictionaries(TEXT, TEXT, max_size=3)
OBJECTIVES = st.builds(
    Objective,
    slug=st.just("slug"),
    title=TEXT,
    service=TEXT,
    indicator=LEAVES | COMPOSITES,
    target_ppm=PPM,
    window=SPANS,
    peaks=st.lists(PEAKS, max_size=2).map(tuple),
    calendar=st.none() | CALENDARS,
    budgeting=st.sampled_from(Budgeting),
    slices=st.none() | st.builds(TimeSlice, SPANS, st.none() | st.integers(1, 1_000_000)),
    description=TEXT,
    tiers=st.lists(TIERS, max_size=2).map(tuple),
    without=st.frozensets(TEXT, max_size=2),
    target_reason=TEXT,
    labels=LABELS,
    declared_at=st.just("f.yaml:3"),
)
ALERTS = st.builds(
    OwnAlert,
    slug=st.just("slug"),
    service=TEXT,
    expr=TEXT,
    severity=st.sampled_from(AlertSeverity),
    summary=TEXT,
    runbook_url=TEXT,
    lasts=SPANS,
    description=TEXT,
    source=st.sampled_from(AlertSource),
    labels=LABELS,
    declared_at=st.just("f.yaml:3"),
)


def round_trip(one):
    kept = json.loads(json.dumps(stored.objective_document(one), allow_nan=False))
    return stored.stored_objective(slug=one.slug, document=kept, declared_at=one.declared_at)


def stored_alert(one):
    kept = json.loads(json.dumps(stored.alert_document(one), allow_nan=False))
    return stored.stored_alert(slug=one.slug, document=kept, declared_at=one.declared_at)


@settings(max_examples=200, deadline=None)
@given(OBJECTIVES)
def test_an_objective_comes_back_as_it_was(one):
    assert round_trip(one) == one


@settings(max_examples=100, deadline=None)
@given(ALERTS)
def test_an_alert_comes_back_as_it_was(one):
    assert stored_alert(one) == one


@given(st.integers(0, 10**9))
def test_a_span_is_written_in_its_largest_whole_unit(seconds):
    text = stored.span(timedelta(seconds=seconds))
    assert stored.parse_duration(text) == timedelta(seconds=seconds)
    assert Decimal(text.strip("PTDHMS") or 0) >= 0
