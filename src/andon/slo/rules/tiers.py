"""Which pairs of windows an objective gets: its own, its organisation's, or the workbook's."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import WORKBOOK, BurnTier, TelemetryRules
from andon.core.words import say_share
from andon.slo.rules import burn, promql
from andon.slo.types import Objective

#: The period for which the workbook chose its shares.
BOOK_PERIOD = timedelta(days=30)
#: From this period on the workbook's shares are kept; below it, its factors.
_FOUR_WEEKS = timedelta(days=28)
#: Windows from here on are read from recorded series.
RECORDED_FROM = timedelta(hours=6)
#: Over how long the two series that everything is summed from are averaged.
RECORDED = timedelta(minutes=5)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier with what its objective makes of it."""

    tier: BurnTier
    factor: Decimal
    #: Of the ordinary target; a peak's differs by its budget.
    threshold: Decimal

    @property
    def is_recorded(self) -> bool:
        """Return whether its windows are long enough to be read from recorded series."""
        return self.tier.long >= RECORDED_FROM


@dataclass(frozen=True, slots=True)
class Senseless:
    """A tier that an objective should not have, and what would mend it."""

    tier: BurnTier
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tiers of an objective, and those that are not among them."""

    tiers: tuple[Tier, ...]
    senseless: tuple[Senseless, ...]
    #: Whether somebody wrote the tiers down: then a senseless one is an error.
    is_declared: bool


def choose(*, objective: Objective, rules: TelemetryRules) -> Chosen:
    """Return the tiers of an objective, without those that make no sense for its target."""
    declared = objective.tiers or rules.tiers
    return _choose(declared, objective.without, objective.window, objective.target_ppm)


@lru_cache(maxsize=4096)
def defaults(*, period: timedelta) -> tuple[BurnTier, ...]:
    """Return the workbook's pairs for a period.

    From four weeks on they keep the shares (2%, 5%, 10%, 10%), so that an alert says the same about
    the budget everywhere. Shorter periods keep the factors (14.4, 6, 3, 1) instead, with shares to
    match: 2% of seven days would wake people for twelve seconds. So does a tier whose factor would
    fall below 1 otherwise: the three days of the workbook in a period of 28.
    """
    return tuple(_default(tier, period) for tier in WORKBOOK)


def _default(tier: BurnTier, period: timedelta) -> BurnTier:
    book = burn.tier_factor(tier=tier, period=BOOK_PERIOD)
    if period >= _FOUR_WEEKS and burn.tier_factor(tier=tier, period=period) >= _ONE:
        return tier
    return replace(tier, share=burn.share(factor=book, period=period, long=tier.long))


@lru_cache(maxsize=4096)
def _choose(
    declared: tuple[BurnTier, ...], without: frozenset[str], period: timedelta, target_ppm: int
) -> Chosen:
    wanted = declared or defaults(period=period)
    good: list[Tier] = []
    bad: list[Senseless] = []
    for tier in wanted:
        if tier.name in without:
            continue
        book = None if declared else tier.name
        factor = _factor(tier, period, book)
        found = next(_wrongs(tier, period, target_ppm, factor, is_book=not declared), None)
        if found is None:
            theta = burn.threshold(factor=factor, target_ppm=target_ppm)
            good.append(Tier(tier, factor, theta))
        else:
            bad.append(found)
    return Chosen(tuple(good), tuple(bad), bool(declared))


def _factor(tier: BurnTier, period: timedelta, book: str | None) -> Decimal:
    """Return a tier's factor; a share that was scaled gives back the exact factor it came from."""
    if book is not None:
        original = next(one for one in WORKBOOK if one.name == book)
        if original.share != tier.share:
            return burn.tier_factor(tier=original, period=BOOK_PERIOD)
    return burn.tier_factor(tier=tier, period=period)


def _wrongs(
    tier: BurnTier, period: timedelta, target_ppm: int, factor: Decimal, *, is_book: bool
) -> Iterator[Senseless]:
    if not timedelta(0) < tier.short < tier.long:
        reason = "its short window is not shorter than its long one"
        yield Senseless(tier, reason, "make the short window about a twelfth of the long one")
    if tier.long > period or tier.share >= _ONE:
        yield Senseless(
            tier,
            f"it would alert when the budget of {promql.duration(period)} is gone already",
            "choose a shorter long window or a smaller share",
        )
    # At exactly 1 the workbook's last pair is quiet on target, since rules compare with `>`.
    if factor < _ONE or (factor == _ONE and not is_book):
        yield _false_ticket(tier, period, factor)
    theta = burn.threshold(factor=factor, target_ppm=target_ppm)
    if not burn.is_reachable(threshold=theta):
        yield _unreachable(tier, period, target_ppm, factor)


def _false_ticket(tier: BurnTier, period: timedelta, factor: Decimal) -> Senseless:
    least = burn.share(factor=_ONE, period=period, long=tier.long)
    return Senseless(
        tier,
        f"its factor is {promql.number(factor)}: it would alert for a service that meets its "
        "target, for which 1 is the pace",
        f"raise its share above {say_share(least)} or shorten its long window below "
        f"{say_share(tier.share)} of {promql.duration(period)}",
    )


def _unreachable(tier: BurnTier, period: timedelta, target_ppm: int, factor: Decimal) -> Senseless:
    budget = burn.budget(target_ppm=target_ppm)
    most = burn.share(factor=_ONE / budget, period=period, long=tier.long)
    return Senseless(
        tier,
        f"it could never fire: at {format_target(target_ppm)} a full outage burns "
        f"{promql.number(_ONE / budget)} times as fast as even, and it asks for more than "
        f"{promql.number(factor)}",
        f"lower its share below {say_share(most)} or lengthen its long window",
    )
