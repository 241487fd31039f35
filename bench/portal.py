"""Portal pages over 5,000 services: server time and queries, without the network.

The database is a throwaway SQLite file; requests go through every middleware. The home page has ten
incidents on it: one that is empty would be too easy.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.table import Row

if TYPE_CHECKING:
    from django.test import Client

SERVICES = 5_000
TEAMS = 500
DOMAINS = 50
FIRES = 10
REQUESTS = 60
LIMIT_MS = 100.0
PAGES = {
    "home": "/",
    "services list": "/services/",
    "services list, deep": "/services/?after=svc-4000",
    "services search": "/services/?q=svc-49",
    "service page": "/services/svc-0001/",
    "incident page": "/incidents/INC-1/",
}


def main() -> list[Row]:
    """Measure every page against its limit."""
    with tempfile.TemporaryDirectory(prefix="andon-bench-") as home:
        start(home)
        few = _measure_after(generate=200)
        many = _measure_after(generate=SERVICES)
    rows: list[Row] = []
    for name, (millis, queries) in many.items():
        p95 = statistics.quantiles(millis, n=20)[-1]
        rows.append(Row(f"portal {name}, p95", p95, "ms", None, None, "< 100 ms", p95 < LIMIT_MS))
        before = few[name][1]
        rows.append(
            Row(
                f"portal {name}, queries",
                queries,
                "queries",
                None,
                None,
                f"as many as with 200 services ({before})",
                queries <= before,
            )
        )
    return rows


def start(home: str) -> None:
    """Set Django up with an empty database in a folder."""
    os.environ["ANDON_HOME"] = home
    os.environ.pop("ANDON_DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "andon.project.settings"
    (Path(home) / "static").mkdir()
    import django  # noqa: PLC0415 - settings are read from the environment above
    from django.core.management import call_command  # noqa: PLC0415
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    django.setup()
    setup_test_environment()
    call_command("migrate", verbosity=0)


def _measure_after(*, generate: int) -> dict[str, tuple[list[float], int]]:
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    client = Client()
    client.force_login(fill(generate), backend="django.contrib.auth.backends.ModelBackend")
    found = {}
    for name, path in PAGES.items():
        path = path if generate == SERVICES else path.replace("4000", "0100").replace("49", "00")
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        asked = len(queries)  # before the next request: each one empties the log
        found[name] = ([took(client, path) for _ in range(REQUESTS)], asked)
    return found


def took(client: "Client", path: str) -> float:
    """Return how many milliseconds a page takes."""
    started = time.perf_counter()
    response = client.get(path)
    took = (time.perf_counter() - started) * 1000
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}")
    return took


def fill(count: int):  # type: ignore[no-untyped-def]
    """Fill up to so many services; return somebody who may look at them."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    from andon.catalogue import models  # noqa: PLC0415
    from andon.core import clock  # noqa: PLC0415
    from andon.incidents.models import Incident, IncidentPage  # noqa: PLC0415
    from andon.paging.models import Decision, Page  # noqa: PLC0415
    from andon.people.models import ContactMethod, Membership, Person, Team  # noqa: PLC0415

    now, begin = clock.now(), datetime(2026, 1, 1, tzinfo=UTC)
    for table in (Incident, Page, models.Service, models.Rota, models.Domain, Team, Person):
        table.objects.all().delete()
    teams_wanted, domains_wanted = count * TEAMS // SERVICES, max(1, count * DOMAINS // SERVICES)
    people = Person.objects.bulk_create(
        Person(slug=f"p{n:05}", name=f"Person {n}") for n in range(teams_wanted * 4)
    )
    ContactMethod.objects.bulk_create(
        ContactMethod(person=one, kind="email", address=f"{one.slug}@example.org") for one in people
    )
    teams = Team.objects.bulk_create(
        Team(slug=f"team-{n:04}", title=f"Team {n}") for n in range(teams_wanted)
    )
    Membership.objects.bulk_create(
        Membership(team=teams[n // 4], person=one) for n, one in enumerate(people)
    )
    domains = models.Domain.objects.bulk_create(
        models.Domain(slug=f"domain-{n:03}", title=f"Domain {n}", kind="product", owner=teams[n])
        for n in range(domains_wanted)
    )
    rotas = models.Rota.objects.bulk_create(
        [models.Rota(slug=f"r-{t.slug}", title=f"{t.title} rota", team=t) for t in teams]
        + [models.Rota(slug=f"r-{d.slug}", title=f"{d.title} rota", domain=d) for d in domains]
    )
    models.RotaVersion.objects.bulk_create(
        models.RotaVersion(rota=rota, starts_at=begin, document=_rotation(people, n))
        for n, rota in enumerate(rotas)
    )
    services = models.Service.objects.bulk_create(
        models.Service(
            slug=f"svc-{n:04}",
            title=f"Service {n}",
            owner=teams[n % len(teams)],
            domain=domains[n % len(domains)],
            exposure_minor=1_000_000 + n,
            exposure_currency="GBP",
            runbook_url=f"https://runbooks.example.org/{n}",
        )
        for n in range(count)
    )
    models.AvailabilityTarget.objects.bulk_create(
        models.AvailabilityTarget(service=one, ppm=999_000, starts_at=begin) for one in services
    )
    models.Dependency.objects.bulk_create(
        models.Dependency(service=one, on_service=services[(n + step) % count], hardness="hard")
        for n, one in enumerate(services)
        for step in (1, 2, 3)
    )
    pages = Page.objects.bulk_create(
        Page(
            service=services[n],
            subject_kind="service",
            subject_ref=str(services[n].pk),
            state="paging",
            severity="critical",
            summary=f"Service {n} is down",
            opened_at=now,
            started_at=now - timedelta(minutes=n),
            unseen=False,
        )
        for n in range(FIRES)
    )
    Decision.objects.bulk_create(
        Decision(page=page, at=now, kind="route", reason="Paged") for page in pages for _ in "12345"
    )
    fires = Incident.objects.bulk_create(
        Incident(
            number=n,
            service=page.service,
            **page.subject.columns,
            title=page.summary,
            exposure_minor=1_000_000,
            exposure_currency="GBP",
            target_ppm=999_000,
            started_at=page.started_at,
            opened_at=now,
        )
        for n, page in enumerate(pages)
    )
    IncidentPage.objects.bulk_create(
        IncidentPage(incident=fire, page=page) for fire, page in zip(fires, pages, strict=True)
    )
    return people[0]


def _rotation(people: list, n: int) -> dict[str, object]:  # type: ignore[type-arg]
    who = [people[(n * 4 + step) % len(people)].slug for step in range(4)]
    rotation = {"unit": "week", "every": 1, "handover": "09:00", "starts_on": "2026-01-05"}
    return {"timezone": "Europe/London", "rotation": {**rotation, "participants": who}}


if __name__ == "__main__":
    for row in main():
        print(f"{row.name:40} {row.measured:8.1f} {row.unit:8} {row.target:40} {row.ok}")
