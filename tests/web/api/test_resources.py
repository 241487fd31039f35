"""Services, rotas, alerts, pages over the API."""

from datetime import UTC, datetime, timedelta

import pytest

from andon.catalogue.actions.versions import write_versions
from andon.catalogue.models import RotaVersion
from andon.core import clock
from andon.core.periods import Period
from andon.oncall import queries, rules
from andon.oncall.models import Override
from andon.paging.models import Decision, Page
from andon.slo.models import Change
from tests.support import factories as make


def post(client, path, **body):
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def test_a_service_says_its_cover_and_who_is_on_call(api, checkout):
    found = api.get("/api/v1/services/checkout").json()
    assert found["owner"] == {"slug": "fruit", "title": "Fruit"}
    assert found["target"]["text"] == "99.9%"
    assert found["cover"]["reason"]
    assert found["on_call"]["rota"] == "fruit-rota"
    assert found["on_call"]["person"]["slug"] in {"ann", "ben"}
    assert found["active_incidents"] == []


def test_a_service_that_burns_names_its_incident(api, incident):
    assert api.get("/api/v1/services/checkout").json()["active_incidents"] == ["INC-1"]


@pytest.mark.parametrize("count", [3, 60])
def test_the_list_of_services_asks_a_constant_number_of_questions(
    api, count, django_assert_max_num_queries
):
    team = make.team()
    for n in range(count):
        make.service(f"s-{n:03}", owner=team)
    api.get("/api/v1/services")
    with django_assert_max_num_queries(4):
        found = api.get("/api/v1/services", {"limit": 50}).json()
    assert len(found["items"]) == min(count, 50)
    assert found["next"] == ("s-049" if count > 50 else None)


def test_who_is_on_call_at_an_instant(api, checkout):
    week = "/api/v1/rotas/fruit-rota/on-call"
    first = api.get(week, {"at": "2026-11-16T09:00:00Z"}).json()
    second = api.get(week, {"at": "2026-11-23T09:00:00Z"}).json()
    assert {first["person"]["slug"], second["person"]["slug"]} == {"ann", "ben"}
    assert first["until"] == second["since"] == "2026-11-23T09:00:00Z"


def test_a_rotas_shifts_fill_the_period_asked_for(api, checkout):
    at = "2026-11-20T10:00:00Z"
    found = api.get("/api/v1/rotas/fruit-rota", {"at": at, "days": 14}).json()
    assert len(found["shifts"]) == 3
    assert (found["starts_at"], found["ends_at"]) == (at, "2026-12-04T10:00:00Z")


def test_an_instant_without_a_zone_is_refused(api, checkout):
    answer = api.get("/api/v1/on-call", {"at": "2026-11-20T10:00:00"})
    assert answer.status_code == 422


def test_an_override_is_made_shown_and_cancelled(api, checkout):
    start = clock.now() + timedelta(hours=1)
    on_call = api.get("/api/v1/rotas/fruit-rota/on-call").json()["person"]["slug"]
    other = "ben" if on_call == "ann" else "ann"
    body = {
        "person": other,
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=2)).isoformat(),
        "reason": "dentist",
    }
    made = post(api, "rotas/fruit-rota/overrides", **body)
    assert made.status_code == 201, made.content
    [shown] = api.get("/api/v1/rotas/fruit-rota").json()["overrides"]
    assert (shown["person"]["slug"], shown["reason"]) == (other, "dentist")
    assert post(api, "rotas/fruit-rota/overrides", **body).status_code == 409
    assert post(api, "rotas/nowhere/overrides", **body).status_code == 404
    assert api.delete(f"/api/v1/overrides/{shown['id']}").status_code == 204
    assert api.delete(f"/api/v1/overrides/{shown['id']}").status_code == 409
    assert api.delete("/api/v1/overrides/4711").status_code == 404
    assert Override.objects.get().created_by == "ann"


