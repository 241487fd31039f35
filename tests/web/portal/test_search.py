"""Search finds what people say, from every page; a wrong address searches too."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from andon.catalogue import actions
from andon.catalogue.models import Said
from andon.core import clock
from andon.incidents import actions as incidents
from andon.people.models import Person
from tests.support.scenery import Scene
from tests.web.portal.test_pages import PAGES, more, text_of

pytestmark = pytest.mark.database
EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"


def groups(client: Client, query: str) -> list[str]:
    """Return the kinds a search found, in order."""
    html = client.get("/search/", {"q": query}).content.decode()
    return re.findall(r'<h2 id="h-([a-z]+)"', html)


def found(client: Client, query: str, *, kind: str) -> list[str]:
    """Return where the results of a kind lead, in order."""
    html = client.get("/search/", {"q": query}).content.decode()
    section = re.search(rf'<h2 id="h-{kind}".*?</section>', html, re.DOTALL)
    return re.findall(r'class="strong-link" href="([^"]+)"', section.group(0)) if section else []


@pytest.fixture
def fruits(db: None, client: Client, tmp_path: Path) -> tuple[Client, Path]:
    """Apply the example, as its readers find it, and sign Ann in."""
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "catalogue"))
    actions.apply_folder(path=folder, by="test", now=clock.now())
    client.force_login(
        Person.objects.get(slug="ann"), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client, folder


def rewrite(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    actions.apply_folder(path=folder, by="test", now=clock.now())


def test_payment_finds_checkout_by_its_description(fruits: tuple[Client, Path]) -> None:
    client, _ = fruits
    assert found(client, "payment", kind="service") == ["/services/checkout/"]
    html = client.get("/search/?q=PAYMENT").content.decode()
    assert "Basket, <mark>payment</mark> and the promise of a delivery." in html


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("giropay", "journey: till to <mark>giropay</mark>"),
        ("jorg", "Description: Who asks <mark>Jörg</mark>?"),
        ("pci", "Tags: <mark>pci</mark>"),
        ("cost-centre=42", "Labels: <mark>cost-centre=42</mark>"),
        ("database", "Needs: Checkout <mark>database</mark>"),
    ],
)
def test_what_the_file_says_in_any_place_finds_the_service(
    fruits: tuple[Client, Path], query: str, says: str
) -> None:
    client, folder = fruits
    rewrite(
        folder,
        "shopping/checkout.yaml",
        "  description: Basket, payment and the promise of a delivery.\n  annotations:\n",
        "  description: Who asks Jörg?\n  tags: [pci]\n  labels: {cost-centre: '42'}\n"
        "  annotations:\n    fruits.example/journey: till to giropay\n",
    )
    assert "/services/checkout/" in found(client, query, kind="service")
    html = client.get("/search/", {"q": query}).content.decode()
    assert says in re.sub(r"</?span[^>]*>", "", html)


def test_a_journey_finds_its_services_and_itself(fruits: tuple[Client, Path]) -> None:
    client, folder = fruits
    rewrite(
        folder,
        "shopping/domain.yaml",
        "  title: Shopping\n",
        "  title: Shopping\n  description: From basket to doorbell\n",
    )
    assert found(client, "doorbell", kind="domain") == ["/domains/shopping/"]
    assert "/services/checkout/" in found(client, "doorbell", kind="service")


def test_what_is_no_longer_said_is_no_longer_found(fruits: tuple[Client, Path]) -> None:
    client, folder = fruits
    rewrite(folder, "shopping/checkout.yaml", "payment and", "tea and")
    assert found(client, "payment", kind="service") == []
    assert found(client, "tea", kind="service") != []


def test_addresses_and_what_may_be_a_secret_are_not_kept_for_search(
    fruits: tuple[Client, Path],
) -> None:
    _, folder = fruits
    rewrite(
        folder,
        "shopping/checkout.yaml",
        "  annotations:\n    andon.dev/availability",
        "  annotations:\n    pager.example/integration-key: planted-key\n"
        "    fruits.example/hook: https://chat.example/planted-path\n    andon.dev/availability",
    )
    text = (folder / "shopping/checkout.yaml").read_text()
    assert "ann@fruits.example" in text
    kept = "\n".join(Said.objects.values_list("folded", flat=True))
    assert "planted" not in kept
    assert "ann@fruits.example" not in kept


def test_every_kind_is_found_and_the_one_whose_name_fits_comes_first(
    ann: Client, scene: Scene
) -> None:
    assert groups(ann, "stores")[:2] == ["rota", "domain"] or groups(ann, "stores")[0] == "domain"
    assert groups(ann, "cat lindqvist")[0] == "person"
    assert found(ann, "checkout", kind="service")[0] == "/services/checkout/"
    assert found(ann, "checkout", kind="team") == ["/teams/checkout/"]
    assert found(ann, "basket-api", kind="service") == ["/services/checkout/"], "by its alias"
    assert found(ann, "checkout-rota", kind="rota") == ["/rotas/checkout-rota/"]


@pytest.mark.parametrize("query", ["INC-1042", "inc-1042", "1042"])
def test_an_incident_is_found_by_its_reference_first(ann: Client, query: str) -> None:
    assert groups(ann, query)[0] == "incident"
    assert found(ann, query, kind="incident")[0] == "/incidents/INC-1042/"


def test_an_incident_is_found_by_words_and_by_what_was_noted(ann: Client) -> None:
    assert found(ann, "below target 91.2", kind="incident") == ["/incidents/INC-1042/"]
    incidents.add_note(number=1021, text="The certificate ran out", by="Ann", now=clock.now())
    assert found(ann, "certificate", kind="incident") == ["/incidents/INC-1021/"]


def test_who_has_left_and_what_is_retired_is_not_found(ann: Client, scene: Scene) -> None:
    scene.stock.retired_at = clock.now()
    scene.stock.save()
    Person.objects.filter(slug="cat").update(is_active=False)
    assert found(ann, "stock levels", kind="service") == []
    assert found(ann, "lindqvist", kind="person") == []


def test_nothing_found_says_so_and_what_may_have_been_meant(ann: Client) -> None:
    said = text_of(ann, "/search/?q=chekout")
    assert "Nothing holds this word" in said
    assert "Did you mean Checkout" in said
    assert "Nothing holds all of these words" in text_of(ann, "/search/?q=stock+zebra")
    assert "Type what people say" in text_of(ann, "/search/")


@pytest.mark.parametrize(
    "query", ["%00", "%25", "_", "'", "x" * 900, "%F0%9F%94%A5", "a b c d e f g h"]
)
def test_an_odd_search_gets_an_answer(ann: Client, query: str) -> None:
    assert ann.get(f"/search/?q={query}").status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_search_and_the_key_that_leads_to_it(ann: Client, path: str) -> None:
    html = ann.get(path).content.decode()
    assert re.search(r'<form class="find"[^>]*action="/search/"', html)
    assert 'src="/static/portal/keys.js"' in html


def test_a_wrong_address_is_searched_for(ann: Client) -> None:
    response = ann.get("/services/chekout/")
    assert response.status_code == 404
    html = response.content.decode()
    assert 'value="chekout"' in html, "the search is filled in"
    assert 'href="/services/checkout/"' in html
    assert 'href="/"' in html
    assert b"/services/stock-1/" in ann.get("/wiki/Stock_levels").content
    assert b"/incidents/INC-1042/" in ann.get("/incident/INC-1042").content
    assert b"try other words" in ann.get("/xyzzyx/").content
    assert ann.get("/services/%00/").status_code == 404


def test_a_stranger_learns_nothing_from_a_wrong_address(scene: Scene, client: Client) -> None:
    response = client.get("/checkout")
    assert response.status_code == 404
    assert b"/services/checkout/" not in response.content


def test_a_search_asks_as_much_of_a_large_catalogue(
    ann: Client, scene: Scene, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        more(number, scene)
    with django_assert_max_num_queries(23):
        html = ann.get("/search/?q=s").content.decode()
    assert html.count('class="strong-link"') <= 6 * 6
    assert "All services that match" in html
