"""The commands of somebody who responds: incidents, ack, note, resolve, reopen, oncall."""

import json
import time

import pytest
import typer
from typer.testing import CliRunner

from andon.catalogue.models import Service
from andon.cli import alerts, incidents, oncall
from andon.incidents import actions
from andon.incidents.models import Incident, TimelineEntry
from andon.paging.models import Decision
from tests.support import factories as make

pytestmark = pytest.mark.django_db

app = typer.Typer()
for command in (incidents.incidents, incidents.ack, incidents.note, incidents.resolve):
    app.command()(command)
app.command()(incidents.reopen)
app.command()(oncall.oncall)
app.command()(alerts.alerts)


def run(*words, ok=True):
    result = CliRunner().invoke(app, list(words))
    assert (result.exit_code == 0) is ok, result.output
    return result


@pytest.fixture
def incident():
    ann = make.person("ann", name="Ann")
    team = make.team("fruit", members=[ann])
    make.rota("fruit-rota", of=team, people=[ann, make.person("ben", name="Ben")])
    make.page(make.service("checkout", owner=team))
    actions.follow_pages(now=make.NOW)


def test_the_list_shows_what_burns(incident):
    shown = run("incidents").stdout
    assert "INC-1" in shown
    assert "checkout" in shown
    assert "GBP" in shown


def test_nothing_burns():
    assert run("incidents").stdout == "No active incidents.\n"
    assert json.loads(run("incidents", "--json").stdout) == []


def test_json_for_scripts(incident):
    [found] = json.loads(run("incidents", "--json").stdout)
    assert (found["name"], found["state"], found["service"]["slug"]) == (
        "INC-1",
        "open",
        "checkout",
    )
    assert found["figures"]["loss_per_minute"]["text"] == "GBP 3,333.33"


def test_acknowledge_as_a_person_of_the_catalogue(incident):
    assert run("ack", "INC-1", "--by", "ann").stdout == "INC-1 acknowledged by Ann.\n"
    assert Incident.objects.get().acknowledged_person.slug == "ann"


def test_note_resolve_reopen(incident):
    run("note", "1", "restarting", "--by", "ann")
    run("resolve", "inc-1", "--reason", "rolled back", "--by", "ann")
    assert run("incidents").stdout == "No active incidents.\n"
    [over] = json.loads(run("incidents", "--all", "--json").stdout)
    assert over["state"] == "restored"
    found = run("reopen", "INC-1", "--reason", "not over", "--by", "ann", "--json")
    assert json.loads(found.stdout)["state"] == "open"
    assert TimelineEntry.objects.filter(kind="note", text="restarting", actor="Ann").exists()


def test_a_refusal_is_said_on_standard_error_and_in_the_exit_code(incident):
    run("ack", "INC-1", "--by", "ann")
    refused = run("ack", "INC-1", "--by", "ben", ok=False)
    assert refused.stderr == "Unable to acknowledge INC-1: it is already acknowledged.\n"
    assert run("ack", "INC-99", ok=False).stderr == "There is no incident INC-99.\n"
    assert "write INC-1042" in run("ack", "checkout", ok=False).stderr
    assert run("note", "INC-1", "  ", ok=False).stderr == "The note is empty.\n"


def test_who_is_on_call_at_an_instant(incident):
    week = {"2026-11-18T09:00": None, "2026-11-25T09:00": None}
    for at in week:
        [found] = json.loads(run("oncall", "--at", at, "--json").stdout)
        week[at] = found["person"]["slug"]
        assert found["next"] != found["person"]
    assert set(week.values()) == {"ann", "ben"}
    assert "fruit-rota" in run("oncall").stdout


def test_unknown_rotas_and_instants(incident):
    assert "no rota" in run("oncall", "--rota", "nowhere", ok=False).stderr
    assert "no instant" in run("oncall", "--at", "tomorrow", ok=False).stderr


def test_a_long_summary_floods_no_list(incident):
    Incident.objects.update(title="it\nfails " * 200)
    shown = run("incidents").stdout
    assert len(shown) < 2000
    assert "it fails" in shown.replace("\n", " ")
    [found] = json.loads(run("incidents", "--json").stdout)
    assert len(found["title"]) > 1500, "scripts get all of it"


@pytest.fixture
def in_berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_times_are_in_the_readers_zone_and_say_so(incident, in_berlin):
    shown = run("oncall", "--at", "2026-07-06T10:30").stdout
    assert "On call at Mon 6 Jul, 10:30 CEST" in shown
    assert "Mon 13 Jul," in shown
    assert "10:00 CEST" in shown, "the hand-over is at 09:00 in London"
    [found] = json.loads(run("oncall", "--at", "2026-07-06T08:30+00:00", "--json").stdout)
    assert found["until"] == "2026-07-13T08:00:00Z", "scripts get UTC"


def test_alerts_say_whom_they_paged_or_why_nobody(incident):
    quiet = make.alert(
        Service.objects.get(), severity="info", summary="[bold]Note\n" * 200,
        labels={"pod": "checkout-7f9c", "token": "hunter2"},
    )  # fmt: skip
    Decision.objects.create(
        alert=quiet, at=make.NOW, kind="recorded", reason="Severity info: recorded, pages nobody"
    )
    found = json.loads(run("alerts", "--json").stdout)
    assert [one["page"] is None for one in found] == [True, False]
    assert found[0]["decided"] == "Severity info: recorded, pages nobody"
    assert found[0]["labels"] == {"pod": "checkout-7f9c"}
    assert found[1]["decided"].startswith("In working hours")
    shown = run("alerts").stdout
    assert len(shown) < 4000
    assert "hunter2" not in shown
    assert json.loads(run("alerts", "--service", "nothing", "--json").stdout) == []
    assert run("alerts", "--service", "nothing").stdout == "No alerts.\n"
