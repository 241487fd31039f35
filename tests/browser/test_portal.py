"""What people do with the portal, in a real browser: at a desk, on a phone, without JavaScript."""

import re
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from andon.alerts.models import Alert
from andon.catalogue import models as catalogue
from andon.core import clock
from andon.incidents import actions as incidents
from andon.incidents.models import Incident
from andon.oncall.models import Override
from andon.paging import links
from andon.paging.models import Page
from andon.people.models import Person, Team
from andon.slo.models import Change
from tests.support import budgets, factories, phone, scenery
from tests.support.scenery import Scene

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/search/?q=checkout",
    "/search/?q=chekout",
    "/services/",
    "/services/?q=no-such-thing",
    "/services/checkout/",
    "/services/stock-1/",
    "/services/checkout/cover/",
    "/services/stock-1/cover/",
    "/portfolio/",
    "/planner/",
    "/planner/?service=checkout&cover=none",
    "/planner/?service=checkout&target=50",
    "/reviews/",
    "/reviews/returns/domain-rota/",
    "/incidents/",
    "/incidents/INC-1042/",
    "/incidents/INC-1021/",
    "/rotas/",
    "/rotas/checkout-rota/",
    "/teams/",
    "/teams/checkout/",
    "/domains/",
    "/domains/stores/",
    "/people/",
    "/people/ben/",
    "/people/ben/pay/",
    "/people/me/password/",
    "/people/me/keys/",
    "/api/v1/docs",
    "/costs/?when=2026-Q4&by=service",
    "/costs/postings/?when=2026-Q4",
    "/costs/payroll/?when=2026-10",
    "/planning/forecast/",
    "/telemetry/",
    "/budgets/",
    "/budgets/?state=exhausted",
    "/services/checkout/budget/",
    "/gaps/",
    "/engine/",
    "/keys/",
)
#: WCAG 2.2 AA, and what axe calls best practice.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def make_returns(scene: Scene) -> None:
    """Make a service whose team rota a review would give to the domain."""
    factories.service(
        "returns",
        owner=scene.stock.owner,
        domain=scene.stock.domain,
        deployment_target="monthly",
        cover_override="team",
        declared_at="returns.yaml:3",
    )


def fill(scene: Scene) -> None:
    """Give everything a name that cannot be broken at a space, and each coming day an override."""
    scenery.tell_more(scene, now=clock.now())
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamter"
    Person.objects.update(name=long)
    for titled in (Team, catalogue.Service, catalogue.Domain, catalogue.Rota, Incident):
        titled.objects.update(title=long)
    Page.objects.update(summary=f"{long} {long}", reason=long)
    labels = dict.fromkeys(("pod", "region", long), long * 2)
    Alert.objects.update(summary=long * 3, labels=labels)
    Change.objects.update(summary=long * 3, source=long)
    rota = catalogue.Rota.objects.get(slug="checkout-rota")
    Override.objects.all().delete()
    for day in range(28):
        starts = clock.now() + timedelta(days=day, hours=1)
        Override.objects.create(
            rota=rota,
            person=(scene.ann, scene.ben)[day % 2],
            starts_at=starts,
            ends_at=starts + timedelta(hours=11),
            reason=f"https://calendar.example.org/{long}/{long}",
            created_at=clock.now(),
            created_by="ann",
        )


def violations(page: Any) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{page.url} {one['id']}: {one['help']}: {node['target']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]


# The living sample has the other two: a phone in light, a desk in dark.
@pytest.mark.parametrize(
    ("size", "dark"), [({}, False), (phone.SIZE, True)], ids=["desk-light", "phone-dark"]
)
def test_every_page_is_accessible_and_the_console_stays_empty(
    visit: Any, scene: Scene, dark: bool, size: dict[str, int]
) -> None:
    make_returns(scene)
    scenery.tell_more(scene, now=clock.now())
    budgets.measure(scene, now=clock.now())
    at = visit(dark=dark, **size)
    token = links.sign(uid=scene.notification.uid)
    found: list[str] = []
    for path in ("/sign-in/", f"/a/{token}/", "/a/made-up/"):
        found += violations(at.open(path))
    at.complaints[:] = [one for one in at.complaints if "/a/made-up/" not in one]  # its 404
    at.sign_in("ben")
    for path in PAGES:
        page = at.open(path)
        found += violations(page)
        phone.assert_fits(page, width=size.get("width", 1280))
    assert found == []


def test_no_page_is_wider_than_a_phone_whatever_stands_on_it(visit: Any, scene: Scene) -> None:
    make_returns(scene)
    budgets.measure(scene, now=clock.now())
    fill(scene)
    at = visit(**phone.SIZE)
    at.sign_in("ben")
    found = {path: phone.sideways(at.open(path)) for path in PAGES}
    assert {path: parts for path, parts in found.items() if parts} == {}


