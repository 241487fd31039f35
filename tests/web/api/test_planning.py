"""The insurance model over the API: the same numbers as from the folder, and bounded work."""

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from andon.catalogue import actions as catalogue
from andon.catalogue.types import Cover
from andon.cli.plan import app as plan_app
from andon.core import clock
from andon.planning import queries, rules
from andon.planning.queries import answers, moves
from andon.planning.rules.forecast import Growth, forecast
from andon.planning.rules.optimise import optimise
from andon.planning.rules.whatif import what_if
from andon.planning.simulation import simulate
from tests.support import factories as make

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"


@pytest.fixture
def fruits(api):
    """Return the API where the example is applied."""
    catalogue.apply_folder(path=EXAMPLE, by="test", now=clock.now())
    return api


@pytest.fixture(scope="module")
def folder():
    return queries.portfolio_from_folder(EXAMPLE)


def get(client, path, **query):
    answer = client.get(f"/api/v1/planning/{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def post(client, path, **body):
    return client.post(f"/api/v1/planning/{path}", body, content_type="application/json")


def minor(amount):
    return {"minor": amount.minor, "currency": amount.currency, "text": amount.exact}


def test_the_portfolio_is_that_of_the_folder(fruits, folder):
    found = get(fruits, "portfolio")

    premium, shares = rules.premium_of(portfolio=folder), rules.shares(portfolio=folder)
    assert (found["standby_per_month"]["minor"], found["naive_per_month"]["minor"]) == (
        900_000,
        3_000_000,
    )
    assert found["standby_per_month"] == minor(premium.per_month)
    assert found["naive_per_month"] == minor(premium.naive_per_month)
    assert found["saving"] == {"ppm": 700_000, "text": "70.0%"}
    assert found["working"] == list(premium.working)
    assert [(one["cover"], one["owner"], one["services"]) for one in found["rotas"]] == [
        (one.cover, one.owner, list(one.services)) for one in premium.rotas
    ]
    assert {one["slug"]: one["share_per_month"] for one in found["services"]} == {
        slug: minor(paid) for slug, paid in shares.items()
    }
    assert [one["words"] for one in found["signals"]] == [
        one.words for one in rules.find_signals(portfolio=folder)
    ]
    assert found["left_out"] == []


def test_services_come_a_page_at_a_time(fruits):
    first = get(fruits, "portfolio", limit=6)
    rest = get(fruits, "portfolio", limit=6, after=first["next"])
    slugs = [one["slug"] for one in first["services"] + rest["services"]]
    assert len(slugs) == len(set(slugs)) == 10
    assert rest["next"] is None


@pytest.mark.parametrize("slug", ["checkout", "fulfilment-1", "stock-1"])
def test_a_service_is_that_of_the_folder(fruits, folder, slug):
    found = get(fruits, f"services/{slug}")

    service = next(one for one in folder.services if one.slug == slug)
    verdict = rules.needs_cover(service=service, portfolio=folder)
    assert found["verdict"]["sentence"] == verdict.sentence
    assert found["verdict"]["working"] == list(verdict.working)
    assert found["verdict"]["assumptions"] == list(verdict.assumptions)
    assert found["verdict"]["premium_per_year"] == minor(verdict.premium_per_year)
    assert [one["verdict"] for one in found["comparison"]] == [
        one.verdict for one in rules.compare_service(service=service, portfolio=folder)
    ]
    assert (found["rota"] is None) == (service.cover is Cover.NONE)
    assert len(found["levers"]) >= 4


def test_a_service_nobody_can_plan_for_is_not_found(fruits):
    make.service("mystery", exposure=None)
    for slug in ("mystery", "no-such"):
        assert fruits.get(f"/api/v1/planning/services/{slug}").status_code == 404
    left = get(fruits, "portfolio")["left_out"]
    assert [(one["service"], one["rule"]) for one in left] == [("mystery", "exposure-missing")]


def test_what_if_is_that_of_the_folder(fruits, folder):
    answer = post(
        fruits,
        "what-if",
        moves=[
            {"service": "checkout", "target_ppm": 990_000},
            {"service": "stock-1", "cover": "team", "trading_week": "mon-fri 09:00-17:00=9"},
        ],
    )

    assert answer.status_code == 200, answer.content
    found = answer.json()
    plan = [
        moves.ServiceMove("checkout", target_ppm=990_000),
        moves.ServiceMove("stock-1", cover=Cover.TEAM, trading_week="mon-fri 09:00-17:00=9"),
    ]
    wanted = what_if(before=folder, after=moves.moved(portfolio=folder, moves=plan))
    assert found["sentence"] == wanted.sentence
    assert [(one["name"], one["change"]) for one in found["money"]] == [
        (one.name, minor(one.change)) for one in wanted.money
    ]
    assert (found["rotas_before"], found["rotas_after"]) == wanted.rotas
    assert [one["service"] for one in found["verdicts"]] == ["checkout", "stock-1"]
    assert {one["field"] for one in found["changes"]} == {"target", "cover", "trading week"}


def test_the_command_line_says_the_same_of_the_folder(fruits, tmp_path):
    changed = Path(shutil.copytree(EXAMPLE, tmp_path / "changed"))
    file = changed / "shopping" / "checkout.yaml"
    text = file.read_text()
    assert 'availability-target: "99.9"' in text
    file.write_text(text.replace('availability-target: "99.9"', 'availability-target: "99.0"'))
    printed = CliRunner().invoke(plan_app, ["what-if", str(EXAMPLE), str(changed), "--json"])
    assert printed.exit_code == 0, printed.output
    said = json.loads(printed.stdout)

    found = post(fruits, "what-if", moves=[{"service": "checkout", "target_ppm": 990_000}]).json()

    said.pop("risk")
    assert found.pop("risk") is None, "a request simulates nothing"
    assert found == said


@pytest.mark.parametrize(
    ("move", "why"),
    [
        ({"service": "no-such", "cover": "none"}, "no service"),
        ({"service": "checkout", "target_ppm": 999_950}, "no target of this organisation"),
        ({"service": "stock-1", "trading_week": "always"}, "is not a part of the week"),
    ],
)
def test_an_impossible_move_is_a_problem_document(fruits, move, why):
    answer = post(fruits, "what-if", moves=[move])
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "unable_to_move"
    assert why in answer.json()["detail"]


def test_the_best_plan_and_the_risk_are_those_of_the_folder(fruits, folder):
    plan = post(fruits, "optimise").json()
    best = optimise(portfolio=folder)
    assert (plan["sentence"], plan["plan"]["total"]) == (best.sentence, minor(best.cost.total))
    risk = post(fruits, "simulate", years=200, seed=7).json()
    wanted = simulate(portfolio=folder, years=200, seed=7)
    assert risk["portfolio"]["mean"]["value"] == minor(wanted.portfolio.mean.value)
    assert [one["service"] for one in risk["services"]] == [one.slug for one in folder.services]


def test_a_budget_that_is_too_small_is_kept_or_refused(fruits):
    answer = post(fruits, "optimise", budget_minor=0)
    assert answer.status_code == 200
    assert answer.json()["plan"]["standby"]["minor"] == 0


def test_one_request_does_only_so_much(fruits, monkeypatch):
    monkeypatch.setattr(answers, "MOST_OUTAGES", 100)
    assert post(fruits, "simulate", years=1000).json()["code"] == "unable_to_answer"
    monkeypatch.setattr(answers, "MOST_SERVICES", 9)
    for path in ("simulate", "optimise"):
        answer = post(fruits, path)
        assert (answer.status_code, answer.json()["code"]) == (409, "unable_to_answer")
    assert post(fruits, "simulate", years=10_001).status_code == 422


def test_the_review_proposes_what_the_rules_do(fruits):
    [own] = get(fruits, "review")["items"]
    assert (own["service"], own["move"]) == ("fulfilment-3", "peak window")
    team = make.team("late")
    make.service("late", owner=team, ppm=990_000, exposure=19_000_000)
    [one] = [found for found in get(fruits, "review")["items"] if found != own]
    assert (one["service"], one["move"]) == ("late", "upgrade")
    assert one["annotations"] == {"andon.dev/availability-target": "99.9"}


@pytest.mark.parametrize("path", ["portfolio", "services/checkout", "review"])
def test_queries_do_not_grow(fruits, path, django_assert_max_num_queries):
    with CaptureQueriesContext(connection) as before:
        get(fruits, path)
    for number in range(40):
        make.service(f"s{number}")
    with django_assert_max_num_queries(len(before)):
        get(fruits, path)


def test_nobody_reads_it_without_a_key(client_of, db):
    assert client_of().get("/api/v1/planning/portfolio").status_code == 401


def test_the_forecast_is_that_of_the_folder(fruits, folder):
    found = get(fruits, "forecast", services=0.5, exposure=0.2, quarters=2)
    growth = Growth(services=Decimal("0.5"), exposure=Decimal("0.2"))
    wanted = forecast(portfolio=folder, growth=growth, quarters=2)
    assert [one["number"] for one in found["quarters"]] == [0, 1, 2]
    assert [
        (one["services"], one["rotas"], one["standby_per_month"]["minor"])
        for one in found["quarters"]
    ] == [(one.services, one.rotas, one.standby_per_month.minor) for one in wanted.quarters]
    assert found["quarters"][0]["standby_per_month"]["text"] == "GBP 9,000.00"
    assert found["quarters"][0]["naive_per_month"]["text"] == "GBP 30,000.00"
    assert fruits.get("/api/v1/planning/forecast", {"quarters": 99}).status_code == 422


@pytest.mark.parametrize(
    ("command", "route", "query"),
    [
        (("select",), "portfolio", {"limit": 200}),
        (("compare",), "comparison", {}),
        (("compare", "--service", "checkout"), "comparison", {"service": "checkout"}),
        (("cover",), "cover", {}),
        (("cover", "--service", "stock-1"), "cover", {"service": "stock-1"}),
        (("review",), "review", {}),
        (
            ("forecast", "--services", "50%", "--exposure", "20%", "--quarters", "2"),
            "forecast",
            {"services": 0.5, "exposure": 0.2, "quarters": 2},
        ),
    ],
)
def test_the_command_line_prints_the_resource_of_the_api(fruits, command, route, query):
    printed = CliRunner().invoke(plan_app, [*command, "--json"])
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.stdout) == get(fruits, route, **query)


