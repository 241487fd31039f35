"""The quarterly review: what the figures say about each service's target and cover, with evidence.

Equal Experts: selection inputs are reviewed at least quarterly against losses and demand. Smith:
once demand is filled, a team rota becomes a domain rota. Andon proposes; a person accepts.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import LOW_DEMAND, Cover
from andon.core.money import Money
from andon.core.words import say_count, say_share
from andon.planning.rules import statistics
from andon.planning.rules.cover import Verdict, needs_cover
from andon.planning.rules.exact import times
from andon.planning.rules.premium import per_year_of
from andon.planning.rules.selector import cover_of, target_from_exposure
from andon.planning.types import Insured, PeakDays, Portfolio

#: A season this much above the ordinary asks for a window of its own.
PEAK_FACTOR = Decimal(2)
#: A loss this far from the expected one is worth asking about the exposure.
LOSS_RATIO = Fraction(2)
#: Holds a list: what is accepted is added to what stands there.
WINDOWS = "andon.dev/peak-windows"
_DAYS = 365
_ANY_YEAR = date(2027, 1, 1)


class ProposedMove(StrEnum):
    """What a review proposes."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    PEAK_WINDOW = "peak window"
    DOMAIN_ROTA = "domain rota"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed change of one service, with what speaks for it."""

    slug: str
    move: ProposedMove
    words: str
    evidence: tuple[str, ...]
    #: The annotations that would change, by key; None removes one. Empty: nothing to write yet.
    annotations: tuple[tuple[str, str | None], ...] = ()
    #: Money a year by the model: what the change saves, negative when it costs.
    worth: Money | None = None


def review(*, portfolio: Portfolio, today: date) -> tuple[Proposal, ...]:
    """Return what the quarter's figures propose for every service, in order of slug.

    `today` is what a season's next turn is counted from.
    """
    return tuple(
        proposal
        for service in portfolio.services
        for proposal in review_service(service=service, portfolio=portfolio, today=today)
    )


def review_service(*, service: Insured, portfolio: Portfolio, today: date) -> tuple[Proposal, ...]:
    """Return what the quarter's figures propose for one service."""
    verdict = needs_cover(service=service, portfolio=portfolio)
    return (
        *_target(service, portfolio, verdict),
        *_demand_filled(service, portfolio, verdict),
        *_peaks(service, portfolio, today),
        *_exposure(service),
    )


def _target(service: Insured, portfolio: Portfolio, verdict: Verdict) -> Iterator[Proposal]:
    if not (portfolio.exposure_bands or portfolio.minimum_losses):
        return
    wanted = target_from_exposure(service=service, portfolio=portfolio)
    if wanted == service.target_ppm:
        return
    up = wanted > service.target_ppm
    now, then = format_target(service.target_ppm), format_target(wanted)
    bought = cover_of(service=service, target_ppm=wanted, portfolio=portfolio)
    yield Proposal(
        slug=service.slug,
        move=ProposedMove.UPGRADE if up else ProposedMove.DOWNGRADE,
        words=f"{service.title}: from {now} to {then}, with cover {bought} instead of "
        f"{service.cover}",
        evidence=(
            f"an exposure of {service.exposure_per_hour} an hour asks for {then}",
            *_seen(service),
            verdict.sentence,
        ),
        annotations=(("andon.dev/availability-target", then.removesuffix("%")),),
    )


def _demand_filled(service: Insured, portfolio: Portfolio, verdict: Verdict) -> Iterator[Proposal]:
    if service.cover is not Cover.TEAM or service.deployment_target not in LOW_DEMAND:
        return
    siblings = [
        one for one in portfolio.services if one.domain == service.domain and one is not service
    ]
    if not service.domain or not siblings:
        return
    rate = per_year_of(portfolio.assumptions.you_run_it)
    shared = sum(one.cover is Cover.DOMAIN for one in siblings)
    saved = rate if shared else Money.zero(portfolio.currency)
    note = f"domain {service.domain} has {say_count(shared, 'service')} on its rota already"
    yield Proposal(
        slug=service.slug,
        move=ProposedMove.DOMAIN_ROTA,
        words=f"{service.title}: its demand is filled, so the domain's rota can answer for it",
        evidence=(
            f"it is deployed {service.deployment_target}; a team rota is for high demand",
            note,
            verdict.sentence,
        ),
        annotations=(
            ("andon.dev/out-of-hours", "domain"),
            ("andon.dev/out-of-hours-reason", "demand is filled"),
        ),
        worth=saved,
    )


