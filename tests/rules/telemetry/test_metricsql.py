"""An objective in MetricsQL costs Prometheus that objective, never the files of all the others."""

from pathlib import Path

import pytest

from andon.core.documents.problems import Gravity
from andon.slo.rules.documents import estate_of, stored
from andon.slo.types import Evaluator
from andon.telemetry.rules import notes, render
from andon.telemetry.rules.tests import test_files as files_of_tests
from tests.support.declared import DEFAULTS, SLO, check

#: What only VictoriaMetrics reads, by a query that says it. The last two are words that the parser
#: of PromQL lets pass.
FOREIGN = [
    "rollup_rate(lost[$window])",
    "sum_over_time(lost[$window]) default 0",
    "with (a = sum_over_time(lost[$window])) a",
    'lost{code=\\"500\\" or code=\\"502\\"}',
    "mad_over_time(lost[$window])",
]


def declared(query: str, *, kind: str = "VictoriaMetrics"):
    """Return what is checked of one objective with a query of a kind of source."""
    text = SLO.replace("type: Prometheus, spec: {query: lost}", "SOURCE")
    for word, value in DEFAULTS.items():
        text = text.replace(word, value)
    return check(text.replace("SOURCE", f'type: {kind}, spec: {{query: "{query}"}}'))


def written(folder: Path, estate, engine: Evaluator) -> list[Path]:
    paths = []
    for file in [*render.rule_files(estate=estate, engine=engine), *files_of_tests(estate=estate)]:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
        paths.append(path)
    return paths


@pytest.mark.parametrize("query", FOREIGN)
def test_an_objective_in_metricsql_is_left_out_for_prometheus_and_said_there(query):
    checked = declared(query)
    (told,) = [one for one in checked.problems if one.rule == "slo-query"]
    assert told.gravity is Gravity.WARNING
    assert told.fix.startswith("Only vmalert evaluates it: it is left out of the rules for Prom")
    estate = estate_of(checked, andon_url="")
    assert notes.only_vmalert(estate.objectives) == ["orders-slo"]
    texts = {
        engine: {one.path: one.text for one in render.rule_files(estate=estate, engine=engine)}
        for engine in Evaluator
    }
    for_prometheus = texts[Evaluator.PROMETHEUS]["prometheus/rules/orders.yml"]
    assert "# orders-slo is left out here: its query is MetricsQL" in for_prometheus
    assert 'slo: "orders-slo"' not in for_prometheus
    assert 'slo: "orders-slo"' in texts[Evaluator.VMALERT]["vmalert/rules/orders.yml"]
    assert all("orders-slo" not in one.text for one in files_of_tests(estate=estate))


@pytest.mark.parametrize("query", FOREIGN)
def test_what_is_kept_of_it_says_so_too(query):
    (one,) = [each for each in declared(query).objectives if each.slug == "orders-slo"]
    document = stored.objective_document(one)
    again = stored.stored_objective(slug=one.slug, document=document, declared_at=one.declared_at)
    assert again == one
    assert not again.indicator.is_for(Evaluator.PROMETHEUS)


@pytest.mark.parametrize("query", FOREIGN[:4])
def test_prometheus_is_not_asked_in_metricsql(query):
    (refused,) = declared(query, kind="Prometheus").errors
    assert refused.rule == "slo-query"


def test_a_function_that_not_every_prometheus_knows_is_a_warning():
    checked = declared(FOREIGN[4], kind="Prometheus")
    (told,) = checked.problems
    assert (told.gravity, "mad_over_time" in told.message) == (Gravity.WARNING, True)
    assert all(one.indicator.is_for(Evaluator.PROMETHEUS) for one in checked.objectives)
