"""What cover costs and protects, on pages: the verdict, the portfolio, the planner, the review."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from andon.catalogue import actions as catalogue
from andon.core import clock
from andon.planning import queries, rules
from tests.support import factories, scenery
from tests.support.scenery import Scene

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"


@pytest.fixture
def fruits(db: None, client: Client) -> Client:
    """Return somebody signed in where the example is applied."""
    catalogue.apply_folder(path=EXAMPLE, by="test", now=clock.now())
    who = scenery.person("dee", "Dee")
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return plain(response.content.decode())


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&#x27;", "'").split())


def test_the_portfolio_page_says_what_the_folder_says(fruits: Client) -> None:
    folder = queries.portfolio_from_folder(EXAMPLE)
    premium = rules.premium_of(portfolio=folder)
    said = text_of(fruits, "/portfolio/")
    assert (str(premium.per_month), str(premium.naive_per_month)) == (
        "GBP 9,000",
        "GBP 30,000",
    )
    assert "GBP 9,000 " in said
    assert "GBP 30,000 " in said
    for line in premium.working:
        assert line in said
    for service in folder.services:
        row = f"{service.title} {service.team} {service.domain or ''}".rstrip()
        assert row in said
    for signal in rules.find_signals(portfolio=folder):
        assert signal.words in said


def test_every_service_is_a_point_and_a_row(fruits: Client) -> None:
    html = fruits.get("/portfolio/").content.decode()
    chart = html.split('class="chart"')[1].split("</svg>")[0]
    points = re.findall(r"<title>([^<]+)</title>", chart)
    assert len(points) == 10
    assert "Checkout: GBP 200,000 an hour, GBP 36,500 a year" in points
    assert len(re.findall(r'href="/services/[^/]+/cover/"', html)) == 10


def test_the_share_of_a_shared_rota_is_on_the_page(fruits: Client) -> None:
    said = text_of(fruits, "/services/fulfilment-1/cover/")
    assert "its share of the rota, a month GBP 750" in said
    assert "shared by 4 services of 4 teams" in said


@pytest.mark.parametrize("slug", ["checkout", "fulfilment-1", "stock-1"])
def test_the_verdict_is_that_of_the_folder_with_its_working(fruits: Client, slug: str) -> None:
    folder = queries.portfolio_from_folder(EXAMPLE)
    service = next(one for one in folder.services if one.slug == slug)
    verdict = rules.needs_cover(service=service, portfolio=folder)
    said = text_of(fruits, f"/services/{slug}/cover/")
    for line in (verdict.sentence, *verdict.working, *verdict.assumptions):
        assert line in said


def test_the_service_page_leads_to_the_verdict_without_waiting_for_it(ann: Client) -> None:
    html = ann.get("/services/checkout/").content.decode()
    assert 'hx-get="/services/checkout/cover/"' in html
    assert re.search(r'<a href="/services/checkout/cover/">Does it need cover', html)
    assert ann.get("/services/basket-api/cover/")["Location"] == "/services/checkout/cover/"
    assert ann.get("/services/no-such/cover/").status_code == 404


def test_a_service_without_an_exposure_is_named_with_what_to_do(ann: Client, scene: Scene) -> None:
    factories.service("mystery", exposure=None, declared_at="mystery.yaml:3")
    said = text_of(ann, "/services/mystery/cover/")
    assert "no financial exposure" in said
    assert "mystery.yaml:3" in said
    assert "mystery has no financial exposure" in text_of(ann, "/portfolio/")


def test_moving_a_target_shows_the_difference_the_rules_find(fruits: Client) -> None:
    said = text_of(fruits, "/planner/?service=checkout&target=99.0%25")
    assert "Standby GBP 109,500 GBP 73,000 \u2212GBP 36,500" in said
    assert "checkout target 99.9% 99.0%" in said
    assert "checkout cover team none" in said
    assert "3 rotas today, 2 as planned" in said


def test_a_plan_of_several_moves_is_an_address(fruits: Client) -> None:
    one = fruits.get("/planner/?service=checkout&cover=none").content.decode()
    link = re.search(r'href="(/planner/\?move=[^"]+)">Move another', one)
    assert link is not None
    both = text_of(fruits, link.group(1).replace("&amp;", "&") + "&service=product&cover=none")
    assert "3 rotas today, 1 as planned" in both
    again = text_of(fruits, "/planner/?move=checkout;;none;&service=checkout&cover=team")
    assert "Nothing changes" in again, "the form's move takes the place of an earlier one"


def test_trading_hours_move_the_loss_and_not_the_premium(fruits: Client) -> None:
    path = "/planner/?service=stock-1&trading=mon-fri 09:00-17:00%3D50"
    said = text_of(fruits, path)
    assert "stock-1 trading week flat" in said
    assert "Standby GBP 109,500 GBP 109,500 GBP 0" in said
    assert "The premium stays and the expected loss falls" in said


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("service=no-such", "no service"),
        ("service=checkout&target=99.95", "no target of this organisation"),
        ("service=checkout&target=lots", "not an availability target"),
        ("service=checkout&cover=magic", "magic"),
        ("service=stock-1&trading=always", "is not a part of the week"),
        ("service=stock-1&trading=a;b", "commas"),
    ],
)
def test_an_impossible_move_is_explained(fruits: Client, query: str, why: str) -> None:
    response = fruits.get(f"/planner/?{query}")
    said = plain(response.content.decode())
    assert why in said
    assert "The difference" not in said


def test_a_domain_rota_needs_a_domain(ann: Client) -> None:
    response = ann.get("/planner/?service=checkout&cover=domain")
    assert "checkout is in no domain whose rota could answer" in plain(response.content.decode())


@pytest.mark.parametrize("path", ["/portfolio/", "/planner/", "/reviews/"])
@pytest.mark.parametrize(
    "query", ["q=%00", "after=%00", "q=" + "x" * 900, "after=%F0%9F%94%A5", "move=;;;;;", "move=x"]
)
def test_odd_questions_get_an_answer(fruits: Client, path: str, query: str) -> None:
    assert fruits.get(f"{path}?{query}").status_code == 200


def dearer(folder: Path) -> None:
    """Apply the example with one service's exposure raised."""
    for file in EXAMPLE.rglob("*.yaml"):
        copy = folder / file.relative_to(EXAMPLE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        changed = file.read_text()
        if file.name == "stock-1.yaml":
            changed = re.sub(r"(exposure-per-hour: ).*", r"\1GBP 190000", changed)
        copy.write_text(changed)
    catalogue.apply_folder(path=folder, by="test", now=clock.now())


@pytest.fixture
def proposed(fruits: Client, tmp_path: Path) -> Client:
    """Return a reader of a catalogue in which one service has a target too low for its money."""
    dearer(tmp_path / "catalogue")
    return fruits


def test_the_review_is_a_list_of_tasks_with_evidence(proposed: Client) -> None:
    said = text_of(proposed, "/reviews/")
    assert "2 proposals" in said, "the sample has one of its own"
    assert "upgrade" in said
    assert "from 99.0% to 99.9%" in said
    assert "asks for 99.9%" in said
    assert "No proposal matches “checkout”" in text_of(proposed, "/reviews/?q=checkout")


def test_accepting_gives_a_patch_and_changes_nothing(proposed: Client, tmp_path: Path) -> None:
    file = tmp_path / "catalogue" / "stock" / "stock-1.yaml"
    before = file.read_text()
    path = "/reviews/stock-1/upgrade/"
    page = proposed.post(path, {"pasted": before.replace("\n", "\r\n")})
    assert page.status_code == 200
    shown = page.content.decode()
    assert "+    andon.dev/availability-target: &quot;99.9&quot;" in shown
    assert "a/stock/stock-1.yaml" in shown
    with file.open("rb") as sent:
        download = proposed.post(path, {"file": sent, "download": "yes"})
    assert download["Content-Type"].startswith("text/x-diff")
    assert 'filename="stock-1-upgrade.patch"' in download["Content-Disposition"]
    patch = download.content.decode()
    assert patch.startswith("--- a/stock/stock-1.yaml\n+++ b/stock/stock-1.yaml\n")
    assert '+    andon.dev/availability-target: "99.9"' in patch
    assert file.read_text() == before


def test_a_peak_window_is_accepted_as_a_patch(fruits: Client, tmp_path: Path) -> None:
    """GBP 144,000 an hour in its season asks for 99.9%, which the domain's staffed rota answers."""
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "catalogue"))
    file = folder / "fulfilment" / "fulfilment-1.yaml"
    season = "deployment-target: monthly\n    andon.dev/seasons: 01-01/12-31=8"
    text = file.read_text().replace("deployment-target: weekly", season, 1)
    file.write_text(text)
    catalogue.apply_folder(path=folder, by="test", now=clock.now())

    page = fruits.post("/reviews/fulfilment-1/peak-window/", {"pasted": text})

    assert page.status_code == 200
    window = r"\+    andon.dev/peak-windows: &quot;20..-..-../20..-12-31=99.9&quot;"
    assert re.search(window, page.content.decode())


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({}, "Choose the file"),
        ({"pasted": "kind: Group\n" * 9}, "not in a Component"),
        ({"pasted": "#"}, "was it changed since?"),
    ],
)
def test_a_file_that_is_not_the_one_is_refused(
    proposed: Client, sent: dict[str, str], why: str
) -> None:
    response = proposed.post("/reviews/stock-1/upgrade/", sent)
    assert response.status_code == 422
    said = plain(response.content.decode())
    assert why in said
    assert "/tmp" not in said
    assert proposed.get("/reviews/stock-1/downgrade/").status_code == 404


