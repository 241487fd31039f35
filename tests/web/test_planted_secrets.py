"""Secrets are planted everywhere, and everything is read: as a stranger, a colleague, the owner.

Addresses of the URL configuration are walked, so that a new page is read without anybody thinking
of it; one whose parameters have no value below fails the test.
"""

import asyncio
import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from django.contrib import admin
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver
from typer.testing import CliRunner

from andon.cli.main import app
from andon.core import clock
from andon.core.beats import Beats
from andon.core.models import AuditEntry
from andon.engine.lanes.lane import attempt
from andon.integrations.egress.tools import Tool
from andon.integrations.smtp.connection import MailServer, UnusableServer
from andon.paging import links
from andon.paging.actions import delivery
from andon.paging.actions.delivery import Claimed
from andon.paging.models import Notification
from andon.paging.types import Message, Receipt, TransportError
from andon.people.models import Person
from andon.project import environment, logs, probes
from tests.support import plants, scenery
from tests.support.outside import Receiver
from tests.support.plants import MARK, Planted

pytestmark = [pytest.mark.django_db, pytest.mark.database]

#: Pages on which somebody may read their own addresses.
OWN = re.compile(r"/people/ann/|/incidents/INC-1042/")


@pytest.fixture
def planted(tmp_path: Path, settings: Any) -> Planted:
    settings.STATIC_ROOT = tmp_path
    return plants.plant(scene=scenery.build(now=clock.now()), folder=tmp_path / "catalogue")


def patterns(found: list[Any], before: str = "") -> Iterator[str]:
    for one in found:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, route)
        elif isinstance(one, URLPattern):
            yield route


def values(planted: Planted) -> dict[str, str]:
    """Return what stands for each parameter, by the part of the address before it."""
    page, alert = planted.scene.page, planted.scene.page.paged_alerts.get().alert
    return {
        "a/": "made-up-token",
        "sign-in/link/": "made-up-token",
        "set-up/": "made-up-token",
        "look/": links.look_path(uid=planted.scene.notification.uid).split("/")[2],
        "calendars/": planted.feed.plain,
        "services/": "checkout",
        "incidents/": "INC-1042",
        "incidents/INC-1042/": "note",
        "p/": str(page.uid),
        "rotas/": "checkout-rota",
        "overrides/": "1",
        "calendar/": "1",
        "teams/": "checkout",
        "domains/": "stores",
        "people/": "ann",
        "reviews/": "checkout",
        "reviews/checkout/": "lower-target",
        "keys/": "1",
        "api/v1/incidents/": "1042",
        "api/v1/pages/": str(page.uid),
        "api/v1/alerts/": str(alert.uid),
        "api/v1/objectives/": "service-000-errors",
        "integration-keys/": "1",
    }


def addresses(planted: Planted) -> list[str]:
    """Return every address there is, its parameters filled in."""
    known = values(planted)
    found = []
    for route in patterns(get_resolver().url_patterns):
        if route.startswith("admin/") or "^" in route:
            continue
        path = route
        while match := re.search(r"<(?:\w+:)?(\w+)>", path):
            before = path[: match.start()]
            keys = [key for key in known if before.endswith(key)]
            assert keys, f"{route} is a new address: say in `values` what to read there"
            path = before + known[max(keys, key=len)] + path[match.end() :]
        found.append(f"/{path}")
    return [*found, "/costs/payroll/?as=csv", "/services/?q=PLANTED", "/nothing/here/"]


def admin_addresses() -> Iterator[str]:
    yield "/admin/"
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        for row in model._default_manager.all()[:5]:
            yield reverse(f"{name}_change", args=[row.pk])
            yield reverse(f"{name}_history", args=[row.pk])


def leaks(text: str, planted: Planted) -> list[str]:
    """Return what of the planted can be read in a text; mail addresses are not secret as such."""
    shown = re.findall(rf"{MARK}(\w+?){MARK[::-1]}", text)
    shown += [one.hint for one in (planted.feed, *planted.keys) if one.plain in text]
    return sorted(set(shown))


def read(client: Client, paths: Any, planted: Planted) -> dict[str, list[str]]:
    """Return what leaks where; an answer of 500 counts as one, since its page is not the real."""
    found = {}
    for path in paths:
        answer = client.get(path, headers={"host": "127.0.0.1:8000"})
        assert answer.status_code < 500, path
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = body.decode("utf-8", "replace") + str(dict(answer.headers))
        if shown := leaks(text, planted):
            found[path] = shown
    return found


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