def test_what_makes_a_page_too_wide_for_a_phone_is_named(visit: Any, scene: Scene) -> None:
    at = visit(**phone.SIZE)
    at.sign_in("ben")
    page = at.open("/rotas/checkout-rota/")
    assert phone.sideways(page) == []
    page.evaluate("document.querySelector('h1').style.width = '554px'")
    by, *parts = phone.sideways(page)
    assert by.endswith("px wider than 390")
    assert any(one.startswith("h1 up to 5") for one in parts), parts
    page.evaluate("document.querySelector('h1').parentElement.style.overflowX = 'auto'")
    assert phone.sideways(page) == [], "a scroller of its own holds it back"


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "plain"])
def test_an_override_is_made_on_a_phone(visit: Any, scene: Scene, javascript: bool) -> None:
    """Today is in view, a refusal is seen first and has the focus, a slip is asked about."""
    at = visit(**phone.SIZE, javascript=javascript)
    at.sign_in("ann")
    page = at.open("/rotas/checkout-rota/")
    today = page.locator(".calendar td.today").bounding_box()
    assert today is not None
    assert today["x"] >= 0
    assert today["x"] + today["width"] <= phone.WIDTH

    def add(person: str, reason: str = "Dentist") -> None:
        page.get_by_label("Who takes it").fill(person)
        page.get_by_label("From").fill("2026-11-29T09:00")
        page.get_by_label("Until", exact=True).fill("2026-12-02T17:00")
        page.get_by_label("Why").fill(reason)
        page.get_by_role("button", name="Add the override").click()

    add("Nobody At All")
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("Nobody here is called Nobody At All")
    expect(problem).to_be_focused()
    box = problem.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < phone.HEIGHT, "the refusal is in the first view"
    phone.assert_fits(page)
    problem.get_by_role("link").click()
    expect(page.get_by_label("Who takes it")).to_be_in_viewport()
    add("ben")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look again before it is made")
    phone.assert_fits(page)
    if javascript:
        assert violations(page) == []
    page.get_by_role("button", name="Yes, add the override").click()
    expect(page.get_by_role("status")).to_contain_text("Ben Osei takes the rota")
    phone.assert_fits(page)
    at.complaints[:] = [one for one in at.complaints if "422" not in one]  # the refusal's


def test_sign_in_see_the_incident_acknowledge_on_a_phone_and_read_the_trail(
    visit: Any, scene: Scene
) -> None:
    at = visit(**phone.SIZE)
    at.sign_in("ann")
    page = at.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("down")
    page.get_by_role("link", name="INC-1042").click()
    expect(page.get_by_text("Nobody has acknowledged it yet.")).to_be_visible()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("status")).to_contain_text("Acknowledged")
    expect(page.locator("#live")).to_contain_text("Ann Ashby has it")
    trail = page.get_by_role("region", name="What Andon decided, and why")
    expect(trail).to_contain_text("99.9% target, team cover out of hours")
    expect(trail).to_contain_text("Ann Ashby acknowledged")
    scene.page.refresh_from_db()
    assert scene.page.state == "acknowledged"


def test_the_burn_down_comes_to_the_service_page_and_is_a_link_without_scripts(
    visit: Any, scene: Scene
) -> None:
    budgets.measure(scene, now=clock.now())
    at = visit(**phone.SIZE)
    at.sign_in("ann")
    page = at.open("/services/checkout/")
    card = page.get_by_role("region", name="Error budget")
    expect(card.locator("polyline.burn").first).to_be_visible()
    phone.assert_fits(page)
    assert violations(page) == []
    plain = visit(javascript=False)
    plain.sign_in("ben")
    plain.open("/services/checkout/").get_by_role("link", name="How it went").click()
    expect(plain.page.locator("polyline.burn").first).to_be_visible()


def test_acknowledge_by_the_link_without_signing_in(visit: Any, scene: Scene) -> None:
    at = visit(**phone.SIZE)
    page = at.open(f"/a/{links.sign(uid=scene.notification.uid)}/")
    button = page.get_by_role("button", name="Acknowledge")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] + box["height"] < phone.HEIGHT, "the button is in the first view"
    assert Page.objects.get(pk=scene.page.pk).state == "paging", "looking changes nothing"
    button.click()
    expect(page.get_by_role("status")).to_contain_text("You have it")
    assert Page.objects.get(pk=scene.page.pk).acknowledged_by == "Ann Ashby"
    page.get_by_role("link", name="See the incident").click()
    expect(page.get_by_role("heading", name=re.compile("INC-1042"))).to_be_visible()
    expect(page.get_by_text("Nothing can be changed here")).to_be_visible()
    assert page.get_by_role("button").count() == 0
    page.get_by_role("link", name=re.compile("Sign in to act")).click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_r54_display_does_not_depend_on_the_browser_zone(visit: Any, scene: Scene) -> None:
    shown = {}
    for zone in ("America/Los_Angeles", "Asia/Kolkata"):
        at = visit(zone=zone)
        at.sign_in("ben")
        for path in ("/rotas/checkout-rota/", "/incidents/INC-1042/", "/services/checkout/"):
            page = at.open(path)
            page.wait_for_load_state("networkidle")
            said = page.locator("time").all_text_contents()
            shown[zone, path] = [one for one in said if re.search(r"\d\d:\d\d", one)]
    paths = {path for _, path in shown}
    for path in paths:
        one, other = (shown[zone, path] for zone in ("America/Los_Angeles", "Asia/Kolkata"))
        assert one
        assert one == other, path