def test_a_page_with_its_trail_and_without_addresses(api, page, incident):
    found = api.get(f"/api/v1/pages/{page.uid}").json()
    assert found["incident"] == "INC-1"
    assert [one["kind"] for one in found["decisions"]] == ["route"]
    assert [one["person"]["slug"] for one in found["notifications"]] == ["ann"]
    assert "example.org" not in str(found)


def test_a_page_is_acknowledged_once(api, page):
    assert post(api, f"pages/{page.uid}/acknowledge").json()["acknowledged_by"] == "Ann"
    again = post(api, f"pages/{page.uid}/acknowledge")
    assert (again.status_code, again.json()["code"]) == (409, "page_state")
    assert Page.objects.get().acknowledged_person.slug == "ann"


def test_an_alert_says_why_it_paged_nobody_or_which_page_it_is_on(api, checkout, page):
    quiet = make.alert(checkout, severity="info", at=make.NOW + timedelta(minutes=1))
    why = {"kind": "recorded", "reason": "Severity info: recorded, pages nobody"}
    Decision.objects.create(alert=quiet, at=quiet.received_at, **why)
    new = make.alert(checkout, at=make.NOW + timedelta(minutes=2))
    found = api.get("/api/v1/alerts", {"service": "checkout"}).json()["items"]
    told = {one["uid"]: (one["page"], one["decision"]) for one in found}
    assert told.pop(str(new.uid)) == (None, None), "not decided yet"
    on_page, decision = told.pop(str(quiet.uid))
    assert (on_page, decision["reason"]) == (None, why["reason"])
    assert list(told.values()) == [(str(page.uid), None)]
    one = api.get(f"/api/v1/alerts/{quiet.uid}").json()
    assert one["decision"]["reason"] == why["reason"]


def test_lists_of_alerts_have_the_telling_labels_without_secrets(api, checkout):
    labels = {"pod": "checkout-7f9c", "token": "hunter2", "url": "https://a:b@host/x", "zz": "1"}
    alert = make.alert(checkout, labels=labels | {f"l{n}": "x" * 5000 for n in range(50)})
    [found] = api.get("/api/v1/alerts").json()["items"]
    assert len(found["labels"]) == 8
    assert found["labels"]["pod"] == "checkout-7f9c"
    assert max(len(value) for value in found["labels"].values()) <= 120
    assert "hunter2" not in str(found)
    assert api.get(f"/api/v1/alerts/{alert.uid}").json()["labels"]["zz"] == "1", "all of them"


