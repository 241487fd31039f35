"""The schemas editors use, and the checker, agree."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from andon.catalogue.rules.documents.annotations import known
from andon.catalogue.rules.documents.check import check_documents
from andon.catalogue.types.written import keys
from andon.core.documents.source import read_folder, read_text
from scripts import declared

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT / "src" / "andon" / "catalogue" / "schemas"
EXAMPLE = ROOT / "examples" / "fruits-r-us"
CONTENTS = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
REGISTRY = Registry().with_resources(
    (name, Resource.from_contents(content, DRAFT7)) for name, content in CONTENTS.items()
)
WHOLE = Draft7Validator(CONTENTS["catalogue.json"], registry=REGISTRY)

COMPONENT = """apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  annotations:
    andon.dev/availability-target: "99.9"
spec: {type: service, lifecycle: production, owner: team-a}
"""
ROTA = """apiVersion: andon.dev/v1
kind: Rota
metadata: {name: team-a}
spec:
  team: team-a
  rotation: {unit: week, every: 1, handover: "09:00", startsOn: 2026-01-05}
  participants: [ann, ben, cat]
"""
ORGANISATION = """apiVersion: andon.dev/v1
kind: Organisation
metadata: {name: org}
spec: {currency: GBP, pay: {standbyPerWeek: GBP 700}}
"""
USER = """apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ann}
spec: {profile: {email: ann@fruits.example}, memberOf: []}
"""

#: A sentence; the document it is about; what is replaced by what.
BROKEN = {
    "a name with a space": (COMPONENT, "name: checkout", "name: check out"),
    "a target that is a number": (COMPONENT, '"99.9"', "99.9"),
    "a target that is not one": (COMPONENT, '"99.9"', "high"),
    "an annotation nobody reads": (COMPONENT, "availability-target", "availabilty-target"),
    "no owner": (COMPONENT, ", owner: team-a", ""),
    "two owners": (COMPONENT, "owner: team-a", "owner: [team-a, team-b]"),
    "a status in a file": (COMPONENT, "spec:", "status: {}\nspec:"),
    "a key at the root": (COMPONENT, "spec:", "specs: {}\nspec:"),
    "a version that is not": (COMPONENT, "v1alpha1", "v2"),
    "a dependency without a kind": (COMPONENT, "owner: team-a", "owner: team-a, dependsOn: [x]"),
    "an unreadable exposure": (
        COMPONENT,
        "andon.dev/availability-target",
        "andon.dev/financial-exposure-per-hour: lots\n    andon.dev/availability-target",
    ),
    "a negative exposure": (
        COMPONENT,
        "andon.dev/availability-target",
        "andon.dev/financial-exposure-per-hour: GBP -5\n    andon.dev/availability-target",
    ),
    "an unreadable window": (
        COMPONENT,
        "andon.dev/availability-target",
        "andon.dev/peak-windows: xmas\n    andon.dev/availability-target",
    ),
    "an unknown deployment target": (
        COMPONENT,
        "andon.dev/availability-target",
        "andon.dev/deployment-target: yearly\n    andon.dev/availability-target",
    ),
    "a blast radius in words": (
        COMPONENT,
        "andon.dev/availability-target",
        "andon.dev/blast-radius: half\n    andon.dev/availability-target",
    ),
    "a negative cap": (
        COMPONENT,
        "andon.dev/availability-target",
        "andon.dev/loss-cap: GBP -1\n    andon.dev/availability-target",
    ),
    "a week in words": (
        COMPONENT,
        "andon.dev/availability-target",
        "andon.dev/trading-week: daytime\n    andon.dev/availability-target",
    ),
    "a season with a year": (
        COMPONENT,
        "andon.dev/availability-target",
        "andon.dev/seasons: 2026-11-20/2026-12-25=3\n    andon.dev/availability-target",
    ),
    "a tag in capitals": (COMPONENT, "name: checkout", "name: checkout\n  tags: [JAVA]"),
    "a relative link": (COMPONENT, "name: checkout", "name: checkout\n  links: [{url: x}]"),
    "a link to no host": (
        COMPONENT,
        "name: checkout",
        'name: checkout\n  links: [{url: "http://"}]',
    ),
    "a misspelt kind of Backstage's": (COMPONENT, "kind: Component", "kind: Componet"),
    "a misspelt kind of ours": (ROTA, "kind: Rota", "kind: Rotas"),
    "an empty title": (COMPONENT, "name: checkout", 'name: checkout\n  title: ""'),
    "a rota of nobody": (ROTA, "[ann, ben, cat]", "[]"),
    "a rota of no one's": (ROTA, "  team: team-a\n", ""),
    "a rota of two": (ROTA, "team: team-a\n", "team: team-a\n  domain: x\n"),
    "a rota of unknown hours": (ROTA, "team: team-a\n", "team: team-a\n  covers: nights\n"),
    "a rotation by the month": (ROTA, "unit: week", "unit: month"),
    "a handover of one digit": (ROTA, '"09:00"', '"9:00"'),
    "a rotation without a start": (ROTA, ", startsOn: 2026-01-05", ""),
    "a rota key nobody reads": (ROTA, "team: team-a\n", "team: team-a\n  covered: x\n"),
    "a rota with a Backstage version": (ROTA, "andon.dev/v1", "backstage.io/v1alpha1"),
    "no currency": (ORGANISATION, "currency: GBP, ", ""),
    "a preset that is not": (
        ORGANISATION,
        "currency: GBP",
        "currency: GBP, availabilityTargets: {preset: acme}",
    ),
    "a grace in words": (ORGANISATION, "currency: GBP", "currency: GBP, retirementGrace: long"),
    "an assumption nobody makes": (
        ORGANISATION,
        "currency: GBP",
        "currency: GBP, planning: {x: 1}",
    ),
    "a negative assumption": (
        ORGANISATION,
        "currency: GBP",
        "currency: GBP, planning: {sigma: -1}",
    ),
    "an organisation key nobody reads": (ORGANISATION, "pay:", "payment:"),
    "a person without teams": (USER, ", memberOf: []", ""),
    "an address without an @": (USER, "ann@fruits.example", "ann"),
}
GOOD = f"{ORGANISATION}---\n{ROTA}---\n{COMPONENT}---\n{USER}"


def schema_errors(text: str) -> list[str]:
    documents, problems = read_text(text, file="f.yaml")
    assert not problems
    return [error.message for one in documents for error in WHOLE.iter_errors(one.data)]


def checker_errors(text: str) -> set[str]:
    documents, problems = read_text(text, file="f.yaml")
    found = check_documents(documents, problems)
    # Whether a reference leads somewhere is more than one document's business.
    beyond = {"reference", "organisation-once", "cover-rota", "catch-all", "rota-small"}
    return {one.rule for one in found.errors} - beyond


def test_the_schemas_and_the_table_of_annotations_say_what_is_declared():
    assert declared.stale() == [], "python scripts/declared.py writes them"


def test_the_page_names_every_key_of_an_organisation_and_of_a_rota():
    page = (ROOT / "docs" / "catalogue.md").read_text()
    names = {one.name for one in keys("organisation", "") + keys("rota", "spec")}
    assert {one for one in names if f"`{one}`" not in page} == set()


def test_the_schemas_are_schemas():
    for content in CONTENTS.values():
        Draft7Validator.check_schema(content)


def test_the_example_is_good_by_the_schemas():
    _, documents, problems = read_folder(EXAMPLE)
    assert not problems
    errors = [(one.file, e.message) for one in documents for e in WHOLE.iter_errors(one.data)]
    assert errors == []


INSURED = COMPONENT.replace(
    "spec:",
    """    andon.dev/incidents-per-year: "7.5"
    andon.dev/time-to-restore: PT45M
    andon.dev/time-to-restore-sigma: "0.8"
    andon.dev/blast-radius: 40%
    andon.dev/loss-cap: GBP 20000
    andon.dev/incident-cost: GBP 250.50
    andon.dev/shuttered-share: "0.2"
    andon.dev/trading-week: mon-fri 08:00-20:00=10, sat 09:00-24:00=5
    andon.dev/seasons: 11-20/12-25=3, 12-28/01-03=1.5
