"""Rows that make the real code raise: seen everywhere, holding up nothing, and somebody is told."""

import asyncio
import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from structlog.testing import capture_logs

from andon.alerts.models import Alert
from andon.core import clock
from andon.core.models import SetAside
from andon.engine.lanes import Lanes
from andon.engine.watch import HealthWatch
from andon.incidents.models import Incident
from andon.paging import actions as paging
from andon.paging.models import Decision, Notification, Page, PagedAlert
from andon.paging.types import TransportError
from andon.people.models import Person
from andon.project import probes
from tests.support.world import World

pytestmark = [pytest.mark.database, pytest.mark.django_db]

#: Links as no receiver writes them: reading the alert raises.
BROKEN_LINKS = [{"href": "https://x.example", "text": "x", "kind": "other", "colour": "red"}]
BROKEN_POLICY = {"steps": [{"target": "the moon", "wait": 300}], "repeats": 0}


@pytest.fixture
def world() -> World:
    made = World()
    for name in ("checkout", "basket"):
        made.service(name)
        made.rota(f"{name}-rota", [f"ann-{name}", f"ben-{name}"], team=name)
    made.rota("duty", ["dan", "eve"])
    made.organisation(catchAllRota="duty")
    return made


def turn(world: World, after: timedelta = timedelta()) -> None:
    """Let time pass, the engine go round once and every message leave."""
    world.now += after
    world.engine.cycle()
    lanes = Lanes({"email": world.email, "ntfy": world.ntfy}, lambda: world.now)
    lanes.run_until_idle(world.now)


def break_alert(service: str) -> Alert:
    [alert] = Alert.objects.filter(service_ref=service)
    Alert.objects.filter(pk=alert.pk).update(links=BROKEN_LINKS)
    return alert


def fire_both(world: World) -> Alert:
    world.post([world.alert("firing", service=name) for name in ("checkout", "basket")])
    return break_alert("checkout")


