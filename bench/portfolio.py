"""The planning pages over 1,000 services that need three of fifty platforms: server time.

Warm: the portfolio was read since the catalogue was last applied. Cold: it was not.
"""

import statistics
import tempfile
from typing import TYPE_CHECKING

from bench import portal
from bench.table import Row

if TYPE_CHECKING:
    from django.test import Client

SERVICES, PLATFORMS = 1_000, 50
REQUESTS, COLD = 40, 5
PAGES = {
    "portfolio": ("/portfolio/", 200.0),
    "a service's verdict": ("/services/svc-0100/cover/", 200.0),
    "review": ("/reviews/", 200.0),
    "planner": ("/planner/?service=svc-0100&cover=none", 1_000.0),
}


def main() -> list[Row]:
    """Measure every page against its limit."""
    with tempfile.TemporaryDirectory(prefix="andon-bench-") as home:
        portal.start(home)
        client = _estate()
        return [row for name, page in PAGES.items() for row in _rows(client, name, *page)]


def _rows(client: "Client", name: str, path: str, limit: float) -> list[Row]:
    from andon.planning.queries import remembered  # noqa: PLC0415 - needs Django, set up by then

    portal.took(client, path)
    warm = [portal.took(client, path) for _ in range(REQUESTS)]
    cold = []
    for _ in range(COLD):
        for one in vars(remembered).values():  # as if something had been applied
            getattr(one, "cache_clear", int)()
        cold.append(portal.took(client, path))
    p95, first = statistics.quantiles(warm, n=20)[-1], statistics.median(cold)
    aim = f"< {limit:.0f} ms"
    return [
        Row(f"{name}, p95", p95, "ms", None, None, aim, p95 < limit),
        Row(f"{name}, first after a change", first, "ms", None, None, "< 2000 ms", first < 2_000),
    ]


def _estate() -> "Client":
    from django.test import Client  # noqa: PLC0415

    from andon.catalogue import models  # noqa: PLC0415
    from andon.core import clock  # noqa: PLC0415

    client = Client()
    who = portal.fill(SERVICES)
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    ids = list(models.Service.objects.order_by("slug").values_list("pk", flat=True))
    models.Dependency.objects.all().delete()
    models.Dependency.objects.bulk_create(
        models.Dependency(
            service_id=ids[n], on_service_id=ids[(7 * n + 13 * step) % PLATFORMS], hardness="hard"
        )
        for n in range(PLATFORMS, SERVICES)
        for step in (1, 2, 3)
    )
    models.Revision.objects.create(applied_at=clock.now(), applied_by="bench", digest="bench")
    return client


if __name__ == "__main__":
    for row in main():
        print(f"{row.name:45} {row.measured:8.1f} {row.unit:4} {row.target:12} {row.ok}")
