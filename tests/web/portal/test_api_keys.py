"""Keys for the API made in the portal: shown once, their end kept, used by nobody else."""

import html
import re
import shlex
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from andon.alerts.models import IntegrationKey
from andon.core import clock
from andon.core.models import AuditEntry
from andon.people.models import ApiKey
from tests.support.scenery import Scene

pytestmark = pytest.mark.database
PAGE = "/people/me/keys/"


def said(response: object) -> str:
    return getattr(response, "content").decode()  # noqa: B009


def made(client: Client, **form: str) -> str:
    answer = client.post(PAGE, {"name": "my script", "days": "90", **form})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    [key] = re.findall(r'class="secret" tabindex="0">([^<]+)<', said(answer))
    return str(key)


def as_key(key: str, path: str = "/api/v1/me") -> Any:
    return Client(headers={"authorization": f"Bearer {key}"}).get(path)


def test_a_key_made_in_the_portal_opens_the_api_as_oneself(ann: Client, scene: Scene) -> None:
    key = made(ann)
    assert as_key(key).json()["person"]["slug"] == "ann"
    row = ApiKey.objects.get()
    assert row.expires_at == row.created_at + timedelta(days=90)
    entry = AuditEntry.objects.get(verb="created", person="ann")
    assert key not in str(entry.data)
    again = said(ann.get(PAGE))
    assert key not in again, "it is shown once"
    assert row.hint in again
    assert "last used" in again


def test_the_line_that_says_how_to_use_it_works(ann: Client, scene: Scene, settings: Any) -> None:
    answer = ann.post(PAGE, {"name": "my script", "days": "90"})
    lines = [html.unescape(one) for one in re.findall(r"<pre[^>]*>([^<]+)<", said(answer))]
    [curl] = [one for one in lines if one.startswith("curl") and "..." not in one]
    _, _, header, url = shlex.split(curl)
    name, _, value = header.partition(": ")
    path = url.removeprefix(settings.ANDON_URL)
    assert Client(headers={name: value}).get(path).json()["person"]["slug"] == "ann"


def test_a_key_ends_when_it_says(ann: Client, scene: Scene, monkeypatch: Any) -> None:
    key, endless = made(ann, days="30"), made(ann, days="0")
    end = ApiKey.objects.get(expires_at__isnull=False).expires_at
    assert end is not None
    monkeypatch.setattr(clock, "now", lambda: end - timedelta(seconds=1))
    assert as_key(key).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: end)
    assert as_key(key).status_code == 401
    assert as_key(endless).status_code == 200


def test_a_revoked_key_opens_nothing(ann: Client, scene: Scene) -> None:
    key = made(ann)
    answer = ann.post(f"{PAGE}{ApiKey.objects.get().pk}/revoke/", follow=True)
    assert "opens nothing from now on" in said(answer)
    assert as_key(key).status_code == 401
    again = ann.post(f"{PAGE}{ApiKey.objects.get().pk}/revoke/", follow=True)
    assert "no such key" in said(again)


def test_nobody_sees_or_revokes_a_key_of_somebody_else(
    ann: Client, ben: Client, scene: Scene
) -> None:
    key = made(ann)
    row = ApiKey.objects.get()
    assert scene.ben.is_staff
    assert row.hint not in said(ben.get(PAGE))
    ben.post(f"{PAGE}{row.pk}/revoke/")
    assert as_key(key).status_code == 200
    assert Client().get(PAGE).status_code == 302


def test_only_staff_make_keys_of_the_organisation(ann: Client, ben: Client, scene: Scene) -> None:
    bot = made(ben, name="chat bot", whom="organisation")
    assert as_key(bot).json() | {"teams": []} == {
        "name": "chat bot", "person": None, "is_staff": False, "timezone": None, "teams": [],
    }  # fmt: skip
    assert as_key(made(ann, whom="organisation")).json()["person"]["slug"] == "ann"
    row = ApiKey.objects.get(person__isnull=True)
    assert row.hint not in said(ann.get(PAGE))
    ann.post(f"{PAGE}{row.pk}/revoke/")
    assert as_key(bot).status_code == 200
    ben.post(f"{PAGE}{row.pk}/revoke/")
    assert as_key(bot).status_code == 401


@pytest.mark.parametrize(
    "form", [{"name": ""}, {"days": "9999"}, {"days": "-1"}, {"name": "x" * 121}]
)
def test_what_cannot_be_makes_no_key(ann: Client, scene: Scene, form: dict[str, str]) -> None:
    answer = ann.post(PAGE, {"name": "my script", "days": "90", **form})
    assert answer.status_code == 422
    assert not ApiKey.objects.exists()


def test_integration_keys_say_how_they_are_used(ben: Client, scene: Scene) -> None:
    answer = ben.post("/keys/", {"name": "vmalert", "kind": "alertmanager"})
    [key] = re.findall(r'class="secret" tabindex="0">([^<]+)<', said(answer))
    assert f"credentials: {key}" in said(answer)
    assert key not in said(ben.get("/keys/"))
    assert said(ben.get("/keys/")).count("How to use it") == IntegrationKey.objects.count()