def healthz() -> tuple[int, dict[str, Any]]:
    """Ask as a probe does."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {
        "type": "http", "method": "GET", "path": "/healthz", "headers": [],
        "client": ("127.0.0.1", 1),
    }  # fmt: skip
    asyncio.run(probes.build(ready=str)(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_an_alert_that_cannot_be_routed_reaches_the_catch_all_and_holds_up_no_other(
    world: World,
) -> None:
    alert = fire_both(world)
    turn(world)
    world.expect.email(to="ann-basket")
    told = world.expect.email(
        to="dan", containing="checkout (could not be routed): Down of checkout"
    )
    assert "Andon could not route this alert (TypeError: " in told.body
    world.expect.nothing()
    row = SetAside.objects.get()
    assert (row.stage, row.row, row.what) == (
        "route_alerts",
        alert.pk,
        f"alert {alert.pk}, Down of checkout",
    )
    assert (row.tries, row.told) == (1, "A message goes to the catch-all rota duty")
    turn(world, timedelta(minutes=5))
    world.expect.email(to="eve")
    world.expect.email(to="ben-basket")
    page = Page.objects.get(rota="duty")
    assert Incident.objects.get(**page.subject.columns).state == "open"
    assert PagedAlert.objects.get(alert=alert).page == page


def test_a_row_that_goes_through_again_is_forgotten_and_its_page_ends_as_any_other(
    world: World,
) -> None:
    alert = fire_both(world)
    turn(world)
    Alert.objects.filter(pk=alert.pk).update(links=[])
    turn(world, timedelta(seconds=59))
    assert SetAside.objects.exists()
    turn(world, timedelta(seconds=1))
    assert not SetAside.objects.exists()
    world.inbox.clear()
    world.alertmanager("resolved", service="checkout", run=False)
    turn(world)
    world.expect.email(to="dan", containing="Resolved")
    assert Page.objects.get(rota="duty").state == "resolved"


def test_the_page_of_an_alert_that_stays_broken_ends_with_the_alert(world: World) -> None:
    fire_both(world)
    turn(world)
    world.inbox.clear()
    world.alertmanager("resolved", service="checkout", run=False)
    turn(world, timedelta(minutes=1))
    world.expect.email(to="dan", containing="Resolved")
    assert Page.objects.get(rota="duty").state == "resolved"
    assert SetAside.objects.get().told == "The alert is over: nobody needs to be told"


def test_a_service_that_cannot_be_looked_for_holds_up_nobody_and_is_told(world: World) -> None:
    world.post([world.alert("firing", service=name) for name in ("checkout", "basket")])
    Alert.objects.filter(service_ref="checkout").update(labels=["no", "labels"])
    turn(world)
    world.expect.email(to="ann-basket")
    world.expect.email(to="dan", containing="Down of checkout")
    assert SetAside.objects.get().stage == "find_services"


def test_a_page_whose_step_cannot_be_taken_is_told_to_the_fallback_until_somebody_has_it(
    world: World,
) -> None:
    world.post([world.alert("firing", service=name) for name in ("checkout", "basket")])
    turn(world)
    world.inbox.clear()
    page = Page.objects.get(service__slug="checkout")
    Page.objects.filter(pk=page.pk).update(policy=BROKEN_POLICY)
    turn(world, timedelta(minutes=5))
    world.expect.email(to="ben-basket")
    told = world.expect.email(to="fallback", containing="Checkout: Down of checkout")
    assert "Andon could not take the next step of this page (ValueError: " in told.body
    world.expect.nothing()
    assert (
        "a message goes to the fallback contact (email)"
        in Decision.objects.get(kind="rescued").reason
    )
    turn(world, timedelta(minutes=1))
    second = world.expect.email(to="fallback")
    turn(world, timedelta(minutes=1))
    assert not [one for one in world.inbox if one.to == "fallback"]
    turn(world, timedelta(minutes=1))
    world.expect.email(to="fallback")
    token = second.ack_link.rstrip("/").rpartition("/")[2]
    paging.use_ack_link(token=token, now=world.now)
    world.inbox.clear()
    turn(world, timedelta(minutes=4))
    assert not [one for one in world.inbox if one.to == "fallback"]
    assert not SetAside.objects.exists()


def test_one_broken_incident_holds_up_no_other(world: World) -> None:
    world.post([world.alert("firing", service="checkout")])
    turn(world)
    Incident.objects.update(state="a mystery")
    Page.objects.update(unseen=True)
    world.post([world.alert("firing", service="basket")])
    turn(world)
    assert Incident.objects.filter(state="open").count() == 1
    row = SetAside.objects.get()
    assert (row.stage, row.told) == ("follow_pages", "Paperwork: no page waits for it")


def test_when_the_catch_all_cannot_be_asked_the_fallback_is_told(world: World) -> None:
    """Nothing can be written to somebody in a zone that is none, by routing or the first way."""
    Person.objects.filter(slug="dan").update(timezone="Mars/Base")
    world.post([world.alert("firing", service="typo")])
    turn(world)
    told = world.expect.email(to="fallback", containing="typo (could not be routed)")
    assert "Andon could not route this alert (ZoneInfoNotFoundError: " in told.body
    assert SetAside.objects.get().told == "A message goes to the fallback contact"
    world.expect.nothing()


def test_when_no_page_can_be_written_the_watch_tells_the_fallback_itself(world: World) -> None:
    watch = HealthWatch(transports={"email": world.email})
    turn(world)
    with no_pages():
        world.post([world.alert("firing", service="checkout")])
        turn(world)
        world.expect.nothing()
        row = SetAside.objects.get()
        assert (row.told_at, row.told) == (None, "")
        world.email.faults["fallback@example.org"] = [TransportError("later")] * 2
        watch.look(now=world.now)
        watch.look(now=world.now)
        told = world.expect.email(to="fallback", containing="Andon could not process alert")
        assert f"route alerts cannot process {row.what} (" in told.body
        world.inbox.clear()
        watch.look(now=world.now + timedelta(minutes=1))
        world.expect.nothing()
    assert SetAside.objects.get().told == "The fallback contact was told directly"


@contextmanager
def no_pages() -> Iterator[None]:
    """Let the database refuse every new page."""
    if connection.vendor == "sqlite":
        make = [
            (
                "CREATE TRIGGER refuse BEFORE INSERT ON paging_page "
                "BEGIN SELECT RAISE(ABORT, 'no more pages'); END"
            )
        ]
        unmake = ["DROP TRIGGER refuse"]
    else:
        make = [
            (
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'no more pages'; END $$"
            ),
            (
                "CREATE TRIGGER refuse BEFORE INSERT ON paging_page "
                "FOR EACH ROW EXECUTE FUNCTION refuse()"
            ),
        ]
        unmake = ["DROP TRIGGER refuse ON paging_page", "DROP FUNCTION refuse"]
    with connection.cursor() as cursor:
        for sql in make:
            cursor.execute(sql)
        yield
        for sql in unmake:
            cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_what_is_set_aside_shows_on_healthz_the_first_page_the_engine_and_in_metrics(
    world: World,
) -> None:
    world.now = clock.now()
    turn(world)
    assert healthz()[0] == 200
    alert = fire_both(world)
    turn(world)
    status, document = healthz()
    [trouble] = document["troubles"]
    words = "The stage route alerts leaves out 1 row that it cannot process"
    assert (status, trouble["what"]) == (503, words)
    assert 'andon_rows_set_aside{stage="route_alerts"} 1.0' in probes._metrics().decode()
    person = Person.objects.get(slug="dan")
    client = Client()
    client.force_login(person)
    for path in ("/", "/engine/"):
        page = html.unescape(client.get(path).content.decode())
        assert words in page
        assert f"alert {alert.pk}, Down of checkout (TypeError: " in page
        assert "a message goes to the catch-all rota duty" in page
    watch = HealthWatch(transports={"email": world.email})
    world.inbox.clear()
    watch.look(now=world.now)
    assert words in world.expect.email(to="fallback", containing="Andon needs help").body
    Alert.objects.filter(pk=alert.pk).update(links=[])
    turn(world, timedelta(minutes=1))
    watch.look(now=world.now)
    world.expect.email(to="fallback", containing="Over: the stage route alerts leaves out nothing")


def test_a_row_that_fails_for_ever_is_tried_and_logged_ever_more_seldom(world: World) -> None:
    fire_both(world)
    with capture_logs() as lines:
        for _ in range(2 * 60 * 6):
            world.now += timedelta(seconds=10)
            world.engine.cycle()
    said = [line for line in lines if line["event"] in ("row_set_aside", "stage_failed")]
    # At once, after 1, 3, 7, 15, 31, 63 minutes, and the batch that failed first.
    assert len(said) == 1 + 7
    assert SetAside.objects.get().tries == 7
    assert Notification.objects.filter(page__rota="duty", step=0).count() == 1


def test_a_process_that_starts_tries_what_the_last_one_left_out(world: World) -> None:
    alert = fire_both(world)
    turn(world)
    Alert.objects.filter(pk=alert.pk).update(links=[])
    world.restart()
    turn(world, timedelta(seconds=1))
    assert not SetAside.objects.exists()
