"""An override as people make it: names as they write them, a question where it may be a slip."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from andon.catalogue import models as catalogue
from andon.oncall.models import Override
from tests.support import clocks
from tests.support import factories as make
from tests.support.scenery import Scene, person

NOW = datetime(2027, 6, 1, 10, 0, tzinfo=UTC)
PATH = "/rotas/checkout-rota/overrides/"
#: In Cat's turn, in London's summer.
FORM = {
    "person": "ann",
    "starts_at": "2027-07-01T09:00",
    "ends_at": "2027-07-01T17:00",
    "reason": "Dentist",
}

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks.turn(monkeypatch, to=NOW)


def said(response: object) -> str:
    return getattr(response, "content").decode()  # noqa: B009


def test_what_has_to_be_put_right_is_said_first_and_gets_the_focus(
    ann: Client, scene: Scene
) -> None:
    response = ann.post(PATH, {**FORM, "person": "Nobody Here", "reason": ""})
    text = said(response)
    assert response.status_code == 422
    assert text.index('id="errors"') < text.index("<h1>"), "above everything else"
    assert "autofocus" in text.partition('id="errors"')[2].partition(">")[0]
    assert "<title>Error: " in text
    assert '<a href="#reason">Why: This field is required.</a>' in text
    assert 'aria-describedby="reason-error"' in text
    unknown = said(ann.post(PATH, {**FORM, "person": "Nobody Here"}))
    assert "Nobody here is called Nobody Here. Write their name, short name or" in unknown
    assert 'value="2027-07-01T09:00"' in unknown, "nothing typed is lost"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/sign-in/", {"username": "ann", "password": "wrong"}),
        ("/people/me/password/", {"old_password": "wrong", "new_password1": "a"}),
        ("/keys/", {"name": "", "kind": "generic"}),
        ("/people/me/keys/", {"name": ""}),
        ("/reviews/returns/domain-rota/", {}),
        ("/planner/?service=no-such&target=99", None),
        ("/planning/forecast/?quarters=900", None),
        (PATH, {}),
    ],
)
def test_every_form_says_its_errors_in_the_one_place(
    ben: Client, scene: Scene, path: str, form: dict[str, str] | None
) -> None:
    make.service(
        "returns",
        owner=scene.stock.owner,
        domain=scene.stock.domain,
        deployment_target="monthly",
        cover_override="team",
        declared_at="returns.yaml:3",
    )
    client = Client() if path == "/sign-in/" else ben
    response = client.get(path) if form is None else client.post(path, form)
    text = said(response)
    assert response.status_code in (200, 422), response.status_code
    assert text.count('role="alert"') == text.count('id="errors"') == 1
    assert text.index('id="errors"') < text.index("<h1>")


@pytest.mark.parametrize("written", ["ann", "ANN", "Ann Ashby", " ann  ashby ", "Ann@Example.org"])
def test_a_person_is_written_as_people_write_them(ann: Client, scene: Scene, written: str) -> None:
    scene.ann.email = "ann@example.org"
    scene.ann.save()
    ann.post(PATH, {**FORM, "person": written, "starts_at": "2027-07-09T09:00",
                    "ends_at": "2027-07-20T17:00"})  # fmt: skip
    assert Override.objects.get(reason="Dentist").person == scene.ann


def test_a_name_that_two_people_have_or_a_part_of_one_is_asked_about(
    ann: Client, scene: Scene
) -> None:
    person("ben-2", "Ben Osei")
    for written, offered in (("ben osei", ["ben", "ben-2"]), ("lind", ["cat"])):
        text = " ".join(said(ann.post(PATH, {**FORM, "person": written})).split())
        assert "Whom do you mean?" in text
        for slug in offered:
            assert f'name="person" value="{slug}"' in text
        assert 'name="reason" value="Dentist"' in text
    assert not Override.objects.filter(reason="Dentist").exists()


def test_another_override_in_that_time_is_asked_about_once(ann: Client, scene: Scene) -> None:
    times = {"starts_at": "2027-07-01T12:00Z", "ends_at": "2027-07-03T12:00Z"}
    Override.objects.create(
        rota=catalogue.Rota.objects.get(slug="checkout-rota"), person=scene.ben, reason="Wedding",
        created_at=NOW, created_by="ben", **times
    )  # fmt: skip
    asked = said(ann.post(PATH, {**FORM, "person": "ann"}))
    assert "Look again before it is made" in asked
    assert (
        "Ben Osei takes this rota already, from Thu 1 Jul 2027 13:00 Europe/London to "
        "Sat 3 Jul 2027 13:00 Europe/London (Wedding). Where both overlap the newer one counts."
    ) in asked
    assert not Override.objects.filter(reason="Dentist").exists()
    code = asked.partition('name="agreed"')[2].partition('value="')[2].partition('"')[0]
    back = said(ann.post(PATH, {**FORM, "person": "ann", "agreed": code, "change": "yes"}))
    assert 'value="2027-07-01T09:00"' in back
    made = ann.post(PATH, {**FORM, "person": "ann", "agreed": code}, follow=True)
    assert "The override is in place: Ann Ashby takes the rota." in said(made)
    assert Override.objects.filter(reason="Dentist").count() == 1


def test_somebody_of_another_team_is_asked_about(ann: Client, scene: Scene) -> None:
    person("zoe", "Zoe Nkosi")
    asked = said(ann.post(PATH, {**FORM, "person": "Zoe Nkosi"}))
    assert "Zoe Nkosi is not in team checkout and takes no turns on this rota" in asked
    ann.post(PATH, {**FORM, "person": "zoe", "agreed": "stranger"})
    assert Override.objects.filter(reason="Dentist", person__slug="zoe").exists()


def test_who_works_in_a_domain_is_no_stranger_to_its_rota(ann: Client, scene: Scene) -> None:
    dan = person("dan", "Dan Aziz")
    scene.stock.owner.memberships.create(person=dan)
    night = {"starts_at": "2027-07-01T18:00", "ends_at": "2027-07-01T23:00"}
    ann.post("/rotas/stores-rota/overrides/", {**FORM, **night, "person": "dan"})
    assert Override.objects.filter(person=dan).exists()


def test_an_override_in_hours_in_which_the_rota_is_not_asked_is_refused_in_words(
    ann: Client, scene: Scene
) -> None:
    noon = {"starts_at": "2027-07-01T10:00", "ends_at": "2027-07-01T12:00", "person": "ann"}
    response = ann.post("/rotas/stores-rota/overrides/", {**FORM, **noon})
    assert response.status_code == 409
    assert "it answers out of hours (outside Mon-Fri 09:00-17:00 Europe/London)" in said(response)


def test_an_overlap_far_away_is_none(ann: Client, scene: Scene) -> None:
    Override.objects.create(
        rota=catalogue.Rota.objects.get(slug="checkout-rota"), person=scene.ben, reason="Later",
        starts_at=NOW + timedelta(days=90), ends_at=NOW + timedelta(days=91),
        created_at=NOW, created_by="ben",
    )  # fmt: skip
    ann.post(PATH, {**FORM, "person": "ann"})
    assert Override.objects.filter(reason="Dentist").exists()
