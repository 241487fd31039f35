"""What is written down about acts and signing in: whose they were, whatever their name is."""

import json

import pytest
from django.test import Client

from andon.core import clock
from andon.core.models import AuditEntry
from andon.incidents import actions as incidents
from andon.incidents import queries
from andon.oncall.models import Override
from andon.paging import links
from andon.paging.models import Decision
from andon.people import actions as people
from andon.people.models import Person
from andon.people.rules import TRIES
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def ann() -> Person:
    """Return somebody whose name another person has, too."""
    factories.person("ann-lee-2", name="Ann Lee")
    made = factories.person("ann-lee", name="Ann Lee")
    made.set_password(factories.PASSWORD)
    made.save()
    return made


def sign_in(client: Client, *, name: str = "ann-lee", password: str = factories.PASSWORD) -> int:
    answer = client.post("/sign-in/", {"username": name, "password": password})
    return answer.status_code


def written(**where: object) -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.filter(**where).order_by("pk")
    return [(row.actor, row.person, row.verb) for row in rows]


class TestSigningIn:
    def test_signing_in_and_out_is_written_down_with_the_address(self, ann: Person) -> None:
        client = Client(REMOTE_ADDR="127.0.0.7")
        assert sign_in(client) == 302
        client.post("/sign-out/")
        assert written() == [
            ("Ann Lee", "ann-lee", "signed in"),
            ("Ann Lee", "ann-lee", "signed out"),
        ]
        assert {row.data["address"] for row in AuditEntry.objects.all()} == {"127.0.0.7"}
        assert {row.subject for row in AuditEntry.objects.all()} == {"person:ann-lee"}

    def test_a_wrong_password_is_written_down_and_never_what_was_typed(self, ann: Person) -> None:
        client = Client(REMOTE_ADDR="127.0.0.7")
        sign_in(client, password="hunter2-was-typed")
        sign_in(client, name="my-password-in-the-wrong-field")
        assert written() == [
            ("Ann Lee", "ann-lee", "failed to sign in"),
            ("somebody unknown", "", "failed to sign in"),
        ]
        kept = json.dumps(list(AuditEntry.objects.values()), default=str)
        assert "hunter2" not in kept
        assert "wrong-field" not in kept

    def test_being_held_back_is_written_down_once(self, ann: Person) -> None:
        client = Client(REMOTE_ADDR="127.0.0.7")
        for _ in range(TRIES):
            sign_in(client, password="wrong")
        assert [sign_in(client), sign_in(client), sign_in(client)] == [429] * 3
        assert written(verb=people.HELD_BACK) == [("Ann Lee", "ann-lee", people.HELD_BACK)]
        assert len(written(verb=people.FAILED)) == TRIES


class TestActs:
    def test_two_people_of_one_name_are_told_apart(self, ann: Person) -> None:
        page = factories.page(factories.service("checkout"))
        incidents.follow_pages(now=factories.NOW)
        [incident] = queries.list_active()
        for slug in ("ann-lee", "ann-lee-2"):
            client = Client()
            client.force_login(Person.objects.get(slug=slug))
            client.post(f"/incidents/INC-{incident.number}/note/", {"text": f"by {slug}"})
        found = written(subject=f"incident:{incident.number}")
        assert found == [("Ann Lee", "ann-lee", "note"), ("Ann Lee", "ann-lee-2", "note")]
        notes = [one for one in queries.timeline(incident=incident) if one.kind == "note"]
        assert [(one.actor, one.person) for one in notes] == [
            ("Ann Lee", "ann-lee"),
            ("Ann Lee", "ann-lee-2"),
        ]
        shown = client.get(f"/incidents/INC-{incident.number}/").content.decode()
        assert '<a href="/people/ann-lee-2/">Ann Lee</a>' in shown
        assert page.pk

    def test_a_later_change_of_name_changes_neither_name_nor_person(self, ann: Person) -> None:
        factories.page(factories.service("checkout"))
        incidents.follow_pages(now=factories.NOW)
        [incident] = queries.list_active()
        client = Client()
        client.force_login(ann)
        client.post(f"/incidents/INC-{incident.number}/acknowledge/")
        Person.objects.filter(pk=ann.pk).update(name="Ann Miller")
        assert written(person="ann-lee") == [("Ann Lee", "ann-lee", "acknowledge")]
        [row] = AuditEntry.objects.all()
        assert row.data["via"] == "the portal"

    def test_a_key_acts_for_its_person_and_says_which_key_it_was(self, ann: Person) -> None:
        factories.page(factories.service("checkout"))
        incidents.follow_pages(now=factories.NOW)
        [incident] = queries.list_active()
        key = factories.api_key(ann)
        nobodys = factories.api_key(None, name="Ann Lee")
        for plain in (key, nobodys):
            answer = Client().post(
                f"/api/v1/incidents/{incident.number}/notes",
                {"text": "from a script"},
                content_type="application/json",
                headers={"authorization": f"Bearer {plain}"},
            )
            assert answer.status_code == 201
        assert written() == [("Ann Lee", "ann-lee", "note"), ("Ann Lee", "", "note")]
        ways = [row.data["via"] for row in AuditEntry.objects.order_by("pk")]
        assert ways == [f"the API, by the key {plain[:14]}..." for plain in (key, nobodys)]

    def test_many_incidents_at_once_are_written_down_likewise(self, ann: Person) -> None:
        for slug in ("checkout", "stock"):
            factories.page(factories.service(slug))
        incidents.follow_pages(now=factories.NOW)
        numbers = [one.number for one in queries.list_active()]
        answer = Client().post(
            "/api/v1/incidents/acknowledge",
            {"numbers": numbers},
            content_type="application/json",
            headers={"authorization": f"Bearer {factories.api_key(ann)}"},
        )
        assert answer.status_code == 200
        assert {(actor, person) for actor, person, _ in written()} == {("Ann Lee", "ann-lee")}
        assert len(written()) == 2

    def test_an_override_is_kept_under_the_slug_by_portal_and_api_alike(self, ann: Person) -> None:
        ben = factories.person("ben")
        rota = factories.rota("checkout-rota", of=factories.team(members=[ann, ben]), people=[ann])
        client = Client()
        client.force_login(ann)
        for day, by in ((1, "portal"), (2, "api")):
            body = {
                "person": ben.slug,
                "starts_at": f"2199-01-0{day}T10:00:00Z",
                "ends_at": f"2199-01-0{day}T12:00:00Z",
                "reason": by,
            }
            if by == "api":
                client.post(
                    f"/api/v1/rotas/{rota.slug}/overrides",
                    body,
                    content_type="application/json",
                    headers={"authorization": f"Bearer {factories.api_key(ann)}"},
                )
                continue
            client.post(
                f"/rotas/{rota.slug}/overrides/",
                {
                    **body,
                    "starts_at": f"2199-01-0{day}T10:00",
                    "ends_at": f"2199-01-0{day}T12:00",
                },
            )
        assert list(Override.objects.values_list("created_by", flat=True)) == ["ann-lee"] * 2
        assert [one[:2] for one in written()] == [("Ann Lee", "ann-lee")] * 2

    def test_whoever_uses_the_link_of_a_message_is_its_receiver(self, ann: Person) -> None:
        page = factories.page(factories.service("checkout"))
        sent = factories.notification(page, to=ann, at=clock.now())
        Client().post(f"/a/{links.sign(uid=sent.uid)}/")
        assert written(verb="acknowledge") == [("Ann Lee", "ann-lee", "acknowledge")]
        decision = Decision.objects.get(page=page, kind="acknowledged")
        assert decision.facts["person"] == "ann-lee"
