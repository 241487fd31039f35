"""Production support as insurance: premium against projected loss, policy by policy.

Smith, Who Runs It (2020). `PAL = TTR / D(A) x L(A)`, linear in time and not capped; total is
`C + n x PAL`; the cheaper total is the more cost-effective policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from andon.catalogue.rules.targets import allowed_downtime, format_target
from andon.core.money import Money
from andon.core.words import say_count, say_exactly
from andon.planning.rules.exact import HOUR, decimal, incidents, per, ratio, times
from andon.planning.rules.premium import premium_of
from andon.planning.types import (
    Assumptions,
    Insured,
    Portfolio,
    RunPolicy,
)

#: The model counts twelve months of 30 days, for standby and for incidents alike.
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class PolicyOutcome:
    """One policy at one target, for a 30-day month."""

    policy: str
    premium: Money
    time_to_restore: timedelta
    #: Projected availability loss of one incident.
    loss_per_incident: Money
    #: The same as a share of the loss over the whole allowance.
    share_of_allowance: Decimal
    total: Money
    #: One incident already misses the target.
    breach: bool


@dataclass(frozen=True, slots=True)
class BreakEven:
    """When the dearer, faster policy pays; `dominates` when it is not even the dearer one."""

    faster: str
    slower: str
    dominates: bool
    #: The loss over the whole allowance from which the faster policy is the cheaper one.
    loss: Money | None
    #: Incidents in a 30-day month from which it is.
    incidents_per_month: Decimal | None
    words: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Policies at one availability target."""

    target_ppm: int
    allowance: timedelta
    loss_over_allowance: Money
    incidents_per_month: Decimal
    outcomes: tuple[PolicyOutcome, ...]
    #: Names of the cost-effective policies: the cheapest, and those within the tolerance of it.
    cost_effective: tuple[str, ...]
    break_even: BreakEven | None
    verdict: str
    working: tuple[str, ...]


def compare(
    *,
    target_ppm: int,
    period: timedelta,
    loss_over_allowance: Money,
    policies: Sequence[RunPolicy],
    incidents_per_month: Decimal,
    tolerance: Decimal,
) -> Comparison:
    """Return policies at one target, with the verdict."""
    allowance = allowed_downtime(target_ppm, period)
    outcomes = tuple(
        _outcome(policy, allowance, loss_over_allowance, incidents_per_month) for policy in policies
    )
    even = _break_even(policies, allowance, loss_over_allowance, incidents_per_month)
    effective = _cost_effective(outcomes, tolerance)
    working = (
        f"{format_target(target_ppm)} allows {say_exactly(allowance)} in {period.days} days",
        f"losing all of it costs {loss_over_allowance.exact}; loss grows linearly with time",
        f"{incidents(incidents_per_month)} in a 30-day month",
        *(
            f"{one.policy}: {one.premium.exact} + {incidents_per_month.normalize():f} x "
            f"{say_exactly(one.time_to_restore)} / {say_exactly(allowance)} x "
            f"{loss_over_allowance.exact} = {one.total.exact}"
            for one in outcomes
        ),
    )
    return Comparison(
        target_ppm,
        allowance,
        loss_over_allowance,
        incidents_per_month,
        outcomes,
        effective,
        even,
        _verdict(outcomes, effective),
        working,
    )


def compare_targets(*, portfolio: Portfolio) -> tuple[Comparison, ...]:
    """Return one comparison per target of the organisation, at the loss it ties to that target.

    The loss is the organisation's minimum where it has one, else what the ceiling of the target's
    exposure band loses over the allowance. Targets with neither are left out.
    """
    minimum = {one.target_ppm: one.loss for one in portfolio.minimum_losses}
    ceilings = {one.target_ppm: one.ceiling_per_hour for one in portfolio.exposure_bands}
    found = []
    for level in sorted(portfolio.levels, key=lambda level: level.target_ppm):
        ppm = level.target_ppm
        loss = minimum.get(ppm)
        if loss is None and ppm in ceilings:
            loss = times(ceilings[ppm], per(allowed_downtime(ppm, portfolio.period), HOUR))
        if loss is not None:
            found.append(_at(portfolio, ppm, loss, policies(portfolio.assumptions)))
    return tuple(found)