PAGES = ("/portfolio/", "/planner/?service=stock-1&cover=team", "/reviews/")


@pytest.mark.parametrize("path", [*PAGES, "/services/checkout/cover/"])
def test_queries_do_not_grow_with_the_catalogue(
    ann: Client, scene: Scene, path: str, django_assert_max_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as before:
        assert ann.get(path).status_code == 200
    for number in range(60):
        factories.service(f"s{number}", owner=factories.team(f"t{number}"))
    with django_assert_max_num_queries(min(len(before), 24)):
        assert ann.get(path).status_code == 200


def test_the_portfolio_is_remembered_until_something_is_applied(
    fruits: Client, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    fruits.get("/portfolio/")
    with django_assert_max_num_queries(6):
        assert "GBP 190,000" not in text_of(fruits, "/portfolio/")
    dearer(tmp_path)
    assert "GBP 190,000" in text_of(fruits, "/portfolio/")


@pytest.mark.parametrize("path", [*PAGES, "/services/checkout/cover/"])
def test_the_pages_are_for_those_who_are_signed_in(scene: Scene, client: Client, path: str) -> None:
    assert client.get(path)["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("path", [*PAGES, "/services/checkout/cover/"])
def test_the_pages_keep_the_policy(ann: Client, path: str) -> None:
    text = ann.get(path).content.decode()
    assert text.count("<h1>") == 1
    assert "style=" not in text
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids)), "an id is used twice"
