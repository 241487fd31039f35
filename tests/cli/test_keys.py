"""`andon keys` and the operators' commands of intake."""

import getpass
import io
import json
from datetime import timedelta

import pytest
from django.core.management.base import CommandError
from typer.testing import CliRunner

from andon.alerts import actions, queries
from andon.alerts.models import Alert
from andon.alerts.types import RawRequest
from andon.cli import keys
from andon.core import clock
from andon.core.ids import digest
from andon.core.models import AuditEntry
from andon.people.models import ApiKey
from andon.web.hooks.management.commands import purge_intake, replay_intake
from andon.web.hooks.receivers import parse
from tests.support import factories
from tests.support.alerts import alertmanager_body

pytestmark = pytest.mark.django_db


def run(*arguments: str):
    return CliRunner().invoke(keys.app, list(arguments))


@pytest.mark.parametrize("kind", ["alertmanager", "pagerduty", "generic"])
def test_create_prints_the_key_alone(kind):
    factories.service("checkout")
    result = run("create", "--kind", kind, "--service", "checkout")
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    key = queries.live_keys()[digest(line)]
    assert (key.kind, key.service_slug) == (kind, "checkout")


def test_an_api_key_acts_for_a_person():
    factories.person("ann")
    result = run("create", "--kind", "api", "--person", "ann")
    assert ApiKey.objects.get(digest=digest(result.stdout.strip())).person.slug == "ann"
    assert run("create", "--kind", "api", "--person", "nobody").exit_code == 1


@pytest.mark.parametrize("more", [(), ("--person", "root", "--organisation")])
def test_an_api_key_without_a_person_never_acts_as_an_administrator(more):
    factories.person("root", staff=True, is_superuser=True)
    result = run("create", "--kind", "api", *more)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "--person SLUG" in result.stderr
    assert "--organisation" in result.stderr
    assert not ApiKey.objects.exists()


def test_a_key_of_the_organisation_is_asked_for_and_is_nobodys():
    factories.person("root", staff=True, is_superuser=True)
    result = run("create", "--kind", "api", "--organisation")
    assert ApiKey.objects.get(digest=digest(result.stdout.strip())).person is None


@pytest.mark.parametrize("option", [("--person", "ann"), ("--organisation",)])
def test_only_api_keys_act_for_somebody(option):
    factories.person("ann")
    result = run("create", "--kind", "generic", *option)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Only API keys" in result.stderr


@pytest.mark.parametrize("option", [("--service", "checkout"), ("--per-minute", "5")])
def test_an_api_key_is_never_narrower_in_words_than_in_fact(option):
    factories.person("ann")
    factories.service("checkout")
    result = run("create", "--kind", "api", "--person", "ann", *option)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "leave --service and --per-minute out" in result.stderr
    assert not ApiKey.objects.exists()


def test_a_key_that_may_do_everything_is_shown_as_such():
    root = factories.person("root", staff=True, is_superuser=True)
    factories.api_key(root)
    factories.api_key(factories.person("ann"))
    _, *shown = run("list").stdout.splitlines()
    assert ["may do everything" in line for line in shown] == [True, False]
    rows = json.loads(run("list", "--json").stdout)
    assert [row["administrator"] for row in rows] == [True, False]


def test_keys_are_made_and_revoked_by_the_account_that_runs_the_command():
    factories.person("ann")
    run("create", "--kind", "api", "--person", "ann")
    [made] = AuditEntry.objects.all()
    assert (made.actor, made.person) == (getpass.getuser(), "")
    assert made.data["via"] == f"the command line of {getpass.getuser()}"


def test_an_unknown_service_prints_nothing_on_standard_output():
    result = run("create", "--kind", "generic", "--service", "nope")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nope" in result.stderr


def test_list_and_revoke():
    plain = run("create", "--kind", "generic", "--name", "cron").stdout.strip()
    run("create", "--kind", "api", "--organisation")
    rows = json.loads(run("list", "--json").stdout)
    assert [row["kind"] for row in rows] == ["generic", "api"]
    assert plain not in run("list").stdout
    for row in rows:
        assert run("revoke", str(row["id"])).exit_code == 0
    assert queries.live_keys() == {}
    assert ApiKey.objects.get().revoked_at is not None
    assert run("revoke", "cron").exit_code == 1


def test_operators_replay_and_purge():
    before = clock.now() - timedelta(hours=1)
    run("create", "--kind", "alertmanager")
    (key,) = queries.live_keys().values()
    body = alertmanager_body("A")
    received = [
        (key, alert) for alert in parse(RawRequest(key.id, "alertmanager", clock.now(), body), key)
    ]
    raw = [RawRequest(key.id, "alertmanager", before, body)]
    actions.receive(received=received, raw=raw, now=before)
    Alert.objects.all().delete()
    out = io.StringIO()
    replay_intake.Command(stdout=out).handle(since=before.isoformat())
    assert "0 alerts were there, 1 stored" in out.getvalue()
    assert Alert.objects.get().dedup_key == "fp-A"
    with pytest.raises(CommandError):
        replay_intake.Command().handle(since="yesterday")
    purge_intake.Command(stdout=out).handle(days=0)
    assert out.getvalue().endswith("1 rows deleted\n")
