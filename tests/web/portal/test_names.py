"""People sign in by what they call themselves, and nobody learns who exists."""

import re
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.test import Client

from andon.core import clock
from andon.people import actions
from andon.people.models import ContactMethod, Person
from andon.people.rules import TRIES
from tests.support import factories as make
from tests.support import scenery
from tests.support.entering import link_of, said, who
from tests.support.scenery import Scene

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("quick_hashes")]


@pytest.mark.parametrize(
    "typed", ["ann", "ANN", "Ann Ashby", "ann  ashby", "ANN@example.org", "ann.private@example.org"]
)
def test_people_sign_in_by_slug_name_or_address_in_any_case(
    scene: Scene, client: Client, typed: str
) -> None:
    Person.objects.filter(slug="ann").update(email="ann@example.org")
    ContactMethod.objects.create(
        person=scene.ann, kind="email", address="Ann.Private@example.org", position=3
    )
    answer = client.post("/sign-in/", {"username": typed, "password": make.PASSWORD})
    assert (answer.status_code, who(client)) == (302, "ann")


def test_a_name_that_two_share_is_refused_in_the_words_of_one_that_nobody_has(
    scene: Scene,
) -> None:
    scenery.person("ann-2", "Ann Ashby")
    answers = {
        said(Client().post("/sign-in/", {"username": name, "password": password})).replace(
            f'value="{name}"', ""
        )
        for name, password in [
            ("Ann Ashby", make.PASSWORD),
            ("Ann Ashby", "guess"),
            ("Nobody Here", "guess"),
            ("ann", "guess"),
        ]
    }
    plain = {re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", one) for one in answers}
    assert len(plain) == 1
    assert "write your e-mail address" in plain.pop()


def test_whoever_has_left_signs_in_by_nothing(scene: Scene) -> None:
    path = link_of("ann")
    Person.objects.filter(slug="ann").update(is_active=False, retired_at=clock.now())
    for typed in ("ann", "Ann Ashby", "ann@example.org"):
        answer = Client().post("/sign-in/", {"username": typed, "password": make.PASSWORD})
        assert answer.status_code == 200
    assert Client().post(path).status_code == 410
    with pytest.raises(actions.UnableToMakeLink):
        link_of("ann")


@pytest.mark.parametrize("typed", ["ann", "nobody", "Ann Ashby", "zoe", "x" * 254])
def test_every_refusal_costs_one_hash(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    """How long it takes does not tell whether somebody exists, shares a name, has a password."""
    make.person("zoe")  # the catalogue declares her; she never set a password
    scenery.person("ann-2", "Ann Ashby")
    hashed: list[str] = []
    usual = hashers.MD5PasswordHasher.encode

    def encode(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return usual(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", encode)
    Client().post("/sign-in/", {"username": typed, "password": "guess"})
    assert len(hashed) == 1


def test_a_browser_that_is_known_stays_known_by_any_name(scene: Scene, client: Client) -> None:
    client.post("/sign-in/", {"username": "ann@example.org", "password": make.PASSWORD})
    client.post("/sign-out/")
    for _ in range(TRIES + 1):
        Client().post("/sign-in/", {"username": "ann", "password": "guess"})
    right = {"username": "ann", "password": make.PASSWORD}
    assert Client().post("/sign-in/", right).status_code == 429
    assert client.post("/sign-in/", right).status_code == 302
