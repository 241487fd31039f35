"""Mail cannot be sent: the first page, the engine's page, the incident and the probe say so."""

import asyncio
import json
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from andon.alerts import actions as alerts
from andon.alerts.types import KeyFault
from andon.core import clock, zones
from andon.core.models import StageBeat
from andon.engine import health
from andon.paging.models import Notification, Page
from andon.project import probes
from andon.web.portal.reads import engine
from tests.support import factories
from tests.support.scenery import Scene

WORDS = "Mail cannot be sent since"
SAID = "refused the sender: 554 5.7.1 closed to 203.0.113.9"


@pytest.fixture
def broken(scene: Scene) -> Page:
    """Let the page of the burning checkout have reached nobody: its mail waits."""
    now = clock.now()
    page = Page.objects.filter(service__slug="checkout").exclude(state="resolved").latest("pk")
    Page.objects.filter(pk=page.pk).update(
        state="unanswered", first_sent_at=None, next_at=now + timedelta(minutes=5)
    )
    row = Notification.objects.filter(page=page).latest("pk")
    Notification.objects.filter(pk=row.pk).update(
        state="pending",
        kind="email",
        fault="installation",
        failing_since=now - timedelta(minutes=6),
        next_at=now + timedelta(seconds=9),
        error=SAID,
    )
    page.refresh_from_db()
    return page


def test_the_first_page_says_what_is_wrong_and_when_it_is_tried_again(
    ann: Client, broken: Page
) -> None:
    text = ann.get("/").content.decode()
    assert WORDS in text
    assert SAID in text
    assert "Nobody could be told: no message is known to have left" in text
    assert "tried again at" in text
    Page.objects.filter(pk=broken.pk).update(first_sent_at=clock.now())
    assert "Messages were sent, nobody answered" in ann.get("/").content.decode()


def test_stages_that_run_are_not_called_stale_because_mail_cannot_be_sent(
    ann: Client, broken: Page
) -> None:
    for name in health.stage_names():
        at = clock.now()
        StageBeat.objects.update_or_create(
            stage=name, defaults={"started_at": at, "finished_at": at, "error": ""}
        )
    shown = engine.health(now=clock.now())
    assert (shown.ill, shown.state) == ((), "failed")
    assert "Stale" not in ann.get("/").content.decode()


def test_the_page_of_the_engine_says_it_too(ann: Client, broken: Page) -> None:
    text = ann.get("/engine/").content.decode()
    assert WORDS in text
    assert SAID in text


def test_the_page_of_the_engine_says_which_zone_data_is_used(ann: Client, scene: Scene) -> None:
    assert f"Time zones: release {zones.used()}" in ann.get("/engine/").content.decode()


def test_the_incident_says_when_the_next_is_asked(ann: Client, broken: Page) -> None:
    text = ann.get("/incidents/INC-1042/").content.decode()
    assert "No message has left so far; sending is tried again all the time." in text
    assert "The next is asked at" in text


@pytest.mark.django_db(transaction=True)
def test_alerts_that_a_sender_loses_are_on_the_first_page_and_make_nothing_unhealthy(
    ann: Client, scene: Scene
) -> None:
    for name in health.stage_names():
        StageBeat.objects.update_or_create(
            stage=name, defaults={"started_at": clock.now(), "finished_at": clock.now()}
        )
    key = factories.key(name="production")
    lost = KeyFault(key.pk, "too_large", "A request was refused: too large.", is_loss=True)
    alerts.record_fault(fault=lost, now=clock.now())
    text = ann.get("/").content.decode()
    assert "Alerts of an integration key are lost each time they are sent" in text
    assert "production: A request was refused: too large" in text
    assert "its sender needs mending" in text
    status, document = asyncio.run(ask())
    assert (status, document["healthy"]) == (200, True)
    assert [one["what"] for one in document["troubles"]] == [
        "Alerts of an integration key are lost each time they are sent"
    ]
    assert "production" not in json.dumps(document)


async def ask() -> tuple[int, dict[str, Any]]:
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    application = probes.build(ready=lambda: "")
    await application({"method": "GET", "path": "/healthz"}, None, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


@pytest.mark.django_db(transaction=True)
def test_the_probe_is_red_and_tells_strangers_nothing(broken: Page) -> None:
    for name in health.stage_names():
        StageBeat.objects.update_or_create(
            stage=name, defaults={"started_at": clock.now(), "finished_at": clock.now()}
        )
    status, document = asyncio.run(ask())
    assert (status, document["healthy"]) == (503, False)
    [trouble] = document["troubles"]
    assert trouble["what"].startswith(WORDS)
    assert "203.0.113.9" not in json.dumps(document)
    Notification.objects.filter(failing_since__isnull=False).update(failing_since=None)
    status, document = asyncio.run(ask())
    assert (status, document["healthy"], document["troubles"]) == (200, True, [])
