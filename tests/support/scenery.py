"""A small shop in trouble, for tests of the portal: every kind of thing its pages can show."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password

from andon.alerts.models import Alert
from andon.alerts.rules import telling
from andon.catalogue import models as catalogue
from andon.core.models import Node, StageBeat
from andon.incidents.models import Incident, IncidentPage, TimelineEntry
from andon.oncall.models import Override
from andon.paging.models import Attempt, Decision, Notification, Page
from andon.people.models import Person
from andon.slo.models import Change
from tests.support import factories as make

STAGES = ("find_services", "route_alerts", "escalate_due", "deliver_due", "follow_pages")


@dataclass
class Scene:
    """What was made, by the names tests use."""

    ann: Person
    ben: Person
    checkout: catalogue.Service
    stock: catalogue.Service
    burning: Incident
    restored: Incident
    page: Page
    held: Page
    unanswered: Page
    notification: Notification


def person(slug: str, name: str, **fields: Any) -> Person:
    """Make somebody who can really sign in with `make.PASSWORD`."""
    made = make.person(slug, name=name, **fields)
    made.password = hashed()
    made.save()
    return made


@cache
def hashed() -> str:
    """Return the hash of `make.PASSWORD`: hashing is slow on purpose, once is enough."""
    return make_password(make.PASSWORD)


def incident(number: int, page: Page, *, state: str = "open", **fields: Any) -> Incident:
    """Make an incident of a page, as the incidents stage would."""
    service = page.service
    made = Incident.objects.create(
        number=number,
        service=service,
        **page.subject.columns,
        title=page.summary,
        state=state,
        severity=fields.pop("severity", "Severity 1"),
        severity_reason="£200,000 at risk per hour",
        exposure_minor=service.exposure_minor if service else None,
        exposure_currency=service.exposure_currency if service else "",
        target_ppm=999_000,
        started_at=page.started_at,
        opened_at=page.opened_at,
        **fields,
    )
    IncidentPage.objects.create(incident=made, page=page)
    TimelineEntry.objects.create(
        incident=made, at=page.opened_at, kind="opened", text=f"INC-{number} opened"
    )
    return made


def build(*, now: datetime) -> Scene:
    """Make the shop: something burns, something waits, something was never answered."""
    ann, ben = person("ann", "Ann Ashby"), person("ben", "Ben Osei", staff=True)
    cat = person("cat", "Cat Lindqvist", timezone="Europe/Stockholm")
    checkout_team = make.team(
        "checkout", title="Checkout", members=[ann, ben], channel="#team-checkout"
    )
    stock_team = make.team("stock", title="Stock", members=[cat])
    stores = catalogue.Domain.objects.create(
        slug="stores", title="Stores", kind="product", owner=stock_team, budget_holder=cat
    )
    checkout = make.service(
        "checkout",
        title="Checkout",
        owner=checkout_team,
        runbook_url="https://runbooks.example.org/checkout",
        dashboard_url="https://dashboards.example.org/checkout",
        description="Takes the money. Every basket ends here.",
        budget_holder=ben,
        links=[{"title": "Logs", "url": "https://logs.example.org/checkout"}],
    )
    stock = make.service(
        "stock-1",
        title="Stock levels",
        owner=stock_team,
        ppm=990_000,
        exposure=60_000,
        domain=stores,
    )
    payments = make.service("payments", title="Payments", owner=checkout_team, ppm=995_000)
    catalogue.ServiceAlias.objects.create(alias="basket-api", service=checkout)
    _relations(checkout, stock, payments, now)
    rota = make.rota("checkout-rota", of=checkout_team, people=[ann, ben, cat])
    catalogue.Rota.objects.filter(pk=rota.pk).update(title="Checkout rota")
    stores_rota = make.rota("stores-rota", people=[cat, ann], covers="out-of-hours")
    catalogue.Rota.objects.filter(pk=stores_rota.pk).update(domain=stores, title="Stores rota")
    Override.objects.create(
        rota=rota,
        person=cat,
        starts_at=now + timedelta(days=2),
        ends_at=now + timedelta(days=4),
        reason="Ann is at a wedding",
        created_at=now,
        created_by="ann",
    )
    page = make.page(
        checkout,
        at=now - timedelta(minutes=14),
        summary="Availability of Checkout fell to 91.2%, below its target of 99.9%",
        reason="99.9% target, team cover out of hours: paging rota checkout-rota",
        rota="checkout-rota",
    )
    held = make.page(
        stock,
        at=now - timedelta(hours=3),
        state="held",
        held_until=now + timedelta(days=1, hours=7),
        summary="Stock levels are 20 minutes old",
        reason="99.0% target, no cover out of hours: held until Mon 09:00 Europe/London",
    )
    unanswered = make.page(
        ref="basket-v2", at=now - timedelta(hours=1), state="unanswered", unanswered_at=now
    )
    notification = _told(page, ann, ben)
    old = make.page(
        checkout, at=now - timedelta(days=3), state="resolved", resolved_at=now, alerts=[]
    )
    make.alert(
        at=now - timedelta(minutes=40), service_ref="basket-v2", service_why="no such service"
    )
    burning = incident(1042, page, major=True)
    incident(1040, held, severity="Severity 3", held_until=held.held_until)
    incident(1039, unanswered, severity="")
    restored = incident(
        1021,
        old,
        state="restored",
        acknowledged_at=now - timedelta(days=3) + timedelta(minutes=4),
        acknowledged_by="Ben Osei",
        restored_at=now - timedelta(days=3) + timedelta(minutes=31),
        restored_by="alertmanager",
    )
    _beats(now)
    return Scene(ann, ben, checkout, stock, burning, restored, page, held, unanswered, notification)


def tell_more(scene: Scene, *, now: datetime) -> None:
    """Add what senders tell beside: labels, alerts that paged nobody, changes."""
    labels = {
        "instance": "10.20.30.40:9090",
        "pod": "checkout-7f9c6d5b4-x2x8k",
        "region": "eu-west-1",
        "availability_zone": "eu-west-1a",
        "image": f"registry.example.org/checkout@sha256:{'0123456789abcdef' * 4}",
        "token": "planted",
    }
    Alert.objects.filter(pk__in=scene.page.paged_alerts.values("alert_id")).update(labels=labels)
    scene.page.route = replace(scene.page.route, labels=telling(labels))
    scene.page.save()
    for number in range(3):
        at = now - timedelta(minutes=20 * number + 5)
        quiet = make.alert(
            scene.checkout, severity="info", at=at, summary=f"Cache miss rate is {number + 7}%"
        )
        Decision.objects.create(
            alert=quiet, at=at, kind="recorded", reason="Severity info: recorded, pages nobody"
        )
        Change.objects.create(
            service=scene.checkout,
            at=now - timedelta(hours=number, minutes=21),
            identity=f"1:{number}",
            summary=f"Build {41 - number} of checkout deployed",
            source="jenkins",
            told_by="ci",
            links=[{"href": f"https://ci.example.org/{41 - number}", "text": "The build"}],
        )
    Change.objects.create(service=scene.checkout, at=now - timedelta(hours=9))


def _relations(
    checkout: catalogue.Service,
    stock: catalogue.Service,
    payments: catalogue.Service,
    now: datetime,
) -> None:
    database = catalogue.Resource.objects.create(
        slug="orders-db", title="Orders database", kind="database"
    )
    make_one = catalogue.Dependency.objects.create
    make_one(service=checkout, on_service=payments, hardness="hard")
    make_one(service=checkout, on_resource=database, hardness="hard")
    make_one(service=stock, on_service=checkout, hardness="soft")
    catalogue.Finding.objects.create(
        kind="service",
        slug="stock-1",
        level="error",
        rule="runbook-missing",
        message="The service has no runbook",
        fix="Add the annotation andon.dev/runbook with its address",
        where="stock.yaml:12",
        seen_at=now,
    )
    catalogue.AvailabilityTarget.objects.create(
        service=checkout,
        ppm=999_900,
        starts_at=now + timedelta(days=5),
        ends_at=now + timedelta(days=9),
        kind="peak",
    )


def _told(page: Page, ann: Person, ben: Person) -> Notification:
    at = page.opened_at
    first = make.notification(page, to=ann, at=at, provider_id="250 2.0.0 Ok")
    Attempt.objects.create(notification=first, at=at, took_ms=41, outcome="sent", detail="250 Ok")
    second = make.notification(page, to=ben, at=at + timedelta(minutes=5), step=1)
    Notification.objects.filter(pk=second.pk).update(state="failed", error="Mailbox is full")
    Attempt.objects.create(
        notification=second, at=at, took_ms=903, outcome="failed", detail="552 Mailbox is full"
    )
    Decision.objects.create(
        page=page,
        at=at + timedelta(minutes=5),
        kind="escalate",
        reason="Nobody acknowledged within 5 min: paging the next on call, Ben Osei",
    )
    return first


def _beats(now: datetime) -> None:
    StageBeat.objects.bulk_create(
        StageBeat(
            stage=stage,
            node="web-1",
            version="0.1.0",
            started_at=now,
            finished_at=now,
            took_ms=3,
            handled=1200,
        )
        for stage in STAGES
    )
    Node.objects.create(name="web-1", host="shop", roles="web engine", started_at=now, seen_at=now)
