"""What folders declare about telemetry: every mistake by line and rule, and disagreements."""

import re
from collections import Counter

import pytest

from andon.catalogue.rules.documents.annotations import TELEMETRY
from andon.core.documents.source import read_folder
from andon.slo.rules.documents import check_folder, estate_of
from andon.slo.rules.documents.rulebook import RULES
from andon.slo.types import IndicatorKind
from tests.support.declared import (
    EXAMPLE,
    HERE,
    ROOT,
    slo,
)
from tests.support.folders import write_folder


def marked() -> Counter:
    found: Counter = Counter()
    for path in HERE.iterdir():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for rule in line.partition("#!")[2].split():
                found[path.name, number, rule] += 1
    return found


def test_every_marked_line_is_reported_and_no_other():
    found = Counter(
        (one.file, one.line, one.rule) for one in check_folder(read_folder(HERE)).problems
    )
    wanted = marked()
    assert found - wanted == Counter(), "reported, but not marked"
    assert wanted - found == Counter(), "marked, but not reported"


def test_the_rulebook_holds_the_rules_in_the_code_and_the_page_explains_them():
    package = ROOT / "src" / "andon" / "slo" / "rules" / "documents"
    code = "".join(path.read_text() for path in package.rglob("*.py") if path.stem != "rulebook")
    used = set(re.findall(r'"((?:slo|alert|openslo)-[a-z-]+)"', code))
    used -= {name.removeprefix("andon.dev/") for name in TELEMETRY} - {"slo-latency"}
    code = (ROOT / "src" / "andon" / "slo" / "rules" / "refuse.py").read_text()
    used |= set(re.findall(r'"((?:slo|alert)-[a-z]+(?:-[a-z]+)?)",', code))
    assert used == set(RULES)
    page = (ROOT / "docs" / "slo.md").read_text()
    assert [rule for rule in RULES if f"`{rule}`" not in page] == []


class TestDisagreements:
    def test_both_places_are_named(self):
        found = {(one.file, one.line): one for one in check_folder(read_folder(HERE)).problems}
        target = found["wrong.yaml", 12]
        assert "is 99.0%, but the availability target of orders is 99.9%" in target.message
        assert "(organisation.yaml:46)" in target.message
        assert "Write target: 0.999" in target.fix
        assert "(organisation.yaml:8)" in found["wrong.yaml", 8].message
        assert "(organisation.yaml:49)" in found["wrong.yaml", 19].message

    def test_a_reason_lets_target_and_window_differ_and_there_are_no_peaks_then(self):
        (found,) = slo(
            ANNOTATIONS="andon.dev/target-reason: slow is not down",
            OBJECTIVES="[{targetPercent: 95}]",
            WINDOW="{duration: 4w, isRolling: true}",
        )
        assert (found.target_ppm, found.window.days, found.peaks) == (950_000, 28, ())
        assert found.target_reason == "slow is not down"

    def test_a_reason_that_is_not_needed_is_not_kept(self):
        (found,) = slo(ANNOTATIONS="andon.dev/target-reason: why not")
        assert found.target_reason == ""

    def test_equal_peaks_may_be_repeated(self):
        (found,) = slo(
            ANNOTATIONS='"andon.dev/peak-windows": "2027-11-25/2027-12-01=99.9"',
        )
        assert [one.target_ppm for one in found.peaks] == [999_000]


def test_the_sample_declares_an_slo_for_every_service_and_has_no_problem():
    checked = check_folder(read_folder(EXAMPLE))
    assert checked.problems == ()
    assert {one.service for one in checked.objectives} == set(checked.catalogue.services)
    kinds = {one.indicator.kind for one in checked.objectives}
    assert kinds == {IndicatorKind.RATIO, IndicatorKind.THRESHOLD, IndicatorKind.COMPOSITE}
    assert [one.slug for one in checked.alerts] == ["checkout-payments-queue"]


def test_an_estate_is_sorted_and_needs_an_organisation(tmp_path):
    estate = estate_of(
        check_folder(read_folder(write_folder(tmp_path / "f", services=4))), "https://a.example/"
    )
    for found in (estate.subjects, estate.objectives):
        assert [one.slug for one in found] == sorted(one.slug for one in found)
    assert estate.andon_url == "https://a.example"
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no organisation"):
        estate_of(check_folder(read_folder(tmp_path / "empty")))
