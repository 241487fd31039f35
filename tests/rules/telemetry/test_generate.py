"""What is generated for each kind of objective: rules that parse, always the same."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain

import promql_parser
import pytest
import yaml as reader

from andon.catalogue.types import AlertSeverity, Closures, TargetWindow, TelemetryRules
from andon.core.periods import Period
from andon.slo.types import (
    AlertSource,
    Budgeting,
    CalendarWindow,
    CompositePart,
    Estate,
    Evaluator,
    Indicator,
    IndicatorKind,
    Op,
    OwnAlert,
    TimeSlice,
)
from andon.telemetry.rules import generate, render
from andon.telemetry.rules.tests import test_files as files_of_tests
from andon.telemetry.types import Rule
from tests.support.estates import counters, estate, many, objective, subject, varied

BAD = 'http_requests_total{service="checkout",code=~"5.."}'
TOTAL = 'http_requests_total{service="checkout"}'
GOOD = Indicator(IndicatorKind.RATIO, good='ok_total{s="checkout"}', total=TOTAL)
EXPRESSION = Indicator(
    IndicatorKind.RATIO,
    bad='sum(rate(a_total{x="1"}[$window])) + sum(rate(b_total[$window]))',
    total="rate(t_total[$window])",
)
GAUGES = Indicator(IndicatorKind.RATIO, bad="failed", total="every", counter=False)
RAW = Indicator(IndicatorKind.RAW, query='ratio{s="x"}')
SUCCESS = Indicator(IndicatorKind.RAW, query="a / b", is_failure=False)
PROBE = Indicator(
    IndicatorKind.THRESHOLD, query='probe_success{i="x"}', op=Op.GTE, value=Decimal(1)
)
JOURNEY = Indicator(
    IndicatorKind.COMPOSITE,
    parts=(
        CompositePart("web", Decimal(1), counters("checkout")),
        CompositePart("probe", Decimal("0.5"), PROBE),
    ),
)
KINDS = {
    "bad": counters("checkout"),
    "good": GOOD,
    "expression": EXPRESSION,
    "gauges": GAUGES,
    "raw": RAW,
    "success": SUCCESS,
    "probe": PROBE,
    "journey": JOURNEY,
}
START = datetime(2026, 11, 27, tzinfo=UTC)
PEAK = TargetWindow(999_900, START, START + timedelta(days=4), "peak")
WINDOWS = {
    "rolling": {},
    "week": {"window": timedelta(days=7)},
    "calendar": {"calendar": CalendarWindow(datetime(2026, 1, 1), "Europe/London", "month")},  # noqa: DTZ001
    "peak": {"peaks": (PEAK,)},
}


def everything(**rules: object) -> Estate:
    """Return an estate with each kind of indicator, budgeting and window."""
    made = [
        objective("checkout", slug=f"{kind}-{budgeting}-{name}", indicator=indicator,
                  budgeting=budgeting, slices=TimeSlice(timedelta(minutes=1), 990_000), **window)
        for kind, indicator in KINDS.items()
        for budgeting in Budgeting
        for name, window in WINDOWS.items()
    ]  # fmt: skip
    closure = Period(START, START + timedelta(hours=2))
    own = OwnAlert("queue-old", "checkout", "max(age) > 600", AlertSeverity.TICKET, "Old", "https://r",
                   timedelta(minutes=5), labels={"service": "other", "kind": "queue"})  # fmt: skip
    logs = replace(
        own, slug="panics", source=AlertSource.LOGS, expr="_time:5m panic | stats count() n"
    )
    return estate(
        subject("checkout", closures=(closure,)),
        objectives=tuple(made),
        alerts=(own, logs),
        rules=TelemetryRules(**rules),  # type: ignore[arg-type]
    )


def rules_of(made: Estate, engine: Evaluator) -> list[Rule]:
    found = generate.groups(estate=made, engine=engine).values()
    return [rule for group in chain.from_iterable(found) for rule in group.rules]


def one(engine: Evaluator = Evaluator.PROMETHEUS, **changes: object) -> dict[str, Rule]:
    rules = changes.pop("rules", TelemetryRules())
    made = estate(subject("checkout"), objectives=(objective("checkout", **changes),), rules=rules)
    return {rule.name: rule for rule in rules_of(made, engine)}


@pytest.mark.parametrize("engine", Evaluator)
@pytest.mark.parametrize(
    "rules", [{}, {"closures": Closures.EXCLUDED, "least_bad_events": 10}, {"scale": 300}]
)
def test_every_expression_is_promql(engine, rules):
    for rule in rules_of(everything(**rules), engine):
        promql_parser.parse(rule.expr)


@pytest.mark.parametrize("engine", Evaluator)
def test_files_are_the_same_each_time_whatever_the_order_they_came_in(engine):
    made = varied()
    turned = replace(
        made, subjects=made.subjects[::-1], objectives=made.objectives[::-1], alerts=made.alerts
    )
    files = render.rule_files(estate=made, engine=engine)
    assert files == render.rule_files(estate=turned, engine=engine)
    assert [one.path for one in files] == sorted(one.path for one in files)


def test_only_vmalert_is_told_not_to_answer_from_its_cache():
    for engine in Evaluator:
        text = render.rule_files(estate=estate(subject("checkout")), engine=engine)[0].text
        assert ("nocache" in text) is (engine is Evaluator.VMALERT)


def test_every_recorded_series_has_two_labels_and_no_others():
    for rule in rules_of(everything(), Evaluator.VMALERT):
        if not rule.is_alert and rule.name != "slo:info":
            assert set(rule.labels) == {"slo", "service"}


def test_every_alert_carries_what_andon_and_a_tired_person_need():
    for rule in rules_of(everything(), Evaluator.VMALERT):
        if rule.is_alert:
            wanted = {"service", "team", "domain", "tier", "severity", "target", "alert_type"}
            assert wanted <= set(rule.labels), rule.name
            assert rule.labels["source"] == "andon"
            assert rule.labels["severity"] in {"page", "ticket"}
            assert {"summary", "runbook_url", "money_at_risk", "andon_url"} <= set(rule.annotations)


def test_the_text_of_a_page():
    page = one()["SloPageFast"]
    assert page.annotations["money_at_risk"] == "GBP 3,333 a minute"
    assert page.annotations["summary"] == (
        "checkout answers: {{ $value | humanizePercentage }} failed over 1 h, "
        "at least 2% of the error budget is gone"
    )
    said = page.annotations["description"]
    assert "43 min 12 s of full outage" in said
    assert "a full budget lasts 2 d 2 h" in said
    assert "A full outage costs GBP 3,333 a minute." in said
    assert said.endswith("Runbook: https://runbooks.example/checkout")


def test_the_text_of_a_page_is_true_in_a_peak_too():
    page = one(peaks=(PEAK,))["SloPageFast"].annotations
    assert page["summary"].endswith(
        "at least 2% of the error budget of the target in force is gone"
    )
    assert (
        "the target of 99.9% allows 0.1%, in a peak that of 99.99% allows 0.01%."
        in (page["description"])
    )
    assert "43 min 12 s, or 4 min 19.2 s at 99.99% of full outage" in (page["description"])


def test_a_part_that_is_missing_is_not_all_that_is_missing():
    said = one(indicator=JOURNEY)["SloNoData"].annotations["description"]
    assert said.startswith("At least one part of checkout answers was not measured")
    assert "cannot fire" not in said
    assert "cannot fire" in one()["SloNoData"].annotations["description"]


def test_a_runbook_of_a_teams_own_alert_cannot_run_a_template():
    alert = OwnAlert(
        "queue", "checkout", "up == 0", AlertSeverity.PAGE, "s", "https://r.example/{{x"
    )
    made = estate(subject("checkout"), alerts=(alert,))
    (rule,) = [rule for rule in rules_of(made, Evaluator.PROMETHEUS) if rule.name == "Queue"]
    assert rule.annotations["runbook_url"] == 'https://r.example/{{"{{"}}x'


def test_a_title_cannot_run_a_template():
    titled = one(title="{{ query `up` }}")["SloPageFast"].annotations["summary"]
    assert titled.startswith('{{"{{"}} query `up` }}:')


def test_fast_pairs_read_counters_and_slow_ones_what_was_recorded():
    found = one(engine=Evaluator.VMALERT)
    assert "slo:" not in found["SloPageFast"].expr
    for name in ("SloPageSlow", "SloTicketFast", "SloTicketSlow"):
        assert "http_requests_total" not in found[name].expr


@pytest.mark.parametrize(
    ("engine", "good", "scans"),
    [
        (Evaluator.PROMETHEUS, False, 2),
        (Evaluator.VMALERT, False, 2),
        (Evaluator.PROMETHEUS, True, 2),
        (Evaluator.VMALERT, True, 3),
    ],
)
def test_recordings_read_what_is_measured_twice(engine, good, scans):
    """A third time only where good events are counted, for vmalert: it must not mix instants."""
    changes = {"indicator": GOOD} if good else {}
    found = one(engine=engine, **changes)
    recorded = [rule.expr for rule in found.values() if not rule.is_alert]
    assert sum(len(re.findall(r"_total\{s[^}]*\}\[", expr)) for expr in recorded) == scans


def test_no_long_window_is_a_mean_of_ratios():
    for rule in rules_of(everything(), Evaluator.PROMETHEUS):
        assert "avg_over_time(slo:" not in rule.expr
        assert "slo:error_ratio" not in rule.expr


def test_a_target_in_force_follows_its_peaks():
    found = one(peaks=(PEAK,))
    assert found["slo:target:ratio"].expr == (
        "(vector(0.9999) and ((vector(time()) >= 1795737600) < 1796083200)) or vector(0.999)"
    )
    assert "vector(0.00144)" in found["SloPageFast"].expr
    assert "slo:allowed:rate5m" in found["slo:budget_left:ratio"].expr


def test_a_peak_below_the_ordinary_target_changes_nothing():
    low = replace(PEAK, target_ppm=990_000)
    assert one(peaks=(low,))["slo:target:ratio"].expr == "vector(0.999)"


def test_calendar_windows_have_no_rolling_budget():
    assert not {"slo:error_ratio:period", "slo:budget_left:ratio"} & set(one(**WINDOWS["calendar"]))


@pytest.mark.parametrize("policy", Closures)
def test_closures_count_unless_the_organisation_excludes_them(policy):
    made = everything(closures=policy)
    guarded = [rule for rule in rules_of(made, Evaluator.PROMETHEUS) if "unless" in rule.expr]
    assert bool(guarded) is (policy is Closures.EXCLUDED)


def test_few_bad_events_page_nobody_where_that_is_asked_for():
    rules = TelemetryRules(least_bad_events=10)
    found = one(rules=rules)
    assert found["SloPageFast"].expr.endswith(" * 3600 >= 10)")
    assert found["SloPageSlow"].expr.endswith(" * 60 >= 10)")
    assert ">= 10" not in found["SloTicketFast"].expr
    assert ">= 10" not in one(rules=rules, indicator=PROBE)["SloPageFast"].expr


def test_a_teams_own_alert_cannot_pass_for_another_service():
    own = next(r for r in rules_of(everything(), Evaluator.PROMETHEUS) if r.name == "QueueOld")
    assert own.labels["service"] == "checkout"
    assert own.labels["kind"] == "queue"
    assert own.annotations["runbook_url"] == "https://r"
    assert own.lasts == timedelta(minutes=5)


def test_alerts_from_logs_are_in_a_folder_of_their_own():
    files = render.rule_files(estate=everything(), engine=Evaluator.VMALERT)
    assert [one.path for one in files] == [
        "vmalert/rules/checkout.yml",
        "vmalert-logs/rules/checkout.yml",
    ]
    (group,) = reader.safe_load(files[1].text)["groups"]
    assert group["type"] == "vlogs"
    assert [rule["alert"] for rule in group["rules"]] == ["Panics"]
    assert len(render.rule_files(estate=everything(), engine=Evaluator.PROMETHEUS)) == 1


def test_a_rehearsal_divides_windows_and_keeps_names():
    found = one(rules=TelemetryRules(scale=60))
    assert "[1m]" in found["SloPageFast"].expr
    assert "[5s]" in found["SloPageFast"].expr
    assert "[72m]" in found["slo:error_ratio:3d"].expr


def test_what_was_left_out_is_said_at_the_head_of_the_file():
    made = estate(subject("payroll"), objectives=(objective("payroll", target_ppm=900_000),))
    head = render.rule_files(estate=made, engine=Evaluator.PROMETHEUS)[0].text.splitlines()[1]
    assert head.startswith("# payroll goes without page-fast: it could never fire")


def test_names_of_groups_are_all_different():
    groups = chain.from_iterable(
        generate.groups(estate=many(50), engine=Evaluator.VMALERT).values()
    )
    names = [group.name for group in groups]
    assert len(names) == len(set(names)) == 150


def test_expressions_nobody_can_feed_are_said_to_be_untested():
    made = estate(
        subject("checkout"),
        objectives=(
            objective("checkout"),
            objective("checkout", slug="z", indicator=EXPRESSION),
        ),
    )
    (file,) = files_of_tests(estate=made)
    assert file.path == "prometheus/tests/checkout.test.yml"
    assert "# z is not tested: " in file.text
