"""What is generated for each kind of objective: rules that parse, always the same."""

import yaml as reader

from andon.slo.types import (
    Evaluator,
)
from andon.telemetry.rules import generate, render
from tests.rules.telemetry.test_generate import everything


def test_files_are_read_back_as_the_rules_they_were_made_of():
    made = everything()
    for engine in Evaluator:
        file = render.rule_files(estate=made, engine=engine)[0]
        read = reader.safe_load(file.text)["groups"]
        groups = generate.groups(estate=made, engine=engine)["checkout"]
        assert [group["name"] for group in read] == [group.name for group in groups]
        for theirs, ours in zip(read, groups, strict=True):
            assert [rule["expr"] for rule in theirs["rules"]] == [rule.expr for rule in ours.rules]
            for rule, mine in zip(theirs["rules"], ours.rules, strict=True):
                assert rule.get("labels", {}) == dict(mine.labels)
                assert rule.get("annotations", {}) == dict(mine.annotations)