spec:""",
)
PLANNED = """apiVersion: andon.dev/v1
kind: Organisation
metadata: {name: org}
spec:
  currency: GBP
  planning:
    youRunIt: {rotaPerMonth: GBP 2500, timeToRestore: PT25M}
    opsRunIt: {rotaPerMonth: GBP 1400, timeToRestore: PT70M, rotas: 3}
    sreRunIt: {leastTarget: "99.9", mostIncidentsPerYear: 8}
    incidentsPerYear: 9
    sigma: 1.1
    callout: GBP 120
    equalityTolerance: 5%
    servicesPerRota: 8
"""


@pytest.mark.parametrize("text", [COMPONENT, ROTA, ORGANISATION, USER, INSURED])
def test_what_the_checker_accepts_the_schema_accepts(text):
    assert schema_errors(text) == []
    assert checker_errors(text if text is ORGANISATION else f"{ORGANISATION}---\n{text}") == set()


def test_assumptions_of_the_insurance_model_pass_both():
    assert schema_errors(PLANNED) == []
    assert checker_errors(PLANNED) == set()


@pytest.mark.parametrize("sentence", BROKEN)
def test_what_the_checker_refuses_the_schema_refuses(sentence):
    good, old, new = BROKEN[sentence]
    assert old in good
    text = good.replace(old, new)
    whole = text if good is ORGANISATION else f"{ORGANISATION}---\n{text}"
    assert schema_errors(text), "the schema lets it pass"
    assert checker_errors(whole), "the checker lets it pass"


def test_every_annotation_the_checker_knows_has_a_schema():
    for kind in ("component", "domain", "group", "resource", "rota", "user"):
        annotations = CONTENTS[f"{kind}.json"]["properties"]["metadata"]["properties"][
            "annotations"
        ]
        assert set(annotations["properties"]) == known(kind)


def test_the_examples_name_their_schema_for_editors():
    for path in EXAMPLE.rglob("*.yaml"):
        first = path.read_text().splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema=")
        assert (path.parent / first.partition("=")[2]).resolve() == SCHEMAS / "catalogue.json"
        assert list(yaml.safe_load_all(path.read_text()))