def _peaks(service: Insured, portfolio: Portfolio, today: date) -> Iterator[Proposal]:
    highest = max((one.factor for one in service.seasons), default=Decimal(1))
    if highest < PEAK_FACTOR or not (portfolio.exposure_bands or portfolio.minimum_losses):
        return
    raised = times(service.exposure_per_hour, Fraction(highest))
    wanted = _target_at(service, raised, portfolio)
    if wanted <= service.target_ppm:
        return
    window = next_window(service=service, factor=highest, target_ppm=wanted, today=today)
    if any(_spares(one, window) for one in service.windows):
        return
    then = format_target(wanted)
    bought = cover_of(service=service, target_ppm=wanted, portfolio=portfolio)
    yield Proposal(
        slug=service.slug,
        move=ProposedMove.PEAK_WINDOW,
        words=f"{service.title}: {then} from {window.first} until {window.after}, "
        f"{format_target(service.target_ppm)} otherwise",
        evidence=(
            f"exposure is {highest.normalize():f} times the ordinary then: {raised} an hour",
            f"{then} buys cover {bought}; it needs a staffed rota, which the check looks for",
        ),
        annotations=((WINDOWS, f"{window.first}/{window.after}={then.removesuffix('%')}"),),
    )


def next_window(*, service: Insured, factor: Decimal, target_ppm: int, today: date) -> PeakDays:
    """Return the days of a season's next turn; of one that has begun, what is left of it."""
    parts = sorted((one.starts, one.ends) for one in service.seasons if one.factor == factor)
    starts, ends = parts[0]
    if starts == 1 and parts[-1][1] > _DAYS:
        # Written as one, over New Year.
        starts, ends = parts[-1][0], ends + _DAYS
    year = today.year - 1
    while _day(year, ends) <= today:
        year += 1
    return PeakDays(max(_day(year, starts), today), _day(year, ends), target_ppm)


def _day(year: int, number: int) -> date:
    """Return a day by its number in a year without a 29 February; 366 is the next 1 January."""
    years, inside = divmod(number - 1, _DAYS)
    return (_ANY_YEAR + timedelta(days=inside)).replace(year=year + years)


def _spares(declared: PeakDays, wanted: PeakDays) -> bool:
    """Return whether a declared window says as much, for all days it should or for some of them."""
    meets = declared.first < wanted.after and wanted.first < declared.after
    return meets and declared.target_ppm >= wanted.target_ppm


def _exposure(service: Insured) -> Iterator[Proposal]:
    if service.loss_seen is None or service.incidents_seen < statistics.LEAST_TO_SUMMARISE:
        return
    minutes = sum(math.exp(one) for one in service.log_minutes_seen)
    expected = times(service.exposure_per_hour, Fraction(round(minutes), 60))
    if not expected.minor:
        return
    ratio = Fraction(service.loss_seen.minor, expected.minor)
    if 1 / LOSS_RATIO < ratio < LOSS_RATIO:
        return
    yield Proposal(
        slug=service.slug,
        move=ProposedMove.ASK,
        words=f"{service.title}: is {service.exposure_per_hour} an hour still right?",
        evidence=(
            f"{say_count(service.incidents_seen, 'incident')} lost {service.loss_seen}",
            f"at that exposure they would have lost {expected} ({say_share(ratio)})",
        ),
    )


def _seen(service: Insured) -> Iterator[str]:
    if not service.years_seen:
        yield "no incidents were measured yet: the rate is an assumption"
        return
    interval = statistics.poisson(count=service.incidents_seen)
    years = float(service.years_seen)
    low, high = interval.low / years, interval.high / years
    yield (
        f"{say_count(service.incidents_seen, 'incident')} in {round(service.years_seen, 2)} "
        f"years: between {low:.1f} and {high:.1f} a year (95%)"
    )
    if service.loss_seen is not None:
        yield f"they lost {service.loss_seen}"


def _target_at(service: Insured, exposure: Money, portfolio: Portfolio) -> int:
    return target_from_exposure(
        service=replace(service, exposure_per_hour=exposure), portfolio=portfolio
    )
