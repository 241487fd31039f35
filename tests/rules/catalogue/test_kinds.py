"""What a document says it is: no kind vanishes without a word, and Backstage's rules hold."""

from pathlib import Path

import pytest

from andon.catalogue.rules.documents import check
from andon.catalogue.types.entity import LONGEST_NAME
from andon.core.documents import source
from andon.core.documents.problems import Gravity

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"
ORGANISATION = (EXAMPLE / "organisation.yaml").read_text()
CHECKOUT = (EXAMPLE / "shopping" / "checkout.yaml").read_text()
DOCUMENT = """---
apiVersion: {version}
kind: {kind}
metadata: {{name: x}}
spec: {{}}
"""
API = """---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {{name: x}}
spec: {{type: openapi, lifecycle: production, owner: t, {more}}}
"""
GROUP = """---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {{name: "{name}", namespace: "{namespace}", links: [{{url: "{url}"}}]}}
spec: {{type: team, children: []}}
"""


def checked(text):
    documents, problems = source.read_text(ORGANISATION + text, file="f.yaml")
    return check.check_documents(documents, problems)


def found(text, *rules):
    """Return the problems of some rules in what stands after the organisation."""
    first = ORGANISATION.count("\n") + 1
    return [one for one in checked(text).problems if one.rule in rules and one.line >= first]


@pytest.mark.parametrize(
    ("version", "kind", "near"),
    [
        ("backstage.io/v1alpha1", "Componet", "`kind: Component` of backstage.io/v1alpha1?"),
        ("backstage.io/v1alpha1", "Components", "`kind: Component`"),
        ("backstage.io/v1alpha1", "Apis", "`kind: API`"),
        ("andon.dev/v1", "Rotas", "`kind: Rota` of andon.dev/v1?"),
        ("andon.dev/v1", "Organization", "`kind: Organisation`"),
        ("andon.dev/v1", "AlertRules", "`kind: AlertRule`"),
        ("andon.dev/v7", "Rotass", "`kind: Rota`"),
        ("andon.dev/v1", "SLO", "openslo/v1"),
        ("andon.dev/v1", "Billboard", "Write one of: API, AlertRule, Component,"),
    ],
)
def test_a_kind_that_nobody_reads_is_an_error_under_our_own_prefixes(version, kind, near):
    (one,) = found(DOCUMENT.format(version=version, kind=kind), "kind")
    assert one.gravity is Gravity.ERROR
    assert near in one.fix
    assert one.line == ORGANISATION.count("\n") + 3


@pytest.mark.parametrize(
    ("version", "kind", "near"),
    [
        ("v1", "ConfigMap", "objectives go into SLO documents"),
        ("monitoring.coreos.com/v1", "PrometheusRule", "alerts into AlertRule"),
        ("backstag.io/v1alpha1", "Componet", "`kind: Component` of backstage.io/v1alpha1?"),
        ("openslo.io/v1", "SLO", "openslo/v1"),
        ("scaffolder.backstage.io/v1beta3", "Template", "Remove it, or leave it"),
        ("backstage.io/v1beta2", "Template", "Remove it, or leave it"),
    ],
)
def test_a_kind_that_nobody_reads_is_a_warning_elsewhere(version, kind, near):
    (one,) = found(DOCUMENT.format(version=version, kind=kind), "kind")
    assert one.gravity is Gravity.WARNING
    assert one.message == f"nobody reads the kind {kind} of {version}"
    assert near in one.fix


def test_a_service_whose_kind_is_misspelt_is_never_applied_as_gone():
    assert "kind: Component" in CHECKOUT
    before = checked("---\n" + CHECKOUT)
    after = checked("---\n" + CHECKOUT.replace("kind: Component", "kind: Componet"))
    assert before.catalogue is not None
    assert "checkout" in before.catalogue.services
    assert "kind" in {one.rule for one in after.errors} - {one.rule for one in before.errors}


@pytest.mark.parametrize(
    ("version", "accepted"),
    [
        ("v1", True),
        ("acme.example/v3", True),
        (f"acme.example/{'v' * 63}", True),
        (f"acme.example/{'v' * 64}", False),
        (f"{'a' * 64}.example/v1", False),
        ("acme.example//v3", False),
        ("Acme.example/v3", False),
        ("acme/x/v3", False),
        ("/v3", False),
        ("acme.example/", False),
        ("acme.example/v-3", False),
        ("'a b'", False),
    ],
)
def test_a_malformed_version_is_refused_as_backstage_does(version, accepted):
    wrong = found(DOCUMENT.format(version=version, kind="Poster"), "api-version")
    assert [one.gravity for one in wrong] == ([] if accepted else [Gravity.ERROR])


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ('definition: "openapi: 3.0.0"', ""),
        (f'definition: "{"x" * 300_000}"', ""),
        ("definition: {$text: ./openapi.yaml}", ""),
        ("remotes: []", ""),
        ("definition: 7", "type"),
        ("definition: true", "type"),
        ("definition: {a: b}", "type"),
        ("definition: [a]", "type"),
        ('definition: ""', "required"),
        ("definition: ~", "required"),
        ("system: s", "required"),
    ],
)
def test_the_definition_of_an_api_is_text(more, rule):
    wrong = found(API.format(more=more), "type", "required")
    assert [one.rule for one in wrong] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("https://wiki.example/x?y#z", True),
        ("mailto:ann@fruits.example", True),
        ("urn:x", True),
        ("http://[::1]:8080/", True),
        ("http://ann@fruits.example:443", True),
        ("http://", False),
        ("https:///", False),
        ("HTTP://?x", False),
        ("http://:80", False),
        ("http://a:99999999/", False),
        ("http://a:x/", False),
        ("http://[::1/", False),
        ("//wiki.example", False),
        ("wiki", False),
    ],
)
def test_a_link_leads_somewhere(url, accepted):
    wrong = found(GROUP.format(name="t", namespace="default", url=url), "url")
    assert [one.gravity for one in wrong] == ([] if accepted else [Gravity.ERROR])


def test_a_namespace_of_63_letters_is_accepted_and_its_address_fits():
    namespace, url = "n" * LONGEST_NAME, "https://wiki.example"
    text = "".join(
        GROUP.format(name=name, namespace=namespace, url=url)
        for name in ("m" * LONGEST_NAME, "m" * (LONGEST_NAME - 1) + "x")
    )
    whole = checked(text)
    assert [one for one in whole.errors if one.rule in ("name", "duplicate")] == []
    assert whole.catalogue is not None
    slugs = set(whole.catalogue.teams)
    assert len(slugs) == 2
    assert all(len(one) <= LONGEST_NAME for one in slugs)
    longer = GROUP.format(name="t", namespace=namespace + "n", url=url)
    assert [one.rule for one in found(longer, "name")] == ["name"]
