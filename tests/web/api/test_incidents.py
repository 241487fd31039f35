"""Incidents over the API: the same acts as the portal's, the same refusals."""

import pytest

from andon.incidents.models import Incident
from andon.incidents.types import IncidentState
from tests.support import factories as make

URL = "/api/v1/incidents"


def post(client, path, **body):
    return client.post(f"{URL}/{path}", body or {}, content_type="application/json")


def test_one_incident_with_its_figures(api, incident):
    found = api.get(f"{URL}/1").json()
    assert (found["name"], found["state"]) == ("INC-1", "open")
    assert found["service"] == {"slug": "checkout", "title": "Checkout"}
    assert found["owner"]["slug"] == "fruit"
    assert found["target"] == {"ppm": 999000, "text": "99.9%"}
    assert found["exposure_per_hour"]["text"] == "GBP 200,000.00"
    assert found["figures"]["loss_per_minute"] == {
        "minor": 333333,
        "currency": "GBP",
        "text": "GBP 3,333.33",
    }
    assert found["figures"]["time_to_restore"] is None
    assert found["can"] == ["acknowledge", "note", "resolve"]


def test_acknowledge_note_resolve_reopen_close(api, incident):
    assert post(api, "1/acknowledge").json()["acknowledged_by"] == "Ann"
    assert post(api, "1/notes", text="restarting").status_code == 201
    assert post(api, "1/resolve", reason="rolled back").json()["state"] == "restored"
    assert post(api, "1/reopen", reason="it is back").json()["state"] == "open"
    assert post(api, "1/resolve").json()["state"] == "restored"
    assert post(api, "1/close").json()["state"] == "closed"
    kinds = [one["kind"] for one in api.get(f"{URL}/1/timeline").json()["items"]]
    assert [kind for kind in kinds if kind in {"note", "reopened", "closed"}] == [
        "note",
        "reopened",
        "closed",
    ]
    assert Incident.objects.get().state == IncidentState.CLOSED


def test_resolving_needs_no_body(api, incident):
    answer = api.generic("POST", f"{URL}/1/resolve")
    assert (answer.status_code, answer.json()["state"]) == (200, "restored")


def test_the_callout_is_billed_with_its_working(api, incident):
    post(api, "1/acknowledge")
    bill = api.get(f"{URL}/1/callout").json()
    assert sum(line["pay"]["minor"] for line in bill["lines"]) == bill["total"]["minor"]
    assert all(line["reason"] for line in bill["lines"])
    assert bill["final"] is False
    post(api, "1/resolve")
    assert api.get(f"{URL}/1/callout").json()["final"] is True
    assert api.get(f"{URL}/7/callout").status_code == 404


def test_a_refusal_is_a_problem_document_with_a_stable_code(api, incident):
    answer = post(api, "1/close")
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "Unable to close INC-1: it is still open.",
        "code": "incident_state",
        "act": "close",
        "state": "open",
    }


def test_a_body_that_does_not_fit_names_the_field(api, incident):
    answer = post(api, "1/notes", text="  ")
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert answer.json()["errors"][0]["field"] == "body.body.text"


def test_a_misspelt_member_is_refused(api, incident):
    answer = post(api, "1/resolve", raeson="typo")
    assert answer.status_code == 422
    assert "raeson" in answer.json()["detail"]


def test_a_body_that_is_no_json(api, incident):
    answer = api.post(f"{URL}/1/notes", "{", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")


def test_many_at_once(api, incident):
    answer = post(api, "acknowledge", numbers=[1, 999])
    assert answer.json() == {"done": [1], "refused": {"999": "there is no such incident"}}


def test_the_list_is_paged_by_a_cursor(api):
    for number in range(1, 8):
        Incident.objects.create(
            number=number,
            subject_kind="unknown",
            subject_ref=str(number),
            title="x",
            started_at=make.NOW,
            opened_at=make.NOW,
        )
    seen, after = [], ""
    while True:
        answer = api.get(URL, {"limit": 3} | ({"after": after} if after else {})).json()
        seen.extend(one["number"] for one in answer["items"])
        after = answer["next"]
        if after is None:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("count", [2, 40])
def test_the_list_asks_a_constant_number_of_questions(api, count, django_assert_max_num_queries):
    for number in range(1, count + 1):
        service = make.service()
        Incident.objects.create(
            number=number,
            service=service,
            subject_kind="service",
            subject_ref=str(service.pk),
            title="x",
            started_at=make.NOW,
            opened_at=make.NOW,
            exposure_minor=100,
            exposure_currency="GBP",
        )
    api.get(URL)
    with django_assert_max_num_queries(4):
        assert len(api.get(URL, {"limit": 100}).json()["items"]) == count


def test_unknown_numbers_are_404(api):
    for answer in (api.get(f"{URL}/77"), api.get(f"{URL}/77/timeline"), post(api, "77/close")):
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"


def test_an_exercise_says_its_kind_and_lists_take_one(api, incident):
    Incident.objects.filter(number=1).update(kind="exercise")
    found = api.get(f"{URL}/1").json()
    assert found["kind"] == "exercise"
    assert (found["figures"]["loss"], found["figures"]["allowance"]) == (None, None)
    listed = {
        kind: [one["name"] for one in api.get(f"{URL}?kind={kind}").json()["items"]]
        for kind in ("incident", "exercise", "test", "")
    }
    assert listed == {"incident": [], "exercise": ["INC-1"], "test": [], "": ["INC-1"]}
    assert api.get("/api/v1/services/checkout").json()["active_incidents"] == []
    assert api.get(f"{URL}?kind=drill").status_code == 422
