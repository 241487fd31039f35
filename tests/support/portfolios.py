"""Portfolios for the tests of planning, in code."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from andon.catalogue.rules.presets import FRUITS_R_US, PLAYBOOK, Preset
from andon.catalogue.types import Cover, DeploymentTarget, DomainKind, WorkingHours
from andon.core.money import Money
from andon.planning.types import Assumptions, Insured, Portfolio, RunPolicy


def gbp(amount: str | int | Decimal) -> Money:
    return Money.of(Decimal(amount), "GBP")


def assumptions(currency: str = "GBP", **changes: Any) -> Assumptions:
    base = Assumptions(
        you_run_it=RunPolicy(
            "You Build It You Run It", Money.of(Decimal(3000), currency), timedelta(minutes=20)
        ),
        ops_run_it=RunPolicy(
            "Ops Run It", Money.of(Decimal(1500), currency), timedelta(minutes=60), fixed_rotas=2
        ),
    )
    return replace(base, **changes)


def service(slug: str, **changes: Any) -> Insured:
    base = Insured(
        slug=slug,
        title=slug.title(),
        team=slug,
        domain=None,
        domain_kind=None,
        exposure_per_hour=gbp(200_000),
        target_ppm=999_000,
        cover=Cover.TEAM,
        deployment_target=DeploymentTarget.WEEKLY,
        working_hours=WorkingHours(),
        incidents_per_year=Decimal(12),
        time_to_restore=timedelta(minutes=20),
        sigma=Decimal(1),
    )
    return replace(base, **changes)


def portfolio(*services: Insured, preset: Preset = FRUITS_R_US, **changes: Any) -> Portfolio:
    base = Portfolio(
        organisation="fruits-r-us",
        currency=preset.currency,
        preset=preset.name,
        period=preset.period,
        levels=preset.levels,
        team_requires_demand=preset.team_requires_demand,
        exposure_bands=preset.exposure_bands,
        minimum_losses=preset.minimum_losses,
        assumptions=assumptions(preset.currency),
        services=services,
        people={one.team: 6 for one in services},
    )
    return replace(base, **changes)


def playbook(*services: Insured, **changes: Any) -> Portfolio:
    return portfolio(*services, preset=PLAYBOOK, **changes)


def fruits(**changes: Any) -> Portfolio:
    """Ten teams with one service each: 2 at 99.9%, 4 at 99.5% in one domain, 4 at 99.0%."""
    found = [service(slug) for slug in ("checkout", "product")]
    found += [
        service(
            f"fulfilment-{n}",
            domain="fulfilment",
            domain_kind=DomainKind.PRODUCT,
            exposure_per_hour=gbp(20_000),
            target_ppm=995_000,
            cover=Cover.DOMAIN,
        )
        for n in range(1, 5)
    ]
    found += [
        service(
            f"stock-{n}",
            domain="stock",
            domain_kind=DomainKind.PRODUCT,
            exposure_per_hour=gbp(3_000),
            target_ppm=990_000,
            cover=Cover.NONE,
        )
        for n in range(1, 5)
    ]
    return portfolio(*found, **changes)
