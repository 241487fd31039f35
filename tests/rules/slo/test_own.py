"""Andon as one of the services it generates for."""

from dataclasses import replace

import pytest

from andon.slo.rules import own
from andon.slo.types import Evaluator
from andon.telemetry.rules import generate
from tests.support import estates

PLAIN = estates.estate(estates.subject("checkout"))
NAMES = ["andon-delivery", "andon-engine", "andon-intake", "andon-web"]


def test_andon_is_added_as_a_service_like_any() -> None:
    watched = own.with_own(estate=PLAIN)
    assert [each.slug for each in watched.subjects] == ["andon", "checkout"]
    assert [each.slug for each in watched.objectives] == [*NAMES, "checkout"]
    andon = watched.subjects[0]
    assert andon.scrape_job == "andon"
    assert andon.runbook_url.endswith("docs/self-monitoring.md")
    assert replace(watched, subjects=PLAIN.subjects, objectives=PLAIN.objectives) == PLAIN


def test_doing_it_twice_adds_nothing() -> None:
    once = own.with_own(estate=PLAIN)
    assert own.with_own(estate=once) == once


def test_what_the_catalogue_declares_about_andon_stays() -> None:
    declared = estates.subject(
        "andon", team="platform", target_ppm=995_000, scrape_job="paging", runbook_url="https://x/"
    )
    lax = estates.objective("andon", slug="andon-engine", target_ppm=900_000)
    watched = own.with_own(estate=estates.estate(declared, objectives=(lax,)))
    assert watched.subjects == (declared,)
    targets = {each.slug: each.target_ppm for each in watched.objectives}
    assert targets == {**dict.fromkeys(NAMES, 995_000), "andon-engine": 900_000}


@pytest.mark.parametrize("engine", list(Evaluator))
def test_it_gets_the_rules_of_any_service(engine: Evaluator) -> None:
    groups = generate.groups(estate=own.with_own(estate=PLAIN), engine=engine)
    rules = [rule for group in groups["andon"] for rule in group.rules]
    for name in NAMES:
        mine = {rule.name for rule in rules if rule.labels.get("slo") == name}
        assert {"slo:bad:rate5m", "slo:budget_left:ratio", "SloPageFast", "SloNoData"} <= mine
    assert "SloTargetDown" in {rule.name for rule in rules}
    alerts = [rule for rule in rules if rule.is_alert]
    assert {rule.labels["service"] for rule in alerts} == {"andon"}
    assert all(rule.annotations["runbook_url"] for rule in alerts)