def compare_service(*, service: Insured, portfolio: Portfolio) -> tuple[Comparison, ...]:
    """Return a service's comparison at each of the organisation's targets, by its own exposure."""
    offered = [*policies(portfolio.assumptions)]
    found = []
    for level in sorted(portfolio.levels, key=lambda level: level.target_ppm):
        ppm = level.target_ppm
        loss = times(service.exposure_per_hour, per(allowed_downtime(ppm, portfolio.period), HOUR))
        sre = portfolio.assumptions.sre_run_it
        may = sre is not None and not sre_refusals(
            service=service, target_ppm=ppm, assumptions=portfolio.assumptions
        )
        rate = decimal(Fraction(service.incidents_per_year) / _MONTHS_A_YEAR)
        extra = [sre] if sre and may else []
        found.append(_at(portfolio, ppm, loss, [*offered, *extra], rate))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Scale:
    """One way to run the whole portfolio, for a 30-day month."""

    name: str
    rotas: int
    premium: Money
    projected_loss: Money
    total: Money
    working: tuple[str, ...]


def compare_at_scale(*, portfolio: Portfolio) -> tuple[Scale, ...]:
    """Return the whole portfolio under each policy, with a rota per team and at scale.

    At scale, You Build It You Run It has the rotas the targets buy, and Ops Run It a fixed number.
    Waiting out of hours is not in these figures: the cover analysis has it.
    """
    known = portfolio.assumptions
    cover = premium_of(portfolio=portfolio)
    you, ops = known.you_run_it, known.ops_run_it
    fixed = ops.fixed_rotas or 1
    ways = [
        (f"{you.name}, a rota per team", you, cover.teams),
        (f"{you.name} at scale", you, len(cover.rotas)),
        (ops.name, ops, 1),
        (f"{ops.name} at scale", ops, fixed),
    ]
    if known.sre_run_it and _whole_sre(portfolio):
        ways.append((known.sre_run_it.name, known.sre_run_it, known.sre_run_it.fixed_rotas or 1))
    return tuple(_scale(portfolio, name, policy, count) for name, policy, count in ways)


def policies(assumptions: Assumptions) -> tuple[RunPolicy, RunPolicy]:
    """Return the two policies that are always compared."""
    return assumptions.you_run_it, assumptions.ops_run_it


def sre_refusals(*, service: Insured, target_ppm: int, assumptions: Assumptions) -> tuple[str, ...]:
    """Return why a central SRE team would not take a service on; empty when it would.

    Smith: SRE suits four nines and more, stable services, under stringent entry rules. The figures
    for "stable" are Andon's choice and the organisation's to change.
    """
    entry = assumptions.sre_entry
    found = []
    if target_ppm < entry.least_target_ppm:
        least = format_target(entry.least_target_ppm)
        found.append(f"its target {format_target(target_ppm)} is below {least}")
    if service.years_seen < entry.least_years_seen:
        found.append(f"it was observed for less than {entry.least_years_seen} years")
    if service.incidents_per_year > entry.most_incidents_per_year:
        found.append(
            f"{service.incidents_per_year.normalize():f} incidents a year are more than "
            f"{entry.most_incidents_per_year}"
        )
    return tuple(found)


def _at(
    portfolio: Portfolio,
    ppm: int,
    loss: Money,
    offered: Sequence[RunPolicy],
    incidents_per_month: Decimal | None = None,
) -> Comparison:
    known = portfolio.assumptions
    default = known.incidents_per_year / _MONTHS_A_YEAR
    return compare(
        target_ppm=ppm,
        period=portfolio.period,
        loss_over_allowance=loss,
        policies=offered,
        incidents_per_month=default if incidents_per_month is None else incidents_per_month,
        tolerance=known.equality_tolerance,
    )


