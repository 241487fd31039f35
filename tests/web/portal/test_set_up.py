"""The set-up link: whoever opens it first administers this Andon, and nobody after them."""

import re
from typing import Any

import pytest
from django.test import Client

from andon.people import actions, queries
from andon.people.models import Person
from andon.people.rules import SET_UP
from tests.support import factories as make
from tests.support.entering import said, set_up_path, who
from tests.support.scenery import Scene

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("quick_hashes")]
NEW = "marmalade tin under stairs"
FORM = {
    "name": "Gwen Stone",
    "email": "gwen@example.org",
    "slug": "",
    "password": NEW,
    "again": NEW,
}


def test_the_set_up_link_makes_the_administrator_and_signs_them_in(db: None) -> None:
    path, other = set_up_path(), set_up_path()
    assert "Who will administer" in said(Client().get(path))
    browser = Client()
    answer = browser.post(path, FORM, follow=True)
    assert "You administer this Andon now" in said(answer)
    gwen = Person.objects.get(slug="gwen")
    assert (gwen.name, gwen.email, gwen.is_superuser, gwen.is_staff) == (
        "Gwen Stone", "gwen@example.org", True, True,
    )  # fmt: skip
    assert who(browser) == "gwen"
    assert browser.get("/admin/").status_code == 200
    for dead in (path, other):
        assert Client().get(dead).status_code == 410
        assert Client().post(dead, {**FORM, "slug": "eve"}).status_code == 410
    assert not Person.objects.filter(slug="eve").exists()
    with pytest.raises(actions.UnableToMakeLink, match="Gwen Stone administers"):
        set_up_path()
    form = {"username": "Gwen@example.org", "password": NEW}
    assert Client().post("/sign-in/", form).status_code == 302


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"again": "other"}, "differ"),
        ({"password": "Gwen Stone 2026", "again": "Gwen Stone 2026"}, "guessed too soon"),
        ({"email": "gwen"}, "valid email"),
        ({"name": " "}, "required"),
        ({"slug": "no such slug!"}, "valid"),
        ({"slug": "left"}, "already"),
    ],
)
def test_what_cannot_be_leaves_the_set_up_link_as_it_was(
    db: None, change: dict[str, str], why: str
) -> None:
    make.person("left", is_active=False)
    path = set_up_path()
    answer = Client().post(path, FORM | change)
    assert answer.status_code == 422
    assert why in said(answer)
    assert not re.findall(r'<input[^>]*type="password"[^>]*value=', said(answer))
    assert not Person.objects.filter(is_superuser=True).exists()
    assert Client().post(path, FORM).status_code == 302


def test_the_set_up_link_is_too_old_after_a_day(db: None, clocked: Any) -> None:
    path = set_up_path()
    clocked(seconds=SET_UP.total_seconds())
    assert Client().post(path, FORM).status_code == 410
    assert not Person.objects.exists()


def test_the_set_up_link_works_when_the_catalogue_came_first(scene: Scene) -> None:
    path = set_up_path()
    browser = Client()
    browser.post(path, FORM | {"email": "ANN@example.org", "name": "Somebody"})
    ann = Person.objects.get(slug="ann")
    assert (ann.is_superuser, ann.name, who(browser)) == (True, "Ann Ashby", "ann")
    assert not Person.objects.filter(name="Somebody").exists()
    assert queries.administrator() == "Ann Ashby"


def test_a_set_up_link_is_dead_once_an_administrator_was_made_otherwise(scene: Scene) -> None:
    path = set_up_path()
    Person.objects.filter(slug="ben").update(is_superuser=True)
    assert Client().post(path, FORM).status_code == 410
    assert not Person.objects.filter(slug="gwen").exists()
