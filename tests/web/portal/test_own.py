"""The first page says to each person: am I on call, until when, what is mine, what waits for me."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from andon.catalogue.models import Domain
from andon.core import clock
from andon.people.models import ContactMethod, Membership, Person, Team
from tests.support import clocks, factories, scenery
from tests.support.scenery import Scene
from tests.web.portal.test_pages import text_of

pytestmark = pytest.mark.database

#: A Wednesday morning: Ann has the first week of the rota of `factories.rota`.
NOW = datetime(2026, 1, 7, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks.turn(monkeypatch, to=NOW)


def own(client: Client) -> str:
    """Return what the first page says about whoever reads."""
    html = client.get("/").content.decode()
    begins = html.index('aria-label="You"')
    section = html[begins : html.index("</section>", begins)]
    return text_of_html("<" + section)


def text_of_html(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_who_is_on_call_reads_until_when_and_what_is_theirs(ann: Client) -> None:
    said = own(ann)
    assert "You are on call for Checkout rota until Fri 9 Jan, 10:00 GMT" in said, "Cat's override"
    assert "2 services of yours Target lost Checkout" in said
    assert "Nobody has taken this yet, and you were told" in said
    assert "INC-1042" not in said, "its page is there: once is enough"


def test_who_is_not_on_call_reads_when_they_are_next(ben: Client) -> None:
    said = own(ben)
    assert "You are not on call now. Next: Checkout rota from Mon 12 Jan, 09:00 GMT" in said
    assert "until Mon 19 Jan, 09:00 GMT" in said


def test_what_waits_goes_when_it_is_taken_over_and_closed(ann: Client, scene: Scene) -> None:
    factories.touch(scene.page, state="acknowledged", acknowledged_by="Ann Ashby")
    scene.burning.state, scene.burning.acknowledged_person = "acknowledged", scene.ann
    scene.burning.save()
    said = own(ann)
    assert "you were told" not in said
    assert "Target lost INC-1042" in said
    scene.burning.state = "restored"
    scene.burning.save()
    assert "INC-1042 is over and you took it: close it" in own(ann)
    scene.burning.state = "closed"
    scene.burning.save()
    assert "INC-1042" not in own(ann)


def test_a_product_manager_reads_how_the_services_on_their_budget_are(scene: Scene) -> None:
    gwen = scenery.person("gwen", "Gwen Moss")
    Domain.objects.filter(slug="stores").update(budget_holder=gwen)
    said = own(signed_in(gwen))
    assert "You are not on call now, nor in the next five weeks." in said
    assert "1 service of yours Held Stock levels" in said
    assert "No page can reach you" not in said, "nothing pages her"


def test_a_rota_of_another_team_counts(scene: Scene) -> None:
    hana = scenery.person("hana", "Hana Abe")
    factories.rota("managers", of=Team.objects.get(slug="stock"), people=[hana])
    assert not Membership.objects.filter(person=hana).exists()
    client = signed_in(hana)
    assert "You are on call for Managers" in own(client)
    assert "Managers" in text_of(client, "/people/hana/"), "and on her own page"
    html = client.get("/rotas/?mine=yes").content.decode()
    assert "/rotas/managers/" in html
    assert "/rotas/checkout-rota/" not in html


def test_whom_no_page_can_reach_is_told_before_one_has_to(ann: Client, scene: Scene) -> None:
    ContactMethod.objects.filter(person=scene.ann).update(fault="550 no such mailbox")
    assert "No page can reach you: see your addresses" in own(ann)


def test_a_rota_for_working_hours_is_not_held_at_night(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    hana = scenery.person("hana", "Hana Abe")
    team = Team.objects.get(slug="checkout")
    Team.objects.filter(pk=team.pk).update(working_hours={})
    factories.rota("days", of=team, people=[hana], covers="working-hours")
    client = signed_in(hana)
    assert "You are on call for Days" in own(client)
    clocks.turn(monkeypatch, to=datetime(2026, 1, 7, 23, 0, tzinfo=UTC))
    said = own(client)
    assert "You are not on call now" in said
    assert clock.now().hour == 23
