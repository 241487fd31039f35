"""What `--json` prints is the API's own resource: every command that has it is held to the API."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from andon.catalogue import actions as catalogue
from andon.catalogue.models import Service
from andon.cli.main import app
from andon.core import clock
from andon.incidents import actions
from andon.web.api.urls import api
from tests.support import factories as make

pytestmark = [pytest.mark.database, pytest.mark.django_db]

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "fruits-r-us")
#: By command: what it is asked, and the schema of what it prints; [] around it: an array of them.
PRINTS: dict[str, tuple[list[str], str | list[str]]] = {
    "incidents": ([], ["IncidentOut"]),
    "alerts": ([], ["AlertOut"]),
    "oncall": ([], ["RotaRowOut"]),
    "services": ([], ["ServiceRowOut"]),
    "ack": (["INC-1", "--by", "ann"], "IncidentOut"),
    "note": (["INC-1", "looking"], "IncidentOut"),
    "resolve": (["INC-1"], "IncidentOut"),
    "reopen": (["INC-1", "--reason", "not over"], "IncidentOut"),
    "keys list": ([], ["KeyOut"]),
    "costs person": (["ann"], "PayOut"),
    "costs payroll": ([], "PayrollOut"),
    "costs team": (["checkout"], "CostsOut"),
    "costs all": ([], "CostsOut"),
    "costs postings": ([], ["PostingOut"]),
    "costs pitfalls": ([], "PitfallsOut"),
    "plan select": ([], "PortfolioOut"),
    "plan compare": ([], "PoliciesOut"),
    "plan cover": (["--service", "checkout"], "CoversOut"),
    "plan simulate": (["--years", "20"], "SimulationOut"),
    "plan optimise": ([], "PlanOut"),
    "plan forecast": ([], "ForecastOut"),
    "plan what-if": ([EXAMPLE, "--years", "20"], "WhatIfOut"),
    "plan review": ([], "ReviewOut"),
}
#: Two resources at once.
BOTH = {"show": {"incident": "IncidentOut", "timeline": ["EntryOut"]}}
#: The API has nothing of the kind: files, programs on this machine, and what only a command does.
NOT_IN_THE_API = {
    "check",
    "apply",
    "test-page",
    "costs post",
    "telemetry validate",
    "telemetry generate",
    "telemetry diff",
    "telemetry test",
    "telemetry apply",
    "telemetry budget",
}


def commands(command: Any, path: str = "") -> Any:
    for name, one in getattr(command, "commands", {}).items():
        yield from commands(one, f"{path} {name}".strip())
    if any("--json" in parameter.opts for parameter in command.params):
        yield path


def schema(of: Any) -> dict[str, Any]:
    if isinstance(of, dict):
        properties = {name: schema(one) for name, one in of.items()}
        return {"type": "object", "properties": properties, "required": sorted(of)}
    if isinstance(of, list):
        return {"type": "array", "items": schema(of[0]), "minItems": 0}
    return {"$ref": f"#/components/schemas/{of}"}


def printed(*words: str) -> Any:
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_every_command_with_json_is_held_to_the_api_or_said_to_have_nothing_there() -> None:
    assert set(commands(get_command(app))) == {*PRINTS, *BOTH, *NOT_IN_THE_API}


def test_what_is_printed_is_the_resource_of_the_api() -> None:
    catalogue.apply_folder(path=EXAMPLE, by="test", now=clock.now())
    make.key(kind="generic")
    make.page(Service.objects.get(slug="checkout"))
    actions.follow_pages(now=make.NOW)
    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    filled = {"incidents", "alerts", "oncall", "services", "keys list"}
    asked = {name: (words, of) for name, (words, of) in PRINTS.items()}
    asked |= {name: (["INC-1"], of) for name, of in BOTH.items()}
    for name, (words, of) in asked.items():
        found = printed(*name.split(), *words)
        wanted = {**schema(of), "components": document["components"]}
        jsonschema.validate(found, wanted, cls=jsonschema.Draft202012Validator)
        assert found or name not in filled, name
        members = document["components"]["schemas"]
        for row in found if isinstance(of, list) else [found] if isinstance(of, str) else []:
            known = members[of[0] if isinstance(of, list) else of]["properties"]
            assert set(row) <= set(known), name
