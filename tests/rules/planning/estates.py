"""Small portfolios for the tests of simulation and optimiser."""

from datetime import timedelta
from decimal import Decimal

from andon.catalogue.types import Cover, DeploymentTarget, DomainKind, Level, WorkingHours
from andon.core.money import Money
from andon.planning.types import Assumptions, Insured, Portfolio, RunPolicy, Stretch

GBP = "GBP"
#: Ten times the exposure from 08:00 to 20:00, as in the profile vector.
BUSY_DAYS = tuple(
    Stretch(day * 1440 + start, day * 1440 + end, Decimal(weight))
    for day in range(7)
    for start, end, weight in ((0, 480, 1), (480, 1200, 10), (1200, 1440, 1))
)


def insured(slug: str, **traits) -> Insured:
    """Return a service that loses 10 a minute, six times a year, half an hour on average."""
    known = {
        "slug": slug,
        "title": slug,
        "team": "team",
        "domain": "domain",
        "domain_kind": DomainKind.PRODUCT,
        "exposure_per_hour": Money(600_00, GBP),
        "target_ppm": 995_000,
        "cover": Cover.TEAM,
        "deployment_target": DeploymentTarget.WEEKLY,
        "working_hours": WorkingHours(),
        "incidents_per_year": Decimal(6),
        "time_to_restore": timedelta(minutes=30),
        "sigma": Decimal("0.8"),
    }
    return Insured(**{**known, **traits})


def portfolio(*services: Insured, people=None, callout=None) -> Portfolio:
    """Return a portfolio under the preset of Fruits R Us."""
    you = RunPolicy("You Build It You Run It", Money(3_000_00, GBP), timedelta(minutes=20))
    ops = RunPolicy("Ops Run It", Money(1_500_00, GBP), timedelta(minutes=60), 2)
    return Portfolio(
        organisation="fruits",
        currency=GBP,
        preset="fruits-r-us",
        period=timedelta(days=30),
        levels=(
            Level(990_000, Cover.NONE),
            Level(995_000, Cover.DOMAIN),
            Level(999_000, Cover.TEAM),
        ),
        team_requires_demand=True,
        exposure_bands=(),
        minimum_losses=(),
        assumptions=Assumptions(you, ops, callout=callout),
        services=services,
        people={} if people is None else people,
    )
