"""What cover costs and protects: the portfolio as it is today, a service in it, moves, reviews.

All figures come from `planning`; what this module adds is remembering what pages show of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from andon.core.documents.problems import Problem
from andon.core.money import Money
from andon.planning import rules
from andon.planning.queries import moves, remembered
from andon.planning.rules.comparison import Comparison
from andon.planning.rules.cover import LeverOutcome, Verdict
from andon.planning.rules.exact import times
from andon.planning.rules.premium import Premium, RotaNeed, rota_of
from andon.planning.rules.review import Proposal, review
from andon.planning.rules.signals import Signal
from andon.planning.rules.whatif import WhatIf, what_if
from andon.planning.types import Insured, Portfolio


@dataclass(frozen=True, slots=True)
class Today:
    """The portfolio as it is, its rotas, and what each service pays for them a month."""

    portfolio: Portfolio
    premium: Premium
    shares: dict[str, Money]
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A service in the portfolio's table and in its picture."""

    service: Insured
    #: Its share of the rota that answers for it out of hours.
    cost_per_year: Money


@dataclass(frozen=True, slots=True)
class Insurance:
    """A service as the insurance model sees it, with everything that led there."""

    service: Insured
    verdict: Verdict
    share_per_month: Money
    rota: RotaNeed | None
    levers: tuple[LeverOutcome, ...]
    targets: tuple[Comparison, ...]
    defaults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What moves would change, and what becomes of the question of cover for each one."""

    difference: WhatIf
    verdicts: tuple[tuple[Insured, Verdict, Verdict], ...]


def today(*, now: datetime) -> Today:
    """Return the portfolio as it is, calibrated by the incidents that are over."""
    mark = remembered.mark(now=now)
    return _today(mark) if mark else _shown(remembered.today(now=now))


def rows(*, found: Today) -> list[Row]:
    """Return the services of the portfolio with what their cover costs, by slug."""
    months = found.portfolio.assumptions.you_run_it.months_a_year
    return [Row(one, times(found.shares[one.slug], months)) for one in found.portfolio.services]


def insurance(*, slug: str, now: datetime) -> Insurance | None:
    """Return a service's premium, verdict and working; None when it cannot be modelled."""
    found = today(now=now)
    service = next((one for one in found.portfolio.services if one.slug == slug), None)
    if service is None:
        return None
    portfolio = found.portfolio
    return Insurance(
        service=service,
        verdict=rules.needs_cover(service=service, portfolio=portfolio),
        share_per_month=found.shares[slug],
        rota=rota_of(needed=found.premium.rotas, slug=slug),
        levers=rules.levers_of(service=service, portfolio=portfolio),
        targets=rules.compare_service(service=service, portfolio=portfolio),
        defaults=portfolio.assumptions.defaults,
    )


def problems(*, slug: str, now: datetime) -> tuple[Problem, ...]:
    """Return why a service is not in the portfolio, as far as the portfolio says."""
    return tuple(one for one in today(now=now).portfolio.problems if one.slug == slug)


def moved(*, plan: Sequence[moves.Move], now: datetime) -> Moved:
    """Return what moves would change. Raises `moves.UnableToMove`."""
    before = today(now=now).portfolio
    after = moves.moved(portfolio=before, moves=plan)
    slugs = {one.slug for one in plan}
    pairs = [
        (old, new)
        for old, new in zip(before.services, after.services, strict=True)
        if new.slug in slugs
    ]
    return Moved(
        difference=what_if(before=before, after=after),
        verdicts=tuple(
            (
                new,
                rules.needs_cover(service=old, portfolio=before),
                rules.needs_cover(service=new, portfolio=after),
            )
            for old, new in pairs
        ),
    )


def proposals(*, now: datetime) -> tuple[Proposal, ...]:
    """Return what the quarterly review proposes for every service."""
    mark = remembered.mark(now=now)
    return _review(mark) if mark else review(portfolio=remembered.today(now=now), today=now.date())


def forget() -> None:
    """Forget what was read, as if something had been applied. For measuring."""
    remembered.at.cache_clear()
    _today.cache_clear()
    _review.cache_clear()


@lru_cache(maxsize=2)
def _today(mark: remembered.Mark) -> Today:
    return _shown(remembered.at(mark))


@lru_cache(maxsize=2)
def _review(mark: remembered.Mark) -> tuple[Proposal, ...]:
    return review(portfolio=remembered.at(mark), today=mark.now.date())


def _shown(portfolio: Portfolio) -> Today:
    return Today(
        portfolio=portfolio,
        premium=rules.premium_of(portfolio=portfolio),
        shares=rules.shares(portfolio=portfolio),
        signals=rules.find_signals(portfolio=portfolio),
    )
