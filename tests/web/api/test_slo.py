"""Error budgets over the API: as they were read last, losses, and advice for a pipeline."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

from andon.budgets.models import BudgetPoint, BudgetReading, TargetLoss
from andon.catalogue.models import Organisation
from andon.core import clock
from andon.slo.models import Change, Declaration
from andon.slo.rules.documents.stored import objective_document
from tests.support import factories as make
from tests.support.estates import objective

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def now():
    return clock.now()


def declare(slug, service):
    return Declaration.objects.create(
        kind="slo",
        slug=slug,
        service=service,
        document=objective_document(replace(objective(slug), service=service.slug)),
        created_at=make.NOW,
    )


def reading(declared, left, now, **fields):
    BudgetReading.objects.create(
        objective=declared,
        **{
            "tried_at": now,
            "read_at": now,
            "window_starts_at": now - 30 * DAY,
            "window_ends_at": now,
            "bad": 500.0,
            "total": 1_000_000.0,
            "left": left,
            "target_ppm": 999_000,
            "allowed_seconds": 2592.0,
            "availability": 0.9995,
            "covered": 0.5,
            "burn": {"1h": 14.4},
            "exhausts_at": now + timedelta(hours=2),
            "notes": ["Only 50% of the window was measured."],
            **fields,
        },
    )


def get(client, path, status=200, **query):
    answer = client.get(f"/api/v1/{path}", query)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_an_objective_with_its_budget(api, checkout, now):
    reading(declare("checkout-answers", checkout), 0.5, now)
    found = get(api, "objectives/checkout-answers")
    assert (found["service"], found["target"]["text"], found["window"]) == (
        "checkout",
        "99.9%",
        2_592_000,
    )
    assert (found["level"], found["stale"], found["calendar"]) == ("watchful", False, False)
    budget = found["budget"]
    assert (budget["left"]["ppm"], budget["time_left"], budget["allowed"]) == (500_000, 1296, 2592)
    assert budget["money_left"]["text"] == "GBP 72,000.00"
    assert budget["target"] == {"ppm": 999000, "text": "99.9%"}
    assert (budget["covered"]["text"], budget["burn"]) == ("50.0%", {"1h": 14.4})
    assert budget["notes"] == ["Only 50% of the window was measured."]
    get(api, "objectives/unknown", status=404)


def test_what_was_never_read_has_no_budget_and_says_why(api, checkout, now):
    one = declare("a", checkout)
    BudgetReading.objects.create(objective=one, tried_at=now, error="cannot connect")
    declare("b", checkout)
    found = get(api, "objectives")["items"]
    assert [(each["slug"], each["budget"], each["error"]) for each in found] == [
        ("a", None, "cannot connect"),
        ("b", None, ""),
    ]


def test_lists_go_on_and_are_filtered(api, checkout, now):
    other = make.service("stock")
    for slug, service in (("a", checkout), ("b", other), ("c", checkout)):
        declare(slug, service)
    first = get(api, "objectives", limit=2)
    assert ([one["slug"] for one in first["items"]], first["next"]) == (["a", "b"], "b")
    rest = get(api, "objectives", limit=2, after="b")
    assert ([one["slug"] for one in rest["items"]], rest["next"]) == (["c"], None)
    assert [one["slug"] for one in get(api, "objectives", service="stock")["items"]] == ["b"]


def test_a_burn_down(api, checkout, now):
    one = declare("a", checkout)
    reading(one, 0.5, now)
    now = now.replace(second=0, microsecond=0)
    at = now - DAY
    BudgetPoint.objects.create(objective=one, at=at, left=0.75, availability=0.9999)
    BudgetPoint.objects.create(objective=one, at=now - 60 * DAY, left=1, availability=1)
    for service, ago in ((checkout, DAY), (checkout, 40 * DAY), (make.service("other"), DAY)):
        Change.objects.create(service=service, at=now - ago)
    found = get(api, "objectives/a/points")
    assert [datetime.fromisoformat(one) for one in found["deployments"]] == [at]
    assert [point["left"]["ppm"] for point in found["points"]] == [750_000]
    assert found["gap"] == 7.5 * 3600
    long = get(api, "objectives/a/points", since=(now - 90 * DAY).isoformat())
    assert len(long["points"]) == len(long["deployments"]) == 2
    get(api, "objectives/unknown/points", status=404)
    upside_down = get(
        api, "objectives/a/points", since=now.isoformat(), until=(now - 2 * DAY).isoformat()
    )
    assert upside_down["points"] == []


def test_losses_of_a_service(api, checkout, now):
    one = declare("a", checkout)
    for ago, took in ((50, 10), (20, None)):
        lost = now - ago * MINUTE
        TargetLoss.objects.create(
            objective=one,
            lost_at=lost,
            regained_at=None if took is None else lost + took * MINUTE,
            method="sliding-window",
            parameters={"window": 300, "k1": 2},
        )
    found = get(api, "services/checkout/losses")["items"]
    assert [(each["took"], each["method"]) for each in found] == [
        (600, "sliding-window"),
        (None, "sliding-window"),
    ]
    assert found[0]["parameters"] == {"window": 300, "k1": 2}
    get(api, "services/nobody/losses", status=404)


def choose_policy():
    """Apply the example's organisation, with the policy switched on."""
    text = (EXAMPLE / "organisation.yaml").read_text()
    [document] = [one for one in yaml.safe_load_all(text) if one["kind"] == "Organisation"]
    telemetry = {**document["spec"].get("telemetry", {}), "budgetPolicy": True}
    spec = {**document["spec"], "telemetry": telemetry}
    Organisation.objects.create(slug="fruits-r-us", title="Fruits R Us", document=spec)


@pytest.mark.parametrize(
    ("left", "may", "level"), [(0.6, True, "healthy"), (0.1, False, "low"), (0, False, "exhausted")]
)
def test_advice_by_the_policy(api, checkout, now, left, may, level):
    choose_policy()
    reading(declare("a", checkout), left, now)
    reading(declare("b", checkout), 0.9, now)
    found = get(api, "services/checkout/deployment-advice")
    assert (found["may_deploy"], found["policy"], found["level"]) == (may, True, level)
    assert (found["objective"], bool(found["asks"])) == ("a", True)


def test_advice_is_yes_until_the_policy_is_chosen(api, checkout, now):
    reading(declare("a", checkout), -0.5, now)
    found = get(api, "services/checkout/deployment-advice")
    assert (found["may_deploy"], found["policy"], found["level"]) == (True, False, "exhausted")
    assert found["objective"] == "a"
    assert "The organisation has no error budget policy." in found["reason"]


def test_advice_of_a_service_without_a_budget_is_yes_and_says_so(api, checkout):
    found = get(api, "services/checkout/deployment-advice")
    assert (found["may_deploy"], found["level"], found["objective"]) == (True, "unknown", None)
    get(api, "services/nobody/deployment-advice", status=404)


def test_everything_needs_somebody(client_of, db):
    for path in (
        "objectives",
        "objectives/a",
        "objectives/a/points",
        "services/a/losses",
        "services/a/deployment-advice",
    ):
        answer = client_of().get(f"/api/v1/{path}")
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"


def test_a_list_costs_as_many_queries_for_many(api, checkout, now):
    def asked():
        with CaptureQueriesContext(connection) as statements:
            get(api, "objectives")
        return len(statements)

    reading(declare("a", checkout), 0.5, now)
    get(api, "objectives")
    before = asked()
    for number in range(10):
        reading(declare(f"b{number}", make.service(f"b{number}")), 0.5, now)
    assert asked() == before