class TestPages:
    def test_what_is_planted_is_there_to_be_found(self, planted: Planted) -> None:
        for model in plants.rows():
            kept = json.dumps(list(model.objects.values()), default=str)
            assert leaks(kept, planted), f"{model.__name__} holds nothing: the test reads air"

    def test_a_stranger_reads_none_of_it(self, planted: Planted) -> None:
        paths = [one for one in addresses(planted) if planted.feed.plain not in one]
        assert read(Client(), [*paths, *admin_addresses()], planted) == {}

    def test_a_colleague_reads_none_of_it(self, planted: Planted) -> None:
        found = read(client_of(planted.scene.ben), addresses(planted), planted)
        assert found == {}

    @pytest.mark.filterwarnings("ignore:The default scheme")  # Django's own form of URLs
    def test_nor_does_an_administrator_on_any_screen(self, planted: Planted) -> None:
        client = client_of(planted.root)
        assert read(client, [*addresses(planted), *admin_addresses()], planted) == {}

    def test_the_owner_reads_their_own_where_they_are_listed(self, planted: Planted) -> None:
        found = read(client_of(planted.scene.ann), addresses(planted), planted)
        assert [path for path in found if not OWN.fullmatch(path)] == []
        mine = {name for every in plants.ANNS.values() for one in every for name in parts(one)}
        assert set(found["/people/ann/"]) == mine
        assert mine <= set(found["/incidents/INC-1042/"]) <= mine | {"mail"}

    def test_a_mail_address_is_masked_where_the_name_is_enough(self, planted: Planted) -> None:
        answer = client_of(planted.scene.ben).get("/incidents/INC-1042/").content.decode()
        assert plants.MAIL not in answer
        assert "p...@example.org" in answer

    def test_who_is_on_call_can_be_written_to(self, planted: Planted) -> None:
        answer = client_of(planted.scene.ben).get("/people/ann/").content.decode()
        assert "ann@example.org" in answer
        assert "https://ntfy.invalid/..." in answer


def parts(address: str) -> list[str]:
    return re.findall(rf"{MARK}(\w+?){MARK[::-1]}", address)


class TestApi:
    @pytest.mark.parametrize("who", ["ben", "root", "ann"])
    def test_no_resource_holds_any_of_it(self, planted: Planted, who: str) -> None:
        client = client_of(Person.objects.get(slug=who))
        paths = [one for one in addresses(planted) if one.startswith("/api/")]
        assert len(paths) > 40
        assert read(client, paths, planted) == {}

    @pytest.mark.django_db(transaction=True)
    def test_probes_and_metrics_hold_none_of_it(self, planted: Planted) -> None:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        probe = probes.build(ready=lambda: "")
        for path in sorted(probes.PATHS):
            scope = {
                "type": "http",
                "method": "GET",
                "path": path,
                "headers": [],
                "client": ("127.0.0.1", 1),
            }
            asyncio.run(probe(scope, None, send))
        bodies = b"".join(one.get("body", b"") for one in sent).decode()
        assert "IntegrityError" in bodies
        assert leaks(bodies, planted) == []


class TestCommands:
    @pytest.mark.parametrize(
        "words",
        [
            ("incidents", "--all"),
            ("incidents", "--all", "--json"),
            ("oncall",),
            ("oncall", "--json"),
            ("keys", "list"),
            ("keys", "list", "--json"),
            ("check", "FOLDER"),
            ("check", "FOLDER", "--json"),
            ("apply", "FOLDER", "--dry-run"),
            ("apply", "FOLDER", "--dry-run", "--json"),
            ("apply", "FOLDER", "--yes", "--json"),
            ("costs", "payroll"),
            ("costs", "everything"),
            ("telemetry", "validate", "FOLDER"),
            ("telemetry", "budget"),
        ],
    )
    @pytest.mark.parametrize("broken", [False, True])
    def test_no_command_prints_any_of_it(
        self, planted: Planted, words: tuple[str, ...], broken: bool, tmp_path: Path
    ) -> None:
        folder = tmp_path / "other"
        plants.write_catalogue(folder)
        text = (folder / "team-0.yaml").read_text(encoding="utf-8")
        text = text.replace(plants.OLD_TOPIC, plants.OLD_TOPIC + "changed")
        (folder / "team-0.yaml").write_text(text, encoding="utf-8")
        if broken:
            plants.misspell(folder)
        arguments = [str(folder) if word == "FOLDER" else word for word in words]
        done = CliRunner().invoke(app, arguments)
        assert done.output, done.exception
        assert leaks(done.output, planted) == []

    def test_findings_kept_from_broken_files_hold_none_of_it(self, planted: Planted) -> None:
        plants.misspell(planted.folder)
        done = CliRunner().invoke(app, ["apply", str(planted.folder), "--yes"])
        assert done.exit_code == 1
        paths = [one for one in addresses(planted) if "PLANTED" not in one]
        assert read(client_of(planted.scene.ben), paths, planted) == {}


