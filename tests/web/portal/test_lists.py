"""Every list sorts by what it shows, narrows by what people ask, and says what it does not know."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from andon.catalogue.models import AvailabilityTarget, Service
from andon.core import clock
from andon.people.models import Team
from tests.support import factories, scenery
from tests.support.scenery import Scene
from tests.web.portal.test_pages import more, text_of

pytestmark = pytest.mark.database

LISTS = (
    "/services/",
    "/incidents/",
    "/teams/",
    "/people/",
    "/rotas/",
    "/domains/",
    "/portfolio/",
    "/reviews/",
)
#: The cell of each column of a list as it is read by whoever sees it sorted.
ROW = re.compile(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", re.DOTALL)


def html_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


LINK = re.compile(r'class="strong-link(?: nowrap)?"\s+href="([^"]+)"')


def table_of(client: Client, path: str) -> list[str]:
    """Return the links of a list's rows, in order."""
    return LINK.findall(html_of(client, path))


def cells(client: Client, path: str, column: int) -> list[str]:
    """Return what stands in a column of a list, in order."""
    rows = ROW.findall(html_of(client, path))
    texts = [re.split(r"</t[hd]>", row)[column] for row in rows]
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()) for text in texts]


def sorts_of(client: Client, path: str) -> list[str]:
    form = re.search(r'<select id="f-sort".*?</select>', html_of(client, path), re.DOTALL)
    assert form is not None
    return re.findall(r'value="([^"]+)"', form.group(0))


def walked(client: Client, path: str) -> list[str]:
    """Return the links of all pages of a list, following its own way to the next."""
    found, address = [], path
    for _ in range(9):
        html = html_of(client, address)
        found += LINK.findall(html)
        onward = re.search(r'rel="next" href="([^"]+)"', html)
        if onward is None:
            return found
        address = path.partition("?")[0] + unescape(onward.group(1))
    raise AssertionError("the list has no end")


@pytest.fixture
def crowd(scene: Scene) -> None:
    """Make lists of more than one page, in which many rows are alike and some know nothing."""
    for number in range(52):
        more(number, scene)
    Service.objects.filter(slug__in=[f"s{n}" for n in range(20)]).update(
        exposure_minor=None, exposure_currency=""
    )
    AvailabilityTarget.objects.filter(service__slug__in=["s3", "s4"]).delete()


@pytest.mark.parametrize("path", ["/services/", "/incidents/", "/teams/", "/rotas/"])
def test_every_way_to_sort_shows_every_row_once(ann: Client, crowd: None, path: str) -> None:
    everything = sorted(walked(ann, path))
    assert len(everything) > 50
    for sort in sorts_of(ann, path):
        found = walked(ann, f"{path}?sort={sort}")
        assert sorted(found) == everything, sort


@pytest.mark.parametrize("path", LISTS)
def test_the_head_that_is_sorted_says_so_and_turns_round(ann: Client, path: str) -> None:
    for sort in sorts_of(ann, path)[:2]:
        html = html_of(ann, f"{path}?sort={sort}")
        way = "descending" if sort.startswith("-") else "ascending"
        if "<thead>" not in html or path == "/reviews/":
            continue
        assert html.count("aria-sort=") == 1
        head = re.search(r'<th[^>]*aria-sort="(\w+)"><a class="sort" href="([^"]+)"', html)
        assert head is not None
        assert head.group(1) == way
        turned = html_of(ann, path + unescape(head.group(2)))
        assert f'aria-sort="{"ascending" if way == "descending" else "descending"}"' in turned


def test_services_sort_by_what_is_shown(ann: Client, scene: Scene) -> None:
    assert cells(ann, "/services/?sort=service", 0) == ["Checkout", "Payments", "Stock levels"]
    assert cells(ann, "/services/?sort=status", 1) == ["Target lost", "Held", "OK"]
    assert cells(ann, "/services/?sort=-target", 3) == ["99.9%", "99.5%", "99.0%"]
    assert cells(ann, "/services/?sort=cover", 4) == ["domain", "domain", "team"]
    assert cells(ann, "/services/?sort=risk", 5)[0] == "GBP 600"
    scene.stock.exposure_minor = None
    scene.stock.save()
    for sort in ("risk", "-risk"):
        assert cells(ann, f"/services/?sort={sort}", 5)[-1] == "not estimated", "last both ways"


def test_the_cover_that_is_sorted_by_is_the_one_the_rule_gives(ann: Client, scene: Scene) -> None:
    made = [
        factories.service(f"c{n}", ppm=ppm, deployment_target=demand, cover_override=override)
        for n, (ppm, demand, override) in enumerate(
            (ppm, demand, override)
            for ppm in (950_000, 990_000, 995_000, 999_000, 999_900)
            for demand in ("daily", "monthly", "")
            for override in ("", "none", "team")
        )
    ]
    AvailabilityTarget.objects.filter(service=made[0]).delete()
    shown = cells(ann, "/services/?sort=cover", 4)
    assert shown == sorted(shown, key=["none", "domain", "team"].index)
    for cover in ("none", "domain", "team"):
        assert set(cells(ann, f"/services/?cover={cover}", 4)) <= {cover}


def test_incidents_sort_by_time_and_by_money(ann: Client, scene: Scene) -> None:
    assert cells(ann, "/incidents/", 0)[0] == "INC-1042"
    assert cells(ann, "/incidents/?sort=started", 0)[0] == "INC-1021"
    assert cells(ann, "/incidents/?sort=-lasted", 0)[0] == "INC-1040"
    assert cells(ann, "/incidents/?sort=-lost", 0)[0] == "INC-1021", "31 min of GBP 200,000 an hour"
    assert cells(ann, "/incidents/?sort=-lost", 7)[-1] == "not estimated"
    assert all(
        one == "not estimated" or one.startswith("up to GBP")
        for one in cells(ann, "/incidents/?state=active", 7)
    ), "what goes on is as open as on every other page"
    assert cells(ann, "/incidents/?sort=state", 1)[0] == "Target lost"


