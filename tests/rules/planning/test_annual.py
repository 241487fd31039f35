"""A year of many services that take one another down: the short way against the plain one."""

from datetime import timedelta
from decimal import Decimal

from andon.planning.rules.annual import annuals
from tests.support.portfolios import service


def test_the_order_of_services_changes_nothing():
    slugs = [f"s{place}" for place in range(9)]
    services = [
        service(
            slug,
            depends_on=tuple(slugs),
            incidents_per_year=Decimal(place) / 7,
            time_to_restore=timedelta(minutes=3 + place),
        )
        for place, slug in enumerate(slugs)
    ]

    assert annuals(services=services) == annuals(services=services[::-1])[::-1]
