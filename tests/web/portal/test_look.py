"""After acknowledging without an account: one incident to read for a while, and nothing else."""

import re
from typing import Any

import pytest
from django.test import Client

from andon.core import clock
from andon.incidents.models import IncidentPage, TimelineEntry
from andon.paging import links
from andon.paging.models import Page
from andon.people.models import Person
from tests.support import factories as make
from tests.support.scenery import Scene

pytestmark = pytest.mark.database


def said(response: object) -> str:
    return getattr(response, "content").decode()  # noqa: B009


def acknowledged(scene: Scene) -> str:
    """Acknowledge by the link in the message; return where the incident can be read then."""
    answer = Client().post(f"/a/{links.sign(uid=scene.notification.uid)}/")
    [path] = re.findall(r'href="(/look/[^"]+)"', said(answer))
    return str(path)


def test_whoever_acknowledged_reads_the_incident_without_an_account(scene: Scene) -> None:
    path = acknowledged(scene)
    shown = said(Client().get(path))
    assert "INC-1042" in shown
    assert "Ann Ashby</strong> has it" in shown
    assert "paging the next on call, Ben Osei" in shown
    assert "without signing in until" in shown


def test_it_can_be_read_only_and_leads_nowhere(scene: Scene) -> None:
    path = acknowledged(scene)
    shown = said(Client().get(path))
    assert "<form" not in shown
    assert "<script" not in shown
    inside = set(re.findall(r'href="(/(?!static/)[^"]*)"', shown))
    assert inside == {f"/sign-in/?next=/p/{scene.page.uid}/"}
    assert Client().post(path).status_code == 405
    browser = Client()
    browser.get(path)
    for other in ("/incidents/INC-1042/", "/", "/api/v1/incidents/1042", "/people/ann/"):
        assert browser.get(other).status_code in (302, 401)


def test_it_says_no_address_and_no_pay(scene: Scene) -> None:
    TimelineEntry.objects.create(
        incident=scene.burning,
        at=clock.now(),
        kind="note",
        text="call ben@example.org, https://hooks.example/T0/secretpath, password=hunter22",
    )
    shown = said(Client().get(acknowledged(scene)))
    assert "call b...@example.org" in shown
    for secret in ("ann@example.org", "ben@example.org", "secretpath", "hunter22", "allout"):
        assert secret not in shown


def test_it_ends_when_it_says_and_asking_again_makes_it_no_longer(
    scene: Scene, clocked: Any
) -> None:
    link = f"/a/{links.sign(uid=scene.notification.uid)}/"
    path = acknowledged(scene)
    clocked(minutes=29)
    assert path in said(Client().get(link)), "the used link leads there for as long as it shows"
    clocked(seconds=links.LOOKS.total_seconds() - 29 * 60 - 1)
    assert Client().get(path).status_code == 200
    clocked(seconds=1)
    answer = Client().get(path)
    assert answer.status_code == 410
    for fact in ("Checkout", "INC-1042", scene.page.summary, "Ann Ashby"):
        assert fact not in said(answer)
    assert "/look/" not in said(Client().get(link))


def test_before_anybody_acted_there_is_nothing_to_read(scene: Scene) -> None:
    link = f"/a/{links.sign(uid=scene.notification.uid)}/"
    assert "/look/" not in said(Client().get(link))
    assert Client().get(links.look_path(uid=scene.notification.uid)).status_code == 410


def test_whoever_came_second_reads_it_too(scene: Scene) -> None:
    second = make.notification(scene.page, to=scene.ben, at=clock.now(), step=2)
    acknowledged(scene)
    shown = said(Client().get(f"/a/{links.sign(uid=second.uid)}/"))
    [path] = re.findall(r'href="(/look/[^"]+)"', shown)
    assert "INC-1042" in said(Client().get(path))


def test_a_leaver_reads_nothing(scene: Scene) -> None:
    path = acknowledged(scene)
    Person.objects.filter(slug="ann").update(is_active=False)
    assert Client().get(path).status_code == 410


def test_one_token_is_of_no_use_as_the_other(scene: Scene) -> None:
    path = acknowledged(scene)
    look, ack = path.split("/")[2], links.sign(uid=scene.notification.uid)
    assert Client().get(f"/look/{ack}/").status_code == 404
    other = make.notification(scene.held, to=scene.ann, at=clock.now())
    swapped = links.look_path(uid=other.uid).split("/")[2].split(".")[0] + "." + look.split(".")[1]
    assert Client().get(f"/look/{swapped}/").status_code == 404
    for text in (look, look[:-1], "x", "%00", "é"):
        assert Client().post(f"/a/{text}/").status_code == 404
    assert Page.objects.get(pk=scene.held.pk).state == "held"
    assert Client().get(links.look_path(uid=other.uid)).status_code == 410


def test_nobody_keeps_it(scene: Scene) -> None:
    path = acknowledged(scene)
    for where in (path, "/look/x/"):
        answer = Client().get(where)
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]


def test_a_page_that_has_no_incident_yet_is_shown_by_itself(scene: Scene) -> None:
    IncidentPage.objects.filter(page=scene.page).delete()
    shown = said(Client().get(acknowledged(scene)))
    assert "incident is being opened" in shown
    assert "paging the next on call, Ben Osei" in shown