def test_incidents_narrow_by_state_team_severity_day_and_mine(ann: Client, scene: Scene) -> None:
    def names(query: str) -> set[str]:
        return set(cells(ann, f"/incidents/?{query}", 0))

    assert names("state=active") == {"INC-1042", "INC-1040", "INC-1039"}
    assert names("state=held") == {"INC-1040"}
    assert names("state=restored") == {"INC-1021"}
    assert names("team=stock") == {"INC-1040"}
    assert names("team=Checkout") == {"INC-1042", "INC-1021"}, "a team by the name people see"
    assert names("severity=severity+3") == {"INC-1040"}
    assert names("mine=yes") == {"INC-1042", "INC-1021"}
    day = (clock.now() - timedelta(days=3)).date()
    assert names(f"until={day}") == {"INC-1021"}
    assert "INC-1021" not in names(f"from={day + timedelta(days=1)}")
    assert names("state=active&team=stock&q=levels") == {"INC-1040"}


def test_a_day_is_the_readers_own(scene: Scene, client: Client) -> None:
    scene.ann.timezone = "Pacific/Auckland"
    scene.ann.save()
    client.force_login(scene.ann, backend="django.contrib.auth.backends.ModelBackend")
    started = datetime(2026, 1, 20, 11, 30, tzinfo=clock.now().tzinfo)
    page = factories.page(scene.checkout, at=started, state="resolved", resolved_at=started)
    scenery.incident(900, page, state="closed", restored_at=started)
    assert cells(client, "/incidents/?from=2026-01-21&until=2026-01-21", 0) == ["INC-900"]
    assert cells(client, "/incidents/?from=2026-01-20&until=2026-01-20", 0) == []


def test_services_teams_people_and_rotas_narrow(ann: Client, scene: Scene) -> None:
    assert table_of(ann, "/services/?state=held") == ["/services/stock-1/"]
    assert table_of(ann, "/services/?domain=stores") == ["/services/stock-1/"]
    assert "/services/stock-1/" not in table_of(ann, "/services/?mine=yes")
    assert table_of(ann, "/teams/?mine=yes") == ["/teams/checkout/"]
    assert set(table_of(ann, "/people/?team=checkout")) == {"/people/ann/", "/people/ben/"}
    assert table_of(ann, "/rotas/?team=checkout") == ["/rotas/checkout-rota/"]
    factories.rota("empty-rota", of=Team.objects.get(slug="stock"))
    assert "/rotas/empty-rota/" in table_of(ann, "/rotas/?state=nobody")
    assert "/rotas/empty-rota/" not in table_of(ann, "/rotas/?state=somebody")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("/incidents/?state=brunt", "There is no state “brunt”. Choose one of: active, open"),
        ("/services/?team=chekout", "There is no team “chekout”."),
        (
            "/services/?sort=colour",
            "There is no column “colour” to sort by. Choose one of: service",
        ),
        ("/incidents/?from=yesterday", "“yesterday” is no day: write it like 2026-11-28."),
        ("/rotas/?state=x", "There is no on call now “x”. Choose one of: somebody, nobody, gap."),
        ("/people/?mine=maybe", "There is no mine “maybe”. Choose one of: yes."),
        ("/reviews/?state=x", "There is no kind “x”. Choose one of:"),
        ("/portfolio/?cover=gold", "There is no cover “gold”."),
    ],
)
def test_what_is_not_known_is_said(ann: Client, query: str, said: str) -> None:
    assert said in text_of(ann, query)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query",
    ["sort=%00", "sort=-", "after=-1", "from=9999-12-31&until=0001-01-01", "after=" + "9" * 40],
)
def test_an_odd_question_gets_an_answer(ann: Client, path: str, query: str) -> None:
    assert ann.get(f"{path}?{query}").status_code == 200


def test_an_empty_list_says_why_and_how_to_see_all(ann: Client) -> None:
    html = html_of(ann, "/services/?q=zebra&state=held&mine=yes&sort=-risk")
    said = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "No service matches “zebra”, Status: Held and Mine" in said
    whole = re.search(r'href="([^"]*)">Show all services', html)
    assert whole is not None
    assert unescape(whole.group(1)) == "?sort=-risk"
    assert table_of(ann, "/services/" + unescape(whole.group(1))) != []


def test_what_was_chosen_stands_in_every_address_of_the_list(ann: Client, crowd: None) -> None:
    html = html_of(ann, "/services/?q=s&state=down&sort=-owner")
    heads = re.findall(r'class="sort" href="([^"]+)"', html)
    onward = re.search(r'rel="next" href="([^"]+)"', html)
    assert onward is not None
    for address in (*heads, onward.group(1)):
        assert "q=s" in address
        assert "state=down" in address
    assert "sort=-owner" in onward.group(1)


@pytest.mark.parametrize(
    "path",
    [
        "/services/?sort=cover&state=ok",
        "/services/?team=checkout",
        "/incidents/?sort=-lost&mine=yes",
        "/teams/?sort=-services",
        "/people/?sort=teams",
        "/rotas/?sort=on-call",
    ],
)
def test_a_sorted_list_asks_as_much_of_many_rows(
    ann: Client, scene: Scene, path: str, django_assert_max_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as before:
        ann.get(path)
    for number in range(30):
        more(number, scene)
    with django_assert_max_num_queries(len(before)):
        assert ann.get(path).status_code == 200
