"""The first page in every state says what is known, and nothing more."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from andon.catalogue.models import Revision
from andon.core import clock
from andon.core.models import StageBeat
from andon.engine import health
from andon.incidents import actions as incidents
from andon.people.models import Person
from tests.support import factories as make


@pytest.fixture
def me(db: None, client: Client) -> Client:
    client.force_login(
        Person.objects.create_superuser("admin", "not used here", name="Admin"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    beat()
    return client


def beat() -> None:
    now = clock.now()
    for name in health.stage_names():
        StageBeat.objects.update_or_create(
            stage=name, defaults={"started_at": now, "finished_at": now, "error": ""}
        )


def declare() -> None:
    Revision.objects.create(applied_at=clock.now(), applied_by="ann", digest="d", plan={})


def said(client: Client, path: str = "/") -> str:
    html = client.get(path).content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    # What is said of the reader comes first (test_own); here it is about the organisation.
    main = re.sub(r'<section class="card own.*?</section>', "", main, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_an_empty_home_is_not_called_quiet(me: Client) -> None:
    assert said(me).startswith("Nothing is declared yet No catalogue has been applied")
    assert "OK" not in said(me)


def test_before_the_first_alert_nothing_is_known(me: Client) -> None:
    declare()
    make.service("checkout")
    text = said(me)
    assert text.startswith("Nothing is known yet No alert has ever arrived")
    assert "OK" not in text
    assert "Not known" in said(me, "/services/checkout/")
    assert "Not known" in said(me, "/services/")


def test_a_warning_alone_is_degraded_and_on_nobodys_fire(me: Client) -> None:
    declare()
    make.page(make.service("checkout"), severity="warning", at=clock.now())
    make.alert(None, at=clock.now())
    incidents.follow_pages(now=clock.now())
    text = said(me)
    assert text.startswith("1 degraded Warnings alone: nothing says that anything is down.")
    assert "Losing" not in text
    assert "Major" not in text
    assert "Degraded" in said(me, "/services/checkout/")


def test_what_is_held_is_listed_once_and_burns_not(me: Client) -> None:
    declare()
    until = clock.now() + timedelta(hours=9)
    make.page(
        make.service("checkout"), state="held", held_until=until, next_at=until, at=clock.now()
    )
    make.alert(None, at=clock.now())
    incidents.follow_pages(now=clock.now())
    text = said(me)
    assert text.startswith("All quiet 1 page waits for working hours")
    assert text.count("Held") == 1
    assert "INC-" not in text


def test_an_engine_that_stands_still_is_not_quiet(me: Client) -> None:
    declare()
    make.alert(None, at=clock.now())
    StageBeat.objects.update(finished_at=clock.now() - timedelta(minutes=5))
    assert said(me).startswith("Andon needs help")


def test_half_a_minute_leaves_a_target_that_allows_more(me: Client) -> None:
    declare()
    now = clock.now()
    make.page(make.service("checkout"), severity="critical", at=now - timedelta(seconds=31))
    make.alert(None, at=now)
    incidents.follow_pages(now=now)
    text = said(me, "/services/checkout/")
    assert text.startswith("Services Checkout Down")
    assert "Target lost" not in text
    assert "a minute, if fully down up to" in said(me, "/incidents/INC-1/")
