"""Every page comes, says what it should, and says no to those it should."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.template.loader import get_template
from django.test import Client
from django.test.utils import CaptureQueriesContext

from andon.catalogue.models import Dependency
from andon.core import clock
from andon.incidents.models import Incident
from andon.paging.models import Decision, Page
from andon.slo.models import Change
from andon.web.portal.pages import HERE
from tests.support import factories, scenery
from tests.support.scenery import Scene

PAGES = (
    "/",
    "/services/",
    "/services/?q=basket-api",
    "/services/checkout/",
    "/services/stock-1/",
    "/incidents/",
    "/incidents/?state=active&q=checkout",
    "/incidents/INC-1042/",
    "/incidents/INC-1040/",
    "/incidents/INC-1039/",
    "/incidents/INC-1021/",
    "/rotas/",
    "/rotas/checkout-rota/",
    "/rotas/stores-rota/",
    "/teams/",
    "/teams/checkout/",
    "/domains/",
    "/domains/stores/",
    "/people/",
    "/people/ann/",
    "/gaps/",
    "/engine/",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_comes(ann: Client, path: str) -> None:
    response = ann.get(path)
    assert response.status_code == 200
    text = response.content.decode()
    assert text.count("<h1>") == 1
    assert "style=" not in text
    assert "javascript:" not in text
    assert not re.search(r"<script(?! src=)", text)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids)), "an id is used twice"


@pytest.mark.parametrize("path", [*PAGES, "/keys/", "/p/01900000-0000-7000-8000-000000000000/"])
def test_nothing_is_shown_to_those_who_are_not_signed_in(
    scene: Scene, client: Client, path: str
) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")


def text_of(client: Client, path: str) -> str:
    """Return what a page says, without its mark-up."""
    html = client.get(path).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_first_page_says_what_burns_what_waits_and_who_has_it(ann: Client) -> None:
    said = text_of(ann, "/")
    assert said.startswith("2 down · Andon")
    assert "Losing up to GBP 3,333 a minute, if all are fully down." in said
    assert said.index("Nobody has taken these") < said.rindex("INC-1042"), "unanswered comes first"
    assert "Held 1 page" in said
    assert "Checkout rota" in said
    assert "All 5 stages of the engine are running" in said
    assert "basket-v2" in said


def test_tickets_are_listed_with_who_has_them_even_of_services_nobody_declared(
    ann: Client,
) -> None:
    stock = factories.service("shelves", title="Shelves")
    taken = {"state": "acknowledged", "acknowledged_by": "Ben"}
    factories.page(stock, severity="ticket", subject_kind="ticket", **taken)
    factories.page(severity="ticket", ref="nobody-knows")
    text = text_of(ann, "/")
    assert "2 tickets" in text
    assert "taken by Ben" in text
    assert "nobody has taken it" in text
    assert "nobody-knows" in text


def test_what_paged_nobody_is_on_the_service_page_newest_first_and_bounded(
    ann: Client, scene: Scene
) -> None:
    assert "What paged nobody" not in text_of(ann, "/services/checkout/")
    for number in range(12):
        at = clock.now() - timedelta(minutes=60 - number)
        quiet = factories.alert(scene.checkout, severity="info", at=at, summary=f"Note {number:02}")
        Decision.objects.create(
            alert=quiet, at=at, kind="recorded", reason="Severity info: recorded, pages nobody"
        )
    said = text_of(ann, "/services/checkout/").split("What paged nobody")[1]
    shown = re.findall(r"Note \d\d", said)
    assert shown == [f"Note {number:02}" for number in range(11, 1, -1)]
    assert said.count("Severity info: recorded, pages nobody. Decided") == 10
    assert "What paged nobody" not in text_of(ann, "/services/stock-1/")


def test_what_changed_is_on_the_page_of_the_service_and_of_its_incident(
    ann: Client, scene: Scene
) -> None:
    link = {"href": "https://ci.example/41", "text": "Build 41"}
    for number in range(7):
        Change.objects.create(
            service=scene.checkout,
            at=clock.now() - timedelta(hours=number, minutes=20),
            identity=f"{number}",
            summary=f"Release {number} <b>",
            source="jenkins",
            links=[link, {"href": "javascript:alert(1)", "text": "no"}],
        )
    said = text_of(ann, "/services/checkout/").split("What changed lately")[1]
    assert re.findall(r"Release (\d) &lt;b&gt;", said) == ["0", "1", "2", "3", "4"]
    html = ann.get("/incidents/INC-1042/").content.decode()
    card = html.split("What changed shortly before, or since")[1].split("</section>")[0]
    assert card.count("Release") == 7
    assert 'href="https://ci.example/41"' in card
    assert "javascript:" not in card
    assert "What changed" not in text_of(ann, "/incidents/INC-1040/")


def test_a_long_summary_is_cut_in_lists_and_whole_where_it_is_read(
    ann: Client, scene: Scene
) -> None:
    long = "word " * 200 + "END"
    Incident.objects.update(title=long)
    Page.objects.update(summary=long)
    for path in ("/", "/incidents/", "/services/checkout/"):
        assert "END" not in text_of(ann, path), path
    assert "END" in text_of(ann, "/incidents/INC-1042/")


def test_a_page_keeps_its_own_title_whatever_part_is_fetched_into_it() -> None:
    """htmx takes the title of what it fetches, unless told not to; only own pages refresh it."""
    base = (HERE / "templates/portal/base.html").read_text()
    assert '"ignoreTitle":true' in base
    for template in (HERE / "templates/portal").glob("*.html"):
        text = template.read_text()
        for tag in re.findall(r"<[^>]*ignoreTitle:false[^>]*>", text):
            assert 'hx-get="{{ request.path }}"' in tag, template.name


def test_the_service_page_keeps_the_order_of_three_in_the_morning(ann: Client) -> None:
    said = text_of(ann, "/services/checkout/")
    order = (
        "Target lost",
        "On call now",
        "1 active incident",
        "lost so far",
        "left of the",
        "Runbook and dashboards",
        "What it needs",
        "What needs it",
        "About it",
    )
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    for fact in ("Budget holder Ben Osei", "#team-checkout", "99.99%", "peak", "Orders database"):
        assert fact in said


def test_an_incident_says_what_it_alone_used_of_the_allowance_and_the_service_what_is_left(
    ann: Client,
) -> None:
    service = text_of(ann, "/services/checkout/")
    assert "left of the" in service
    for said in (service, text_of(ann, "/"), text_of(ann, "/incidents/INC-1042/")):
        assert re.search(r"allowed, used by this alone [\d.,]+%", said)
        assert "of its allowance left" not in said


def test_a_finding_is_shown_on_the_entity(ann: Client) -> None:
    said = text_of(ann, "/services/stock-1/")
    assert "The service has no runbook" in said
    assert "stock.yaml:12" in said


def test_pages_stay_small(ann: Client) -> None:
    for path in ("/services/checkout/", "/services/stock-1/", "/incidents/INC-1042/", "/"):
        assert len(ann.get(path).content) < 50_000, path


def test_a_renamed_service_is_found_and_a_missing_one_is_not(ann: Client) -> None:
    assert ann.get("/services/basket-api/")["Location"] == "/services/checkout/"
    missing = ann.get("/services/no-such/")
    assert missing.status_code == 404
    assert "There is no such page" in missing.content.decode()
    assert ann.get("/incidents/INC-7/").status_code == 404
    assert ann.get("/rotas/no-such/").status_code == 404
    assert ann.get("/teams/no-such/").status_code == 404
    assert ann.get("/domains/no-such/").status_code == 404
    assert ann.get("/people/no-such/").status_code == 404


def test_times_are_in_the_readers_own_zone(scene: Scene, client: Client) -> None:
    scene.ann.timezone = "Asia/Tokyo"
    scene.ann.save()
    client.force_login(scene.ann, backend="django.contrib.auth.backends.ModelBackend")
    said = text_of(client, "/incidents/INC-1042/")
    assert "Times are shown in Asia/Tokyo" in said
    assert "JST" in text_of(client, "/")


def test_a_time_zone_that_does_not_exist_does_not_break_the_page(
    scene: Scene, client: Client
) -> None:
    scene.ann.timezone = "Mars/Olympus"
    scene.ann.save()
    client.force_login(scene.ann, backend="django.contrib.auth.backends.ModelBackend")
    assert "Times are shown in UTC" in text_of(client, "/")


@pytest.mark.parametrize("path", ["/services/", "/incidents/", "/rotas/", "/teams/", "/people/"])
@pytest.mark.parametrize(
    "query", ["q=%00", "after=%00", "q=" + "x" * 900, "after=%F0%9F%94%A5", "state=x"]
)
def test_odd_questions_get_an_answer(ann: Client, path: str, query: str) -> None:
    assert ann.get(f"{path}?{query}").status_code == 200


def test_what_people_type_is_shown_as_text(ann: Client) -> None:
    html = ann.get('/services/?q="><img src=x>').content.decode()
    assert "<img src=x>" not in html


def test_a_dangerous_link_is_not_a_link(ann: Client, scene: Scene) -> None:
    scene.checkout.runbook_url = "javascript:alert(1)"
    scene.checkout.save()
    assert "javascript:" not in ann.get("/services/checkout/").content.decode()


def test_pages_are_protected_by_a_strict_policy(ann: Client) -> None:
    response = ann.get("/")
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "private" in response["Cache-Control"]


PER_PAGE = {"/": 42, "/services/": 16, "/services/checkout/": 40, "/incidents/": 14, "/rotas/": 14}


@pytest.mark.parametrize("path", PER_PAGE)
def test_queries_do_not_grow_with_the_catalogue(
    ann: Client, scene: Scene, path: str, django_assert_max_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as before:
        ann.get(path)
    for number in range(60):
        more(number, scene)
    with django_assert_max_num_queries(min(len(before), PER_PAGE[path])):
        assert ann.get(path).status_code == 200


def more(number: int, scene: Scene) -> None:
    """Make one more team with a service, a rota, a page and an incident."""
    team = factories.team(f"t{number}", members=[scene.ann])
    service = factories.service(f"s{number}", owner=team)
    factories.rota(f"r{number}", of=team, people=[scene.ann, scene.ben])
    page = factories.page(service, at=clock.now())
    scenery.incident(2000 + number, page)
    Dependency.objects.create(service=scene.checkout, on_service=service, hardness="hard")


def test_a_long_list_is_cut_into_pages(ann: Client, scene: Scene) -> None:
    for number in range(60):
        more(number, scene)
    first = ann.get("/services/?q=s").content.decode()
    after = re.search(r'rel="next"\s+href="([^"]+)"', first)
    assert after is not None
    second = ann.get("/services/" + after.group(1).replace("&amp;", "&")).content.decode()
    names = re.compile(r'class="strong-link"\s+href="/services/([^/]+)/"')
    assert not set(names.findall(first)) & set(names.findall(second))
    assert len(names.findall(first)) == 50
    assert "First page" in second


@pytest.mark.parametrize("status", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_nothing(status: str) -> None:
    html = get_template(f"{status}.html").render()
    assert "<h1>" in html
    assert "{%" not in html
    assert "{{" not in html
