"""What machines read has one form each, and what people read one wording: core says both."""

import ast
import re
from collections.abc import Iterator

from andon.web.api.urls import api
from tests.support.tree import PACKAGE, sources

#: Numbers of the API that are neither money nor shares nor lengths: counts, rates and factors.
NUMBERS = {
    "BudgetOut.bad": "events, or seconds where time is counted",
    "BudgetOut.total": "events, or seconds where time is counted",
    "BudgetOut.expected_total": "events, or seconds where time is counted",
    "BudgetOut.burn": "times faster than even",
    "LossOut.parameters": "of the method, as it is described",
    "PitfallOut.value": "in the unit of the pitfall",
    "PitfallOut.threshold": "in the unit of the pitfall",
    "SignalOut.value": "in the unit of the pitfall",
    "SignalOut.threshold": "in the unit of the pitfall",
    "InsuredOut.incidents_per_year": "a rate",
    "VerdictOut.callouts_per_year": "a rate",
    "VerdictOut.incidents_per_year": "a rate",
    "VerdictOut.break_even": "a rate",
}
#: Instants that are called otherwise than `..._at`, as people ask for them.
INSTANTS = {"at", "since", "until", "held_until", "next_working_hours", "deployments"}
#: The one resource of each.
FORMS = {"minor": "MoneyOut", "ppm": "ShareOut"}
#: Where a quantity is written otherwise, and why.
ELSEWHERE = {
    "core/words.py": "says them",
    "core/documents/slips.py": "reads what people write by mistake",
    "catalogue/rules/documents/telemetry.py": "ISO 8601, as files have it",
    "slo/rules/documents/stored.py": "ISO 8601, as files have it",
    "slo/rules/documents/openslo/bind.py": "a number as OpenSLO has it",
    "core/documents/writing.py": "ISO 8601, as files have it",
    "telemetry/rules/promql.py": "PromQL",
    "slo/rules/promql.py": "PromQL",
    "cli/sample/metrics.py": "arithmetic of a made-up day",
    "web/portal/views/sign_in.py": "the life of a cookie",
    "integrations/grafana/objective.py": "thresholds of a panel",
}
_SPELT = re.compile(
    r"% 60\b|// ?60\b|// ?3_?600\b|86_?400\b"
    r"|\} (?:min|h|d|minutes|hours)\b(?! \{)"
    r"|:\.\{?\w*\}?%\}|:%\}|\* 100:"
    r"|'s' if|else 's'\}|\"s\" if"
    r"|\{len\(\w+\) - \w+\} others"
)


def texts() -> dict[str, str]:
    return {str(path.relative_to(PACKAGE)): path.read_text() for path in sources()}


def _parts(schema: dict) -> Iterator[dict]:
    yield schema
    for name in ("anyOf", "allOf", "oneOf"):
        for one in schema.get(name, ()):
            yield from _parts(one)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from _parts(schema[name])


def members() -> Iterator[tuple[str, str, list[dict]]]:
    schemas = api.get_openapi_schema(path_prefix="")["components"]["schemas"]
    for resource, schema in schemas.items():
        for name, member in schema.get("properties", {}).items():
            yield resource, name, list(_parts(member))


def test_every_amount_and_every_share_has_the_one_form():
    found = {(resource, name) for resource, name, _ in members() if name in FORMS}
    assert found == {(resource, name) for name, resource in FORMS.items()}


def test_a_number_of_the_api_is_a_count_a_rate_or_a_factor():
    """Money, shares and lengths are components of their own, so that none is a bare number."""
    found = {
        f"{resource}.{name}"
        for resource, name, parts in members()
        if any(part.get("type") == "number" for part in parts)
    }
    assert found == set(NUMBERS)


def test_no_length_has_its_unit_in_its_name():
    assert not [name for _, name, _ in members() if name.endswith(("_seconds", "_minutes"))]


def test_instants_and_periods_are_called_alike():
    instants = {
        name
        for _, name, parts in members()
        if any(part.get("format") == "date-time" for part in parts)
    }
    assert {name for name in instants if not name.endswith("_at")} == INSTANTS
    ends = {resource for resource, name, _ in members() if name == "ends_at"}
    assert ends == {r for r, name, _ in members() if name == "starts_at"} & ends


def test_resources_are_read_from_values_and_not_built_member_by_member():
    built = {
        f"{path}:{call.lineno} {call.func.id}"
        for path, text in texts().items()
        if path.startswith("web/api/")
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id.endswith(("Out", "Ref"))
    }
    assert built == set()


def test_nobody_spells_a_quantity_otherwise():
    found = {
        path: hits
        for path, text in texts().items()
        if path.endswith(".py") and path not in ELSEWHERE and (hits := _SPELT.findall(text))
    }
    assert found == {}


def test_a_spelling_of_ones_own_would_be_found():
    own = ["f'{hours} h {minutes} min'", "f'{share:.1%}'", "seconds // 60", "{'s' if n else ''}"]
    assert all(_SPELT.search(one) for one in own)
    assert not _SPELT.search("f'{say_span(length)} ago'")
