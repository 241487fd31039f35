"""What is declared counts or is refused: nothing is read over, and no fix leads astray."""

import json
from pathlib import Path

import pytest

from andon.catalogue.rules.documents import check
from andon.catalogue.rules.documents.annotations import contacts, known
from andon.core.documents import source
from andon.core.documents.near import near_name
from andon.people.types import CONTACT_KINDS

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "fruits-r-us"
SCHEMAS = ROOT / "src" / "andon" / "catalogue" / "schemas"
ORGANISATION = (EXAMPLE / "organisation.yaml").read_text()
FALLBACK = "- email: duty-manager@fruits.example"
#: An address of every kind; the test fails until a new kind has one.
ADDRESSES = {
    "email": "duty@fruits.example",
    "ntfy": "https://ntfy.example/duty",
    "webhook": "https://hooks.example/duty",
}
USER = """
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: gwen, annotations: ANNOTATIONS}
spec: {memberOf: [t], profile: {email: gwen@fruits.example}}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: t}
spec: {type: team, children: [], members: [MEMBER]}
"""


def checked(text):
    documents, problems = source.read_text(text, file="f.yaml")
    return check.check_documents(documents, problems)


def test_every_kind_of_address_in_the_fallback_is_told():
    assert set(ADDRESSES) == set(CONTACT_KINDS.names())
    entry = json.dumps({str(kind): address for kind, address in ADDRESSES.items()})
    found = checked(ORGANISATION.replace(FALLBACK, f"- {entry}"))
    assert {one.rule for one in found.errors} <= {"catch-all"}
    assert found.catalogue is not None
    told = {one.kind: one.address for one in found.catalogue.organisation.fallback}
    assert told == ADDRESSES


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ("{email: a@x.example, chat: 'https://chat.example/x'}", "unknown-key"),
        ("{email: a@x.example, Webhook: 'https://chat.example/x'}", "unknown-key"),
        ("{}", "fallback"),
        ("{email: a@x.example, webhook: 'https://'}", "url"),
    ],
)
def test_an_address_that_nobody_is_told_by_is_refused(entry, rule):
    assert FALLBACK in ORGANISATION
    found = checked(ORGANISATION.replace(FALLBACK, f"- {entry}"))
    assert rule in {one.rule for one in found.errors}


def test_every_kind_of_address_can_be_a_persons():
    notes = {f"andon.dev/{kind}": ADDRESSES[kind] for kind in contacts()}
    assert set(notes) < known("user")
    text = USER.replace("ANNOTATIONS", json.dumps(notes)).replace("MEMBER", "")
    found = checked(ORGANISATION + text).catalogue
    assert found is not None
    assert {one.kind for one in found.people["gwen"].contacts} == set(CONTACT_KINDS.names())


def test_the_schema_knows_every_kind_of_address():
    schema = json.loads((SCHEMAS / "organisation.json").read_text())
    fallback = schema["properties"]["spec"]["properties"]["fallback"]["items"]
    assert set(fallback["properties"]) == set(CONTACT_KINDS.names())


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("- {page: on-call, wait: PT5M}", "- {wait: PT5M}", "required"),
        ("repeats: 1", "repeats: 21", "escalation"),
        ("days: [mon, tue, wed, thu, fri]", "days: []", "working-hours"),
        ('- {target: "99.9", loss: GBP 100000}', '- {target: "99.9"}', "required"),
        ('- {target: "99.9", loss: GBP 100000}', "- {loss: GBP 100000}", "required"),
        ("preset: fruits-r-us", "preset: fruits-r-us\n    levels: [{cover: team}]", "required"),
        (
            "minimumLosses:",
            'exposureBands: [{target: "99.9"}]\n    minimumLosses:',
            "required",
        ),
    ],
)
def test_half_of_an_entry_is_refused_and_not_read_over(old, new, rule):
    assert old in ORGANISATION
    assert rule not in {one.rule for one in checked(ORGANISATION).errors}
    assert rule in {one.rule for one in checked(ORGANISATION.replace(old, new, 1)).errors}


@pytest.mark.parametrize(
    ("member", "fix"),
    [
        ("owen", "If they have left, take the name out here. Declare the user, or mend the name."),
        ("gwenn", "If they have left, take the name out here. Did you mean user:default/gwen?"),
    ],
)
def test_somebody_who_left_is_not_taken_for_somebody_else(member, fix):
    text = USER.replace("ANNOTATIONS", "{}").replace("MEMBER", member)
    (one,) = [one for one in checked(ORGANISATION + text).errors if one.rule == "reference"]
    assert one.fix == fix


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("checkuot", "checkout"),
        ("CHECKOUT", "checkout"),
        ("shop-3", ""),
        ("shopp-2", "shop-2"),
        ("owen", ""),
        ("", ""),
        ("x" * 100_000, ""),
    ],
)
def test_a_name_is_suggested_only_where_it_is_a_slip(word, near):
    assert near_name(word, ["checkout", "shop-1", "shop-2", "gwen"]) == near
