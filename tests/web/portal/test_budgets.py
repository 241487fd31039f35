"""Error budgets on pages: the service's card, its burn-down, the organisation's list, incidents."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from andon.catalogue.models import Organisation
from andon.core import clock
from andon.slo.models import Change
from tests.support import budgets, factories
from tests.support.scenery import Scene


@pytest.fixture
def now() -> datetime:
    return clock.now()


def said(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    html = response.content.decode().replace("&#x27;", "'")
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def card(client: Client) -> str:
    text = said(client, "/services/checkout/")
    return text.split("Error budget ")[1].split("What it needs")[0]


def test_a_service_without_an_slo_says_so(ann: Client) -> None:
    assert "No SLO: nothing measures whether the target is kept" in card(ann)


def test_an_objective_that_was_never_read_says_what_to_set(
    ann: Client, scene: Scene, now: datetime
) -> None:
    budgets.declared(scene.checkout, now=now)
    assert "It has not been read yet" in card(ann)
    assert "ANDON_PROMETHEUS_URL" in said(ann, "/services/checkout/budget/")


def test_the_card_says_what_is_left_in_time_and_money_and_until_when(
    ann: Client, scene: Scene, now: datetime
) -> None:
    made = budgets.declared(scene.checkout, now=now)
    budgets.read(made, now=now, left=0.5, exhausts_at=now + timedelta(days=3))
    text = card(ann)
    # 43 min 12 s of full outage at 99.9% over 30 days, at GBP 200,000 an hour.
    for words in (
        "99.9% over 30 days",
        "50%",
        "of 43 min 12 s of full outage",
        "21 min",
        "GBP 72,000",
        "of loss left",
        "99.95%",
        "At the pace of the last hour it is gone",
        "Watchful",
    ):
        assert words in text


def test_an_overspent_budget_is_below_nothing(ann: Client, scene: Scene, now: datetime) -> None:
    made = budgets.declared(scene.checkout, now=now)
    budgets.read(made, now=now, left=-0.25, exhausts_at=now)
    text = card(ann)
    assert "\u221225%" in text
    assert "\u221210 min" in text
    assert "\u2212GBP 36,000" in text
    assert "Nothing is left" in text
    assert "Exhausted" in text


def test_gaps_old_readings_and_failures_are_said(ann: Client, scene: Scene, now: datetime) -> None:
    made = budgets.declared(scene.checkout, now=now)
    budgets.read(
        made,
        now=now,
        left=0.9,
        covered=0.4,
        read_at=now - timedelta(hours=3),
        notes=["Only 40% of the window was measured; the rest is taken to have been like it."],
        error="Prometheus did not answer within 10 s",
    )
    text = card(ann)
    assert "Only 40% of the window was measured" in text
    assert "Read 3 h ago" in text
    assert "Prometheus did not answer within 10 s" in text


def test_the_policy_speaks_only_when_it_is_on(ann: Client, scene: Scene, now: datetime) -> None:
    made = budgets.declared(scene.checkout, now=now)
    budgets.read(made, now=now, left=-0.25)
    assert "Hold ordinary releases" not in card(ann)
    document = {
        "currency": "GBP",
        "availabilityTargets": {"preset": "fruits-r-us"},
        "telemetry": {"budgetPolicy": True},
    }
    Organisation.objects.update_or_create(
        slug="shop", defaults={"title": "The Shop", "document": document}
    )
    assert "Hold ordinary releases." in card(ann)
    text = said(ann, "/services/checkout/budget/")
    assert "Release only fixes" in text
    assert "is exhausted, overspent by 25%" in text


def test_the_burn_down_has_its_incidents_and_a_table(
    ann: Client, scene: Scene, now: datetime
) -> None:
    made = budgets.declared(scene.checkout, now=now)
    budgets.read(made, now=now, left=0.3)
    budgets.fell(made, now=now, to=0.3)
    html = ann.get("/services/checkout/budget/").content.decode()
    chart = html.split('class="chart burndown"')[1].split("</svg>")[0]
    assert chart.count("<polyline") == 2, "broken where nothing was measured"
    assert "<title>INC-1042: Availability of Checkout fell" in chart
    assert "<title>INC-1021:" in chart
    rows = re.findall(r'<th scope="row"><time[^>]*>([^<]+)</time></th>', html)
    assert 20 < len(rows) < 33
    assert "deployment" not in html, "none is known"
    assert "style=" not in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_deployments_are_marked_on_the_burn_down_with_a_legend_and_in_the_table(
    ann: Client, scene: Scene, now: datetime
) -> None:
    made = budgets.declared(scene.checkout, now=now)
    budgets.read(made, now=now, left=0.3)
    budgets.fell(made, now=now, to=0.3)
    path, many = "/services/checkout/budget/", now - timedelta(days=9)
    before = ann.get(path).content.decode()
    for service, at in (
        (scene.checkout, now - timedelta(days=2)),
        (scene.checkout, now - timedelta(days=40)),
        (scene.stock, now - timedelta(days=3)),
    ):
        Change.objects.create(service=service, at=at)
    html = ann.get(path).content.decode()
    chart = html.split('class="chart burndown"')[1].split("</svg>")[0]
    assert chart.count('<use class="dot p2"') == 1
    assert "<title>Deployed at " in chart
    legend = html.split('legend small">')[1].split("</ul>")[0]
    assert " ".join(re.sub(r"<[^>]+>", " ", legend).split()) == "incident deployment"
    assert ">Deployed</th>" in html
    assert html.count("<time") == before.count("<time") + 1
    morning = many.replace(hour=9, minute=0)
    for minutes in range(8):
        Change.objects.create(service=scene.checkout, at=morning + timedelta(minutes=minutes))
    assert "and 3 more" in said(ann, path)


def test_deployments_cost_one_query_however_many_objectives(
    ann: Client, scene: Scene, now: datetime
) -> None:
    for slug in ("", "checkout-b", "checkout-c"):
        budgets.read(budgets.declared(scene.checkout, now=now, slug=slug), now=now, left=0.3)
    ann.get("/services/checkout/budget/")
    with CaptureQueriesContext(connection) as statements:
        ann.get("/services/checkout/budget/")
    assert sum('FROM "slo_change"' in one["sql"] for one in statements) == 1


def test_the_service_page_stays_small_and_fetches_the_burn_down(
    ann: Client, scene: Scene, now: datetime
) -> None:
    made = budgets.declared(scene.checkout, now=now)
    budgets.read(made, now=now, left=0.3)
    budgets.fell(made, now=now, to=0.3)
    html = ann.get("/services/checkout/").content.decode()
    assert 'hx-get="/services/checkout/budget/"' in html
    assert "<polyline" not in html
    assert len(html) < 50_000


def test_a_renamed_service_leads_on_and_a_missing_one_is_404(ann: Client) -> None:
    assert ann.get("/services/basket-api/budget/")["Location"] == "/services/checkout/budget/"
    assert ann.get("/services/no-such/budget/").status_code == 404


@pytest.fixture
def three(scene: Scene, now: datetime) -> None:
    """Give three services budgets: healthy, exhausted, never read."""
    budgets.read(budgets.declared(scene.checkout, now=now), now=now, left=0.9)
    budgets.read(budgets.declared(scene.stock, now=now), now=now, left=-0.1)
    payments = factories.service("returns", owner=scene.checkout.owner, title="Returns")
    budgets.declared(payments, now=now)


def order(text: str, *names: str) -> list[str]:
    return sorted(names, key=text.index)


def test_the_list_has_the_least_left_first_and_the_unread_last(ann: Client, three: None) -> None:
    text = said(ann, "/budgets/")
    rows = text.split("3 SLOs")[1]
    names = ("Stock levels answers", "Checkout answers", "Returns answers")
    assert order(rows, *names) == list(names)
    assert "budgets are no measure of teams" in text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=stock", {"Stock levels"}),
        ("team=checkout", {"Checkout", "Returns"}),
        ("domain=stores", {"Stock levels"}),
        ("state=exhausted", {"Stock levels"}),
        ("state=healthy", {"Checkout"}),
        ("state=unknown", {"Returns"}),
        ("state=healthy&team=stock", set()),
        ("q=no-such", set()),
    ],
)
def test_the_list_is_filtered(ann: Client, three: None, query: str, shown: set[str]) -> None:
    text = said(ann, f"/budgets/?{query}")
    names = {"Stock levels", "Checkout", "Returns"}
    assert {name for name in names if f"{name} answers" in text} == shown
    assert ("Nothing matches." in text) == (not shown)


def test_an_empty_list_says_what_to_do(ann: Client) -> None:
    assert "No service has an SLO yet" in said(ann, "/budgets/")


@pytest.mark.parametrize(
    "query", ["q=%00", "after=%00", "after=-3", "after=99999999999", "state=x", "team=%F0%9F%94%A5"]
)
def test_odd_questions_get_an_answer(ann: Client, three: None, query: str) -> None:
    assert ann.get(f"/budgets/?{query}").status_code == 200


def test_pages_of_the_list_follow_each_other(ann: Client, scene: Scene, now: datetime) -> None:
    for number in range(60):
        service = factories.service(f"s{number:02d}", owner=scene.checkout.owner)
        budgets.read(budgets.declared(service, now=now), now=now, left=number / 100)
    first = ann.get("/budgets/?team=checkout").content.decode()
    link = re.search(r'rel="next"\s+href="([^"]+)"', first)
    assert link is not None
    assert "/services/s49/budget/" in first
    assert "/services/s50/budget/" not in first
    second = ann.get(f"/budgets/{link.group(1).replace('&amp;', '&')}").content.decode()
    assert "/services/s50/budget/" in second
    assert "/services/s59/budget/" in second
    assert "/services/s49/budget/" not in second
    assert 'rel="next"' not in second


def test_queries_do_not_grow_with_the_objectives(
    ann: Client, scene: Scene, now: datetime, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    budgets.read(budgets.declared(scene.checkout, now=now), now=now, left=0.3)
    before = {}
    paths = ("/budgets/", "/services/checkout/", "/services/checkout/budget/")
    ann.get(paths[0])  # a session's first page notes when it began
    for path in paths:
        with CaptureQueriesContext(connection) as seen:
            assert ann.get(path).status_code == 200
        before[path] = len(seen)
    for number in range(45):
        service = factories.service(f"s{number}", owner=factories.team(f"t{number}"))
        budgets.read(budgets.declared(service, now=now), now=now, left=0.4)
    for path in paths:
        with django_assert_max_num_queries(before[path]):
            assert ann.get(path).status_code == 200
    assert before["/budgets/"] <= 6


def test_time_to_restore_to_target_stands_beside_the_human_stamps(
    ann: Client, scene: Scene, now: datetime
) -> None:
    made = budgets.declared(scene.checkout, now=now)
    started = scene.restored.started_at
    budgets.lost(
        made,
        lost_at=started - timedelta(minutes=2),
        regained_at=started + timedelta(minutes=18),
    )
    text = said(ann, "/incidents/INC-1021/")
    assert "20 min time to restore to target" in text or "time to restore to target 20 min" in text
    assert "time to restore" in text
    assert "lost its target" in text
    assert "met it again" in text
    assert "Measured" not in said(ann, "/incidents/INC-1042/")


def test_a_target_that_is_still_lost_says_for_how_long(
    ann: Client, scene: Scene, now: datetime
) -> None:
    made = budgets.declared(scene.checkout, now=now)
    budgets.lost(made, lost_at=now - timedelta(minutes=16))
    text = said(ann, "/incidents/INC-1042/")
    assert "below its target for" in text
    assert "and has not met it since" in text


@pytest.mark.parametrize("path", ["/telemetry/", "/budgets/", "/services/checkout/budget/"])
def test_the_pages_are_for_those_who_are_signed_in(scene: Scene, client: Client, path: str) -> None:
    assert client.get(path)["Location"].startswith("/sign-in/?next=")