def _outcome(policy: RunPolicy, allowance: timedelta, loss: Money, often: Decimal) -> PolicyOutcome:
    share = per(policy.time_to_restore, allowance)
    total = policy.rota_per_month.minor + Fraction(often) * share * loss.minor
    return PolicyOutcome(
        policy=policy.name,
        premium=policy.rota_per_month,
        time_to_restore=policy.time_to_restore,
        loss_per_incident=times(loss, share),
        share_of_allowance=decimal(share, 5),
        total=Money(round(total), loss.currency),
        breach=policy.time_to_restore > allowance,
    )


def _cost_effective(outcomes: Sequence[PolicyOutcome], tolerance: Decimal) -> tuple[str, ...]:
    least = min(outcomes, key=lambda one: one.total.minor).total
    if not least.minor:
        return tuple(one.policy for one in outcomes if not one.total.minor)
    limit = 1 + Fraction(tolerance)
    return tuple(one.policy for one in outcomes if ratio(one.total, least) <= limit)


def _break_even(
    offered: Sequence[RunPolicy], allowance: timedelta, loss: Money, often: Decimal
) -> BreakEven | None:
    """Compare the first two policies; equally fast ones have no break-even."""
    first, second = offered[0], offered[1]
    if first.time_to_restore == second.time_to_restore:
        return None
    fast, slow = sorted((first, second), key=lambda one: one.time_to_restore)
    extra = fast.rota_per_month - slow.rota_per_month
    if extra.minor <= 0:
        words = f"{fast.name} dominates: it is faster and costs no more"
        return BreakEven(fast.name, slow.name, True, None, None, words)
    gained = per(slow.time_to_restore - fast.time_to_restore, allowance)
    worth = times(extra, 1 / (Fraction(often) * gained)) if often else None
    rate = decimal(ratio(extra, loss) / gained) if loss.minor else None
    rate_words = f"{rate.normalize():f}" if rate is not None else "no number of"
    words = (
        f"{fast.name} pays from {worth} over the whole allowance at "
        f"{incidents(often)} a month, or from {rate_words} incidents a month"
    )
    return BreakEven(fast.name, slow.name, False, worth, rate, words)


def _verdict(outcomes: Sequence[PolicyOutcome], effective: tuple[str, ...]) -> str:
    cheapest = min(outcomes, key=lambda one: one.total.minor)
    only = [one.policy for one in outcomes if not one.breach]
    if len(only) == 1 and only[0] == cheapest.policy:
        return f"{cheapest.policy}: the cheapest, and the only one that can keep the target"
    if len(effective) > 1:
        return f"{' and '.join(effective)} are about as cost-effective"
    return f"{cheapest.policy} is the more cost-effective"


def _whole_sre(portfolio: Portfolio) -> bool:
    return bool(portfolio.services) and all(
        not sre_refusals(service=one, target_ppm=one.target_ppm, assumptions=portfolio.assumptions)
        for one in portfolio.services
    )


def _scale(portfolio: Portfolio, name: str, policy: RunPolicy, count: int) -> Scale:
    cost = times(policy.rota_per_month, count)
    lost = sum(
        (
            one.exposure_per_hour.minor
            * Fraction(one.incidents_per_year)
            / _MONTHS_A_YEAR
            * per(policy.time_to_restore, HOUR)
            for one in portfolio.services
        ),
        Fraction(0),
    )
    loss = Money(round(lost), portfolio.currency)
    working = (
        f"{say_count(count, 'rota')} at {policy.rota_per_month.exact}: {cost.exact}",
        f"each incident is restored in {say_exactly(policy.time_to_restore)}: {loss.exact} a month",
    )
    return Scale(name, count, cost, loss, cost + loss, working)
