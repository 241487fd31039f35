"""Wherever an exercise is shown it says so, and nothing of it looks lost or on fire."""

import re

import pytest
from django.test import Client

from andon.core import clock
from andon.incidents.models import Incident, IncidentPage
from andon.paging import links
from andon.paging.models import Page
from tests.support import factories as make
from tests.support.scenery import Scene

pytestmark = [pytest.mark.database, pytest.mark.django_db]

BADGE = {"exercise": "Exercise", "test": "Test"}


def shown(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture(params=["exercise", "test"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(scene: Scene, kind: str) -> Page:
    """Payments is rehearsed: nothing else has happened to it."""
    service = type(scene.checkout).objects.get(slug="payments")
    now = clock.now()
    made = make.page(service, at=now, kind=kind, summary="Payments is down")
    incident = Incident.objects.create(
        number=2000, service=service, title=made.summary, **made.subject.columns,
        severity_reason="It costs nothing.", started_at=now, opened_at=now,
    )  # fmt: skip
    IncidentPage.objects.create(incident=incident, page=made)
    return made


def test_the_first_page_lists_it_apart_from_what_is_on_fire(
    ann: Client, page: Page, kind: str
) -> None:
    before = words(shown(ann, "/")).replace("INC-2000", "")
    html = shown(ann, "/")
    section = html[html.index('id="h-rehearsed"') :]
    card = words(section[section.index("<article") : section.index("</article>")])
    assert BADGE[kind] in card
    assert "Not acknowledged" in card
    assert not any(word in card for word in ("Down", "lost", "burning", "estimated"))
    Incident.objects.filter(number=2000).update(state="closed")
    after = words(shown(ann, "/"))
    fires = re.search(r"\d+ down[^·]*", before)
    assert fires is not None
    assert fires.group() in after


def test_lists_and_its_own_page_carry_the_badge_and_no_money(
    ann: Client, page: Page, kind: str
) -> None:
    for path in ("/incidents/", "/incidents/INC-2000/", "/services/payments/"):
        html = shown(ann, path)
        assert f"</svg>{BADGE[kind]}</span>" in html, path
    rows = shown(ann, "/incidents/").split("<tr>")
    assert [words(row).endswith("nothing") for row in rows if "INC-2000" in row] == [True]
    own = words(shown(ann, "/incidents/INC-2000/"))
    assert not any(word in own for word in ("not estimated", "money lost", "lost so far"))


def test_its_service_is_as_well_as_it_was(ann: Client, page: Page, kind: str) -> None:
    html = shown(ann, "/services/payments/")
    head = words(html[html.index("<h1>") : html.index("</div>", html.index("<h1>"))])
    assert head == "Payments OK"
    assert "active incident" not in words(html)


def test_the_page_behind_the_link_says_so_too(
    client: Client, scene: Scene, page: Page, kind: str
) -> None:
    told = make.notification(page, to=scene.ann, at=clock.now())
    said = words(shown(client, f"/a/{links.sign(uid=told.uid)}/"))
    assert BADGE[kind] in said
    assert "fully down" not in said
    real = make.notification(scene.page, to=scene.ann, at=clock.now(), step=7)
    said = words(shown(client, f"/a/{links.sign(uid=real.uid)}/"))
    assert BADGE[kind] not in said
    assert "fully down" in said
