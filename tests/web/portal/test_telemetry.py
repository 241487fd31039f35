"""The page of the telemetry pipeline: what is made of what, in force since when, and missing."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from andon.catalogue.models import Finding, Service
from andon.cli.telemetry import live
from andon.core import clock
from andon.integrations import telemetry
from andon.slo.models import Declaration
from andon.telemetry.actions import files
from andon.telemetry.models import Rollout, RuleState
from andon.telemetry.types import File
from tests.support import estates, factories
from tests.support.scenery import Scene

PATH = "/telemetry/"


@pytest.fixture
def connected(settings: Any, tmp_path: Path) -> Path:
    """Return the folder of an installation that has every setting."""
    settings.ENV = replace(
        django_settings.ENV,
        telemetry_dir=tmp_path,
        prometheus_url="http://vm.example.org",
        vmalert_urls=("http://vmalert.example.org",),
        alertmanager_urls=("http://am.example.org",),
    )
    return tmp_path


def said(client: Client) -> str:
    response = client.get(PATH)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def declare(service: Service, *, kind: str = "slo", **fields: Any) -> Declaration:
    return Declaration.objects.create(
        kind=kind,
        slug=fields.pop("slug", service.slug),
        service=service,
        document={},
        created_at=clock.now(),
        **fields,
    )


def test_a_rollout_by_hand_is_on_the_page(
    ann: Client, scene: Scene, settings: Any, tmp_path: Path
) -> None:
    made = estates.estate(estates.subject("checkout"))
    settings.ENV = replace(django_settings.ENV, telemetry_dir=tmp_path)
    live.roll_out(
        estate=made,
        files=telemetry.bundle(estate=made, with_tests=False),
        env=settings.ENV,
        out=tmp_path,
        by="ann by hand",
        quiet=True,
    )
    page = said(ann)
    assert "ann by hand" in page
    assert "generated files, set" in page


def rule(name: str, **fields: Any) -> RuleState:
    now = clock.now()
    defaults = {"engine": "vmalert", "state": "inactive", "seen_at": now}
    defaults |= {"seen_since": now - timedelta(days=200)}
    return RuleState.objects.create(name=name, **{**defaults, **fields})


def test_without_any_setting_it_says_what_to_set_and_what_works_without(ann: Client) -> None:
    text = said(ann)
    assert "Nothing is rolled out from here yet" in text
    assert "andon telemetry generate FOLDER --out DIR" in text
    for name in ("TELEMETRY_DIR", "VMALERT_URL", "ALERTMANAGER_URL", "PROMETHEUS_URL"):
        assert f"ANDON_{name}" in text
    assert "Nothing has been rolled out from here." in text
    assert "Not known: rules are watched when" in text


def test_what_is_connected_is_not_asked_for(ann: Client, connected: Path) -> None:
    text = said(ann)
    assert "ANDON_TELEMETRY_DIR" not in text
    assert "not connected" not in text


def test_addresses_and_secrets_of_tools_are_never_shown(ann: Client, connected: Path) -> None:
    assert "example.org" not in said(ann).replace("runbooks.example.org", "")


def test_what_is_made_of_what_is_counted_from_the_manifest(ann: Client, connected: Path) -> None:
    made = [
        File("vmalert/rules/checkout.yml", ""),
        File("vmalert/rules/stock-1.yml", ""),
        File("alertmanager/alertmanager.yml", ""),
    ]
    files.write(files=made, folder=connected / "current")
    text = said(ann)
    assert "SLOs, targets with their peaks, own alerts vmalert/ 2" in text
    assert "owners, tiers and hard dependencies alertmanager/ 1" in text


def test_services_without_an_slo_are_named(ann: Client, scene: Scene) -> None:
    declare(scene.checkout)
    declare(scene.stock, retired_at=clock.now())
    text = said(ann)
    assert "2 services have a target that nothing measures" in text
    card = text.split("Services without an SLO")[1].split("Alerts without a runbook")[0]
    assert "Stock levels" in card
    assert "Payments" in card
    assert "Checkout " not in card.replace("Checkout ·", "").replace("Payments Checkout", "")


def test_alerts_without_a_runbook_are_named(ann: Client, scene: Scene) -> None:
    declare(scene.checkout)
    assert "Every generated alert has one" in said(ann)
    declare(scene.stock)
    assert "The generated alerts of 1 service lead to no runbook" in said(ann)


def test_rules_that_never_or_always_fire_are_told_apart(ann: Client, scene: Scene) -> None:
    now = clock.now()
    rule("SloPageFast", service="checkout")
    rule("SloTicketSlow", service="stock-1", last_fired_at=now - timedelta(days=9))
    rule(
        "SloNoData",
        service="payments",
        state="firing",
        firing_since=now - timedelta(days=8),
        last_fired_at=now,
    )
    rule("SloPageSlow", service="checkout", seen_since=now - timedelta(days=2))
    rule("QueueAge", service="stock-1", error="parse error at char 3", last_fired_at=now)
    rule("Gone", service="checkout", seen_at=now - timedelta(days=40))
    text = said(ann)
    broken = text.split("Cannot be evaluated")[1].split("Always firing")[0]
    always = text.split("Always firing")[1].split("Never fired")[0]
    never = text.split("Never fired")[1]
    assert "QueueAge" in broken
    assert "parse error at char 3" in broken
    assert "SloNoData" in always
    assert "SloPageFast" in never
    assert not {"SloTicketSlow", "SloPageSlow", "Gone"} & set(text.split())


def test_the_last_rollout_is_shown_step_by_step(ann: Client, scene: Scene) -> None:
    now = clock.now()
    Rollout.objects.create(
        at=now - timedelta(days=1),
        by="engine",
        digest="a" * 64,
        outcome="applied",
        steps=[{"tool": "files", "words": "12 written"}],
        took_ms=90,
    )
    Rollout.objects.create(
        at=now,
        by="ben",
        digest="b" * 64,
        outcome="rolled-back",
        steps=[{"tool": "vmalert", "words": "refused <the> rules"}],
        took_ms=640,
    )
    text = said(ann)
    assert "Rolled back" in text
    assert "vmalert : refused &lt;the&gt; rules" in text
    assert "aaaaaaaaaaaa" in text


def test_problems_of_declarations_are_shown(ann: Client, scene: Scene) -> None:
    Finding.objects.create(
        kind="slo",
        slug="checkout",
        level="error",
        rule="slo-target",
        message="The target of checkout is 99.5%, its service's is 99.9%",
        fix="Write 0.999",
        where="slo.yaml:7",
        seen_at=clock.now(),
    )
    text = said(ann)
    assert "The target of checkout is 99.5%" in text
    assert "slo.yaml:7" in text
    assert "The service has no runbook" not in text, "that is not about telemetry"


def grow(first: int, last: int) -> None:
    for number in range(first, last):
        service = factories.service(f"s{number}", owner=factories.team(f"t{number}"))
        if number % 2:
            declare(service)
        rule(f"Rule{number}", service=service.slug)


def test_queries_do_not_grow_with_the_catalogue(
    ann: Client, scene: Scene, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    grow(0, 60)
    with CaptureQueriesContext(connection) as before:
        assert ann.get(PATH).status_code == 200
    grow(60, 160)
    with django_assert_max_num_queries(min(len(before), 20)):
        text = ann.get(PATH).content.decode()
    assert "and 58 more" in text
    assert len(text) < 60_000