def test_changes_are_listed_newest_first_a_screen_at_a_time_even_of_one_instant(api, checkout):
    other = make.service("stock")
    for n in range(7):
        at = make.NOW - timedelta(hours=n // 3)
        of = other if n == 6 else checkout
        Change.objects.create(service=of, at=at, identity=f"{n}", summary=f"Build {n}")
    Change.objects.create(at=make.NOW - timedelta(days=1), identity="x", service_ref="nobody")
    seen, after = [], ""
    for _ in range(10):
        found = api.get("/api/v1/changes", {"limit": 2, "after": after}).json()
        seen += [one["summary"] for one in found["items"]]
        after = found["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 8
    assert set(seen[:3]) == {"Build 0", "Build 1", "Build 2"}
    assert found["items"][-1]["service_ref"] == "nobody"
    [one] = api.get("/api/v1/changes", {"service": "stock"}).json()["items"]
    assert one["service"] == {"slug": "stock", "title": "Stock"}
    assert api.get("/api/v1/changes", {"after": "x"}).status_code == 422


def test_lists_of_alerts_ask_a_constant_number_of_questions(
    api, checkout, django_assert_max_num_queries
):
    for _ in range(30):
        make.alert(checkout)
    api.get("/api/v1/alerts")
    with django_assert_max_num_queries(5):
        assert len(api.get("/api/v1/alerts").json()["items"]) == 30


def test_lists_of_alerts_and_pages(api, page):
    [alert] = api.get("/api/v1/alerts", {"service": "checkout", "state": "open"}).json()["items"]
    assert alert["service"]["slug"] == "checkout"
    assert api.get(f"/api/v1/alerts/{alert['uid']}").json()["labels"] == {}
    assert api.get("/api/v1/alerts", {"after": alert["uid"]}).json()["items"] == []
    [listed] = api.get("/api/v1/pages", {"state": "paging"}).json()["items"]
    assert listed["uid"] == str(page.uid)
    assert api.get("/api/v1/pages", {"state": "resolved"}).json()["items"] == []


def test_teams_with_their_people(api, checkout):
    found = api.get("/api/v1/teams/fruit").json()
    assert [one["slug"] for one in found["members"]] == ["ann", "ben"]
    assert found["services"] == ["checkout"]
    [row] = api.get("/api/v1/teams").json()["items"]
    assert (row["services"], row["members"]) == (1, 2)


def test_an_instant_far_away_is_refused_in_words(api, checkout):
    far = datetime(9000, 1, 1, tzinfo=UTC).isoformat()
    answer = api.get("/api/v1/on-call", {"at": far})
    assert answer.status_code == 422
    assert "between 1971 and 2199" in answer.json()["detail"]


def test_a_rota_says_when_it_was_edited_and_which_overrides_take_nobodys_shift(api, checkout):
    """Ben's turn is struck off by an edit; an override made for it stays, and says so."""
    now = clock.now()
    (version,) = RotaVersion.objects.all()
    turns = api.get("/api/v1/rotas/fruit-rota", {"days": 28}).json()["shifts"]
    of_ben = next(one for one in turns[1:] if one["person"]["slug"] == "ben")
    body = {"person": "ann", "replaces": "ben", "reason": "swap"}
    span = {"starts_at": of_ben["starts_at"], "ends_at": of_ben["ends_at"]}
    assert post(api, "rotas/fruit-rota/overrides", **body, **span).status_code == 201
    found = api.get("/api/v1/rotas/fruit-rota").json()
    assert [one["without_effect"] for one in found["overrides"]] == [""]
    taken = next(one for one in found["shifts"] if one["override"])
    assert (taken["person"]["slug"], taken["instead_of"]["slug"]) == ("ann", "ben")
    document = {**version.document, "rotation": {**version.document["rotation"]}}
    document["rotation"]["participants"] = ["ann"]
    write_versions({"fruit-rota": document}, now, leaving=())
    found = api.get("/api/v1/rotas/fruit-rota").json()
    assert abs(datetime.fromisoformat(found["edited_at"]) - now) < timedelta(milliseconds=1)
    (shown,) = found["overrides"]
    assert "takes nobody's shift: Ben is not on call in that time" in shown["without_effect"]


def test_r18_the_shifts_of_the_api_are_those_that_page_over_an_edit(api, checkout):
    now = clock.now()
    period = Period(now - timedelta(days=20), now + timedelta(days=60))
    document = RotaVersion.objects.get().document
    people = [*document["rotation"]["participants"], "cat", "dan"]
    for slug in ("cat", "dan"):
        make.person(slug)
    document = {**document, "rotation": {**document["rotation"], "participants": people}}
    write_versions({"fruit-rota": document}, now, leaving=())
    rota = queries.load_rotas(period=period)["fruit-rota"]
    wanted = {"at": period.starts_at.isoformat(), "days": 80}
    found = api.get("/api/v1/rotas/fruit-rota", wanted).json()["shifts"]
    expected = rules.shifts(rota=rota, period=period)
    assert [one["person"]["slug"] for one in found] == [one.person for one in expected]
    assert {"cat", "dan"} <= {one.person for one in expected}
    for shift in expected:
        at = shift.period.ends_at - timedelta(seconds=1)
        answer = api.get("/api/v1/rotas/fruit-rota/on-call", {"at": at.isoformat()}).json()
        assert answer["person"]["slug"] == shift.person
