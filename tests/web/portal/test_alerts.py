"""What a generated alert says reaches whoever reads the incident: intake, engine, page."""

import json
import re

import pytest
from django.test import Client

from andon.alerts import actions
from andon.alerts.types import KnownKey, RawRequest
from andon.core import clock
from andon.engine.run import Engine
from andon.incidents.models import Incident
from andon.integrations.alertmanager import receiver
from andon.paging import links
from andon.paging.models import Notification, Page
from tests.support import factories
from tests.support.scenery import Scene

NOTES = {
    "summary": "Payments spends its error budget 14.4 times too fast",
    "description": "2% of the budget went in the last hour.\nAt this pace it is gone in 50 hours.",
    "runbook_url": "https://runbooks.example.org/payments/slo",
    "dashboard_url": "https://grafana.example.org/d/andon-payments",
    "money_at_risk": "GBP 3,333 a minute",
    "andon_url": "https://andon.example.org/services/payments/",
    "since_deploy": "release 41 <b>",
}
LABELS = {
    "alertname": "SloPageFast",
    "service": "payments",
    "slo": "payments",
    "tier": "page-fast",
    "severity": "page",
    "target": "99.5%",
    "source": "andon",
}


@pytest.fixture
def page(ann: Client, scene: Scene) -> str:
    return incident_of(ann, NOTES)


def incident_of(ann: Client, notes: dict[str, str], **group: object) -> str:
    """Send an alert as Alertmanager does, let the engine work, and return the incident's page."""
    row = factories.key()
    key = KnownKey(row.pk, "alertmanager", row.name, None, None, 10_000)
    alert = {
        "status": "firing",
        "labels": LABELS,
        "annotations": notes,
        "startsAt": clock.now().isoformat(),
        "generatorURL": "http://vmalert.example.org/alert?1",
        "fingerprint": "f1",
    }
    body = json.dumps({"version": "4", "alerts": [alert], **group}).encode()
    now = clock.now()
    received = [(key, one) for one in receiver.parse(body, key)]
    raw = RawRequest(key.id, key.kind, now, body)
    actions.receive(received=received, raw=[raw], now=now)
    Engine(transports={}).run_until_idle(now)
    number = Incident.objects.get(service__slug="payments").number
    response = ann.get(f"/incidents/INC-{number}/")
    assert response.status_code == 200
    return response.content.decode()


def card(html: str) -> str:
    return html.split('aria-labelledby="h-alerts"')[1].split("</section>", maxsplit=1)[0]


def test_everything_the_rule_says_is_on_the_page(page: str) -> None:
    said = " ".join(re.sub(r"<[^>]+>", " ", card(page)).split())
    for words in (
        NOTES["summary"],
        "2% of the budget went in the last hour.",
        "At this pace it is gone in 50 hours.",
        "GBP 3,333 a minute at risk",
        "Labels: slo payments tier page-fast target 99.5%",
        "critical since",
        "Firing",
    ):
        assert words in said


def test_runbook_and_dashboard_are_links_and_the_alerts_own_runbook_leads(page: str) -> None:
    for name in ("runbook_url", "dashboard_url"):
        assert f'href="{NOTES[name]}"' in card(page)
    buttons = page.split('aria-label="What you can do"')[1].split("</section>", maxsplit=1)[0]
    assert f'href="{NOTES["runbook_url"]}"' in buttons
    assert f'href="{NOTES["dashboard_url"]}"' in buttons


def test_what_has_no_place_of_its_own_is_shown_too_and_as_text(page: str) -> None:
    assert "since_deploy" in card(page)
    assert "release 41 &lt;b&gt;" in card(page)
    assert "andon_url" not in card(page), "it leads to where the reader is"


def test_labels_say_which_instance_it_is_on_the_incident_and_behind_the_link_in_the_mail(
    ann: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = {"pod": "payments-7f9c", "region": "eu-west-1", "password": "hunter2", "a": "<b>"}
    monkeypatch.setattr(f"{__name__}.LABELS", LABELS | more)
    said = " ".join(re.sub(r"<[^>]+>", " ", card(incident_of(ann, NOTES))).split())
    assert "Labels: pod payments-7f9c region eu-west-1 slo payments tier" in said
    assert "password" not in said
    assert "a &lt;b&gt;" in said
    assert "hunter2" not in said
    page = Page.objects.get(service__slug="payments")
    sent = Notification.objects.filter(page=page).first()
    assert sent is not None
    link = Client().get(f"/a/{links.sign(uid=sent.uid)}/").content.decode()
    assert "payments-7f9c" in link
    assert "hunter2" not in link + sent.body


def test_a_link_that_is_none_is_text(ann: Client, scene: Scene) -> None:
    html = incident_of(ann, {**NOTES, "runbook_url": "javascript:alert(1)"})
    assert "javascript:" not in html


def test_the_services_runbook_stands_in(ann: Client) -> None:
    html = ann.get("/incidents/INC-1042/").content.decode()
    assert 'href="https://runbooks.example.org/checkout"' in html


def test_alerts_that_alertmanager_left_out_are_told_on_the_page(ann: Client, scene: Scene) -> None:
    page = incident_of(ann, NOTES, truncatedAlerts=50)
    assert "Alertmanager left out 50 alerts of this group: max_alerts." in page