def test_the_command_line_searches_and_simulates_as_the_api_does(fruits):
    for command, route, body in (
        (("optimise",), "optimise", {}),
        (("simulate", "--years", "100", "--seed", "3"), "simulate", {"years": 100, "seed": 3}),
    ):
        printed = CliRunner().invoke(plan_app, [*command, "--json"])
        assert printed.exit_code == 0, printed.output
        assert json.loads(printed.stdout) == post(fruits, route, **body).json()


def test_the_portal_shows_the_figures_of_the_api(fruits):
    who = make.person("dee", name="Dee")
    fruits.force_login(who, backend="django.contrib.auth.backends.ModelBackend")

    def page(path):
        return " ".join(fruits.get(path).content.decode().replace("&#x27;", "'").split())

    portfolio, plan = get(fruits, "portfolio"), get(fruits, "services/stock-1")
    for line in (*portfolio["working"], *(one["words"] for one in portfolio["signals"])):
        assert line in page("/portfolio/")
    shown = page("/services/stock-1/cover/")
    for line in (plan["verdict"]["sentence"], *plan["verdict"]["working"]):
        assert line in shown
    for one in get(fruits, "review")["items"]:
        assert one["words"] in page("/reviews/")
    moved = post(fruits, "what-if", moves=[{"service": "checkout", "target_ppm": 990_000}])
    assert moved.json()["sentence"] in page("/planner/?service=checkout&target=99.0%25")
    quarters = get(fruits, "forecast", teams=0.1, services=0.1, exposure=0.1)["quarters"]
    shown = page("/planning/forecast/")
    for one in quarters:
        figures = one["teams"], one["services"], one["rotas"], one["people_needed"]
        assert all(f">{figure}</td>" in shown for figure in figures)
