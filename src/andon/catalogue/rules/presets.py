"""The two published ways to tie targets to cover, as data. An organisation may replace any part.

Which target buys which cover is data on purpose: the two sources put 99.0% at different levels.
"""

from dataclasses import dataclass
from datetime import timedelta

from andon.catalogue.types import (
    Cover,
    EscalationPolicy,
    ExposureBand,
    Level,
    MinimumLoss,
    Organisation,
    SeverityClass,
    WorkingHours,
)
from andon.core.money import Money


@dataclass(frozen=True, slots=True)
class Preset:
    """A published set of targets with the cover they buy, and the way a target is chosen."""

    name: str
    source: str
    period: timedelta
    levels: tuple[Level, ...]
    team_requires_demand: bool
    #: The source's own figures; used only by organisations that keep their books in this currency.
    currency: str
    exposure_bands: tuple[ExposureBand, ...] = ()
    minimum_losses: tuple[MinimumLoss, ...] = ()


PLAYBOOK = Preset(
    name="playbook",
    source="Equal Experts, You Build It You Run It playbook: operating model selector, at scale",
    period=timedelta(days=7),
    levels=(
        Level(950_000, Cover.NONE),
        Level(990_000, Cover.DOMAIN),
        Level(999_000, Cover.TEAM),
        Level(999_900, Cover.TEAM),
    ),
    team_requires_demand=False,
    currency="USD",
    exposure_bands=(
        ExposureBand(Money(700_000, "USD"), 950_000),
        ExposureBand(Money(25_000_000, "USD"), 990_000),
        ExposureBand(Money(80_000_000, "USD"), 999_000),
    ),
)

FRUITS_R_US = Preset(
    name="fruits-r-us",
    source="Steve Smith, Who Runs It (2020): Implementing You Build It You Run It at scale",
    period=timedelta(days=30),
    levels=(
        Level(990_000, Cover.NONE),
        Level(995_000, Cover.DOMAIN),
        Level(999_000, Cover.TEAM),
    ),
    team_requires_demand=True,
    currency="GBP",
    minimum_losses=(
        MinimumLoss(990_000, Money(2_000_000, "GBP")),
        MinimumLoss(995_000, Money(5_000_000, "GBP")),
        MinimumLoss(999_000, Money(10_000_000, "GBP")),
    ),
)

PRESETS = {preset.name: preset for preset in (PLAYBOOK, FRUITS_R_US)}


def default_organisation() -> Organisation:
    """Return the organisation Andon assumes until one is applied: the playbook, in pounds."""
    return Organisation(
        slug="default",
        title="This organisation",
        currency="GBP",
        working_hours=WorkingHours(),
        preset=PLAYBOOK.name,
        period=PLAYBOOK.period,
        levels=PLAYBOOK.levels,
        team_requires_demand=PLAYBOOK.team_requires_demand,
        severities=default_severities("GBP"),
        escalation=EscalationPolicy(),
    )


def default_severities(currency: str) -> tuple[SeverityClass, ...]:
    """Return the classes used until an organisation sets its own. The figures are Andon's own."""
    return (
        SeverityClass("SEV1", Money(10_000_000, currency), timedelta(minutes=30), major=True),
        SeverityClass("SEV2", Money(1_000_000, currency), timedelta(hours=1)),
        SeverityClass("SEV3", Money.zero(currency), timedelta(hours=4)),
    )
