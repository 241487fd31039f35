"""The ways in, in a real browser: forms whose address is a secret still pass their checks."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from andon.core import clock
from andon.paging import links as paging
from andon.people import actions, rules
from andon.people.models import Person
from tests.browser.test_portal import violations
from tests.support import phone
from tests.support.scenery import Scene

pytestmark = pytest.mark.browser
NEW = "marmalade tin under stairs"


def test_a_new_andon_is_set_up_on_a_phone(visit: Any, scene: Scene) -> None:
    secret = actions.make_set_up_link(by="andon up", now=clock.now())
    at = visit(dark=True, **phone.SIZE)
    page = at.open(rules.set_up_link(base_url="", plain=secret.plain))
    found = violations(page)
    phone.assert_fits(page, width=phone.WIDTH)
    page.get_by_label("Your name").fill("Gwen Stone")
    page.get_by_label("Your e-mail address").fill("gwen@example.org")
    page.get_by_label("Password", exact=True).fill(NEW)
    page.get_by_label("Password, once more").fill(NEW)
    page.get_by_role("button", name="Set up this Andon").click()
    expect(page.get_by_text("You administer this Andon now")).to_be_visible()
    assert Person.objects.get(slug="gwen").is_superuser
    assert found == []


def test_somebody_signs_in_by_a_link_and_sets_a_password(visit: Any, scene: Scene) -> None:
    secret = actions.make_sign_in_link(person="ann", by="test", now=clock.now())
    at = visit()
    found = violations(at.open("/sign-in/link/"))
    page = at.open(rules.sign_in_link(base_url="", plain=secret.plain))
    found += violations(page)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{at.base}/")
    page = at.open("/people/me/password/")
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label(re.compile("confirmation")).fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("Your password is set")).to_be_visible()
    assert found == []


def test_the_incident_is_read_on_a_phone_without_an_account(visit: Any, scene: Scene) -> None:
    at = visit(dark=True, **phone.SIZE)
    page = at.open(f"/a/{paging.sign(uid=scene.notification.uid)}/")
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("link", name="See the incident").click()
    expect(page.get_by_role("heading", name=re.compile("INC-1042"))).to_be_visible()
    phone.assert_fits(page, width=phone.WIDTH)
    assert violations(page) == []