def claimed(planted: Planted, kind: str, address: str) -> Claimed:
    """Return a message to an address, taken to be sent as the engine takes it."""
    Notification.objects.all().delete()
    now = clock.now()
    Notification.objects.create(
        page=planted.scene.page,
        step=0,
        kind=kind,
        destination=address,
        subject="subject",
        body="body",
        created_at=now,
        next_at=now,
    )
    [found] = delivery.claim_due(kinds=[kind], now=now)
    return found


class Repeats:
    """A transport whose library and server repeat the address they were given."""

    def __init__(self, outcome: str) -> None:
        self.outcome = outcome

    def send(self, message: Message, _now: object) -> Receipt:
        words = plants.said(message.contact.address)
        if self.outcome == "breaks":
            raise RuntimeError(words)
        if self.outcome == "refuses":
            raise TransportError(words)
        return Receipt(detail=words)


@pytest.fixture(params=["console", "json"])
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Log as a server does, into a text."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    text = io.StringIO()
    monkeypatch.setattr(sys, "stderr", text)
    logs.configure(request.param)
    yield text
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


class TestLogs:
    @pytest.mark.parametrize("address", [plants.TOPIC, plants.PASSWORD, plants.HOOK])
    @pytest.mark.parametrize("outcome", ["breaks", "refuses", "accepts"])
    def test_what_a_transport_repeats_is_neither_logged_nor_kept(
        self, planted: Planted, log: io.StringIO, outcome: str, address: str
    ) -> None:
        result = attempt(Repeats(outcome), claimed(planted, "webhook", address), now=clock.now())
        kept = str(result.outcome)
        assert "404 Not Found" in kept
        assert leaks(kept + repr(result), planted) == []
        assert leaks(log.getvalue(), planted) == []
        assert ("transport_broke" in log.getvalue()) is (outcome == "breaks")

    def test_whoever_logs_and_whatever_for_the_line_holds_none_of_it(
        self, planted: Planted, log: io.StringIO
    ) -> None:
        line, old = structlog.get_logger("new"), logging.getLogger("old")
        line.warning("event", error=plants.BEAT, facts={"to": [plants.HOOK]}, who=(plants.TOPIC,))
        old.warning("cannot reach %s (%s)", plants.PASSWORD, ValueError(plants.BEAT))
        old.warning("Not Found: /calendars/%s.ics", planted.feed.plain)
        for key in planted.keys:
            old.warning("Not Found: /hooks/alertmanagr/%s/", key.plain)
        try:
            raise ValueError(plants.BEAT)
        except ValueError as error:
            line.exception("failed", error=error)
            old.exception("failed too")
        lines = log.getvalue()
        assert lines.count("Traceback") == 2
        assert "db.invalid" in lines
        assert leaks(lines, planted) == []

    def test_real_errors_of_the_http_library_hold_none_of_it(
        self, planted: Planted, log: io.StringIO, receiver: Receiver
    ) -> None:
        secret = parts(plants.TOPIC)[0]
        receiver.answers[f"/{MARK}{secret}{MARK[::-1]}"] = (404, {}, b"no")
        url = f"{receiver.url}/{MARK}{secret}{MARK[::-1]}"
        with pytest.raises(httpx2.HTTPStatusError, match=MARK) as raised:
            httpx2.get(url, trust_env=False).raise_for_status()
        structlog.get_logger().warning("heartbeat_not_received", error=str(raised.value))
        assert "127.0.0.1" in log.getvalue()
        assert leaks(log.getvalue(), planted) == []