def test_an_incident_is_handled_without_javascript(visit: Any, scene: Scene) -> None:
    at = visit(javascript=False)
    at.sign_in("ann")
    page = at.open("/incidents/INC-1042/")
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_label("Note").fill("The card provider times out.")
    page.get_by_role("button", name="Add to the timeline").click()
    expect(page.get_by_role("region", name="Timeline")).to_contain_text("The card provider")
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator("#live")).to_contain_text("Restored")
    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_role("button", name="Resolve")).to_be_visible()


def test_the_service_page_fetches_its_verdict(visit: Any, scene: Scene) -> None:
    at = visit(**phone.SIZE)
    at.sign_in("ann")
    at.open("/services/checkout/")
    verdict = at.page.get_by_role("region", name="Cover, as insurance")
    expect(verdict).to_contain_text("Yes: a team rota out of hours costs")
    expect(at.page).to_have_title("Checkout · Andon")  # not that of the part fetched into it
    at.page.get_by_role("link", name=re.compile("Does it need cover")).click()
    expect(at.page.get_by_role("heading", level=1)).to_contain_text("Does Checkout need cover")


def test_moving_a_cover_shows_the_difference_at_once_and_in_the_address(
    visit: Any, scene: Scene
) -> None:
    at = visit(**phone.SIZE)
    at.sign_in("ann")
    page = at.open("/planner/?service=checkout")
    page.get_by_label("Cover out of hours").select_option("none")
    expect(page.locator("#outcome")).to_contain_text("The premium falls by GBP 36,000")
    page.wait_for_url("**cover=none*")
    page.get_by_label("Target").select_option("99.0%")
    page.wait_for_url("**target=99.0*")
    page.reload()
    expect(page.locator("#outcome")).to_contain_text("99.0%")


def test_the_planner_works_without_javascript(visit: Any, scene: Scene) -> None:
    at = visit(javascript=False)
    at.sign_in("ann")
    page = at.open("/planner/")
    page.get_by_label("Service").fill("checkout")
    page.get_by_label("Cover out of hours").select_option("none")
    page.get_by_role("button", name="Show the difference").click()
    expect(page.locator("#outcome")).to_contain_text("The premium falls by GBP 36,000")


def test_axe_would_see_a_fault(visit: Any, scene: Scene) -> None:
    page = visit().open("/sign-in/")
    page.evaluate("document.querySelector('label').remove()")
    assert any("label" in one for one in violations(page))


def test_the_first_page_follows_by_itself_until_it_is_told_not_to(visit: Any, scene: Scene) -> None:
    at = visit()
    at.page.clock.install()
    at.sign_in("ann")
    page = at.page
    expect(page.locator("#live")).to_contain_text("nobody has acknowledged")
    incidents.acknowledge(number=1042, by="Ben Osei", person_id=scene.ben.pk, now=clock.now())
    page.clock.run_for(21_000)
    expect(page.locator("#live")).to_contain_text("Ben Osei has it")
    page.get_by_role("link", name="Stop updating").click()
    page.wait_for_url("**/?live=off")
    assert page.locator("#live").get_attribute("hx-get") is None


def test_the_keyboard_reaches_the_content_at_once(visit: Any, scene: Scene) -> None:
    at = visit()
    at.sign_in("ann")
    page = at.open("/services/checkout/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_slash_leads_to_the_search_until_it_is_turned_off(visit: Any, scene: Scene) -> None:
    at = visit()
    at.sign_in("ann")
    page = at.open("/rotas/")
    search = page.get_by_role("searchbox", name="Search everything")
    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.type("takes/the")
    expect(search).to_have_value("takes/the")
    search.fill("takes the money")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("takes the money")
    page.get_by_role("link", name="Checkout").click()
    page.wait_for_url("**/services/checkout/")
    at.open("/search/")
    page.get_by_role("button", name="Turn it off").click()
    page.keyboard.press("/")
    expect(search).not_to_be_focused()


def test_the_search_works_without_javascript(visit: Any, scene: Scene) -> None:
    at = visit(javascript=False, **phone.SIZE)
    at.sign_in("ann")
    at.page.get_by_role("searchbox", name="Search everything").fill("money")
    at.page.get_by_role("button", name="Search", exact=True).click()
    expect(at.page.get_by_role("region", name="Services")).to_contain_text("Takes the money")
    phone.assert_fits(at.page, width=390)
