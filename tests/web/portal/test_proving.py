"""A button on one's own page sends a test to one's own addresses, and shows what came of it."""

from datetime import timedelta

from django.test import Client

from andon.core import clock
from andon.paging.actions import delivery
from andon.paging.models import Notification
from andon.paging.types import Fault, TransportError
from tests.support.scenery import Scene


def own_page(client: Client) -> str:
    return client.get("/people/me/", follow=True).content.decode()


def settle(outcome: object) -> None:
    """Let each message end as told, as the engine's lanes would."""
    now = clock.now()
    claimed = delivery.claim_due(kinds=["email", "ntfy", "webhook"], now=now)
    delivery.start(claimed=claimed, now=now)
    results = [delivery.SendOutcome(one, outcome, took_ms=5) for one in claimed]  # type: ignore[arg-type]
    delivery.finish(results=results, now=now)


def made() -> "list[Notification]":
    return list(Notification.objects.filter(purpose="test"))


def test_the_result_is_shown_by_itself_and_nobody_elses_page_has_the_button(
    ann: Client, scene: Scene
) -> None:
    Notification.objects.exclude(purpose="test").delete()
    assert "Send a test" in own_page(ann)
    assert "Send a test" not in ann.get("/people/ben/").content.decode()
    answer = ann.post("/people/me/test/")
    assert answer.status_code == 302
    waiting = ann.get("/people/ann/")
    assert waiting["Refresh"] == "2; url=/people/ann/"
    assert "Not sent yet" in waiting.content.decode()
    settle(TransportError("550 5.1.1 no such user", fault=Fault.RECIPIENT))
    done = ann.get("/people/ann/")
    assert "Refresh" not in done
    assert "550 5.1.1 no such user" in done.content.decode()


def test_an_engine_that_does_not_run_is_not_waited_for_for_ever(ann: Client, scene: Scene) -> None:
    ann.post("/people/me/test/")
    Notification.objects.filter(purpose="test").update(
        created_at=clock.now() - timedelta(seconds=40)
    )
    page = ann.get("/people/ann/")
    assert "Refresh" not in page
    assert "no engine has sent it" in page.content.decode()


def test_it_is_refused_twice_in_a_row_and_without_a_token(ann: Client, scene: Scene) -> None:
    assert ann.get("/people/me/test/").status_code == 405
    ann.post("/people/me/test/")
    again = ann.post("/people/me/test/", follow=True).content.decode()
    assert "tested a moment ago" in again
    before = len(made())
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ann.cookies
    assert strict.post("/people/me/test/").status_code == 403
    assert len(made()) == before