class TestSettings:
    def test_a_tool_that_repeats_how_it_was_asked_is_kept_without(
        self, planted: Planted, receiver: Receiver
    ) -> None:
        header, word = f"Bearer {plants._mark('toolheader')}", plants._mark("toolpassword")
        receiver.answers["/api"] = (500, {}, f"refused {header} and {word}".encode())
        url = receiver.url.replace("://", f"://andon:{word}@")
        tool = Tool(name="Prometheus", url=url, headers=[("Authorization", header)])
        with pytest.raises(TransportError, match="answered 500") as raised:
            tool.get("/api")
        tool.close()
        assert leaks(str(raised.value) + tool.url, planted) == []

    def test_settings_say_none_of_it_when_they_are_shown(self, planted: Planted) -> None:
        word = plants._mark("setting")
        names = ("SMTP", "DATABASE", "HEARTBEAT", "PROMETHEUS", "VMALERT", "ALERTMANAGER")
        scheme = {"SMTP": "smtp", "DATABASE": "postgresql"}
        urls = {
            f"ANDON_{name}_URL": f"{scheme.get(name, 'https')}://andon:{word}@host.invalid/{word}"
            for name in names
        }
        env = environment.read(
            {**urls, "ANDON_SECRET_KEY": word, "ANDON_PROMETHEUS_HEADERS": f"X-Key: {word}"}
        )
        assert leaks(repr(env) + repr(MailServer.parse(env.smtp_url)), planted) == []

    @pytest.mark.parametrize(
        "name", ["ANDON_DATABASE_URL", "ANDON_PROMETHEUS_URL", "ANDON_VMALERT_URL"]
    )
    def test_a_setting_that_cannot_be_read_is_refused_without_it(
        self, planted: Planted, name: str
    ) -> None:
        scheme = "postgresql" if "DATABASE" in name else "https"
        with pytest.raises(environment.UnusableEnvironment, match=name) as raised:
            environment.read({name: f"{scheme}://andon:{plants._mark('half')}/x@host.invalid/"})
        assert leaks(str(raised.value), planted) == []

    def test_nor_is_the_url_of_a_mail_server(self, planted: Planted) -> None:
        with pytest.raises(UnusableServer, match="percent-encode") as raised:
            MailServer.parse(f"smtp://andon:{plants._mark('half')}/x@host.invalid/")
        assert leaks(str(raised.value), planted) == []

    def test_a_stage_that_fails_writes_none_of_it_down(self, planted: Planted) -> None:
        beats, now = Beats(node="n"), clock.now()
        beats.note("route_alerts", started_at=now, took_ms=1, handled=0, error=plants.BEAT)
        assert leaks(beats._beats["route_alerts"].error, planted) == []

    def test_the_audit_log_holds_none_of_it(self, planted: Planted) -> None:
        assert AuditEntry.objects.count() > 3
        assert leaks(json.dumps(list(AuditEntry.objects.values()), default=str), planted) == []


def test_an_administrator_adds_an_address_and_never_changes_one_unseen(planted: Planted) -> None:
    ann = planted.scene.ann
    client, path = client_of(planted.root), f"/admin/people/person/{ann.pk}/change/"
    form = client.get(path).context["adminform"].form
    kept = list(ann.contact_methods.order_by("position", "pk"))
    data = {name: form.initial.get(name) or "" for name in form.fields if name != "retired_at"}
    data |= {"is_active": "on", "groups": [], "user_permissions": []}
    data |= {
        "contact_methods-TOTAL_FORMS": len(kept) + 1,
        "contact_methods-INITIAL_FORMS": len(kept),
    }
    for number, one in enumerate(kept):
        data |= {
            f"contact_methods-{number}-id": one.pk,
            f"contact_methods-{number}-person": ann.pk,
            f"contact_methods-{number}-kind": "webhook",
            f"contact_methods-{number}-address": "https://evil.invalid/mine",
            f"contact_methods-{number}-position": number,
            f"contact_methods-{number}-source": one.source,
        }
    new = f"contact_methods-{len(kept)}"
    data |= {f"{new}-person": ann.pk, f"{new}-kind": "ntfy", f"{new}-position": 20}
    data |= {f"{new}-address": "https://ntfy.invalid/new", f"{new}-source": "person"}
    answer = client.post(path, data)
    assert answer.status_code == 302, answer.context["errors"]
    after = list(ann.contact_methods.order_by("position", "pk"))
    assert {one.address for one in kept} | {"https://ntfy.invalid/new"} == {
        one.address for one in after
    }
