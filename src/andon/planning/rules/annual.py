"""The expected loss of a year, service by service and for the portfolio, without simulation.

A service goes down with its hard dependencies too, direct and indirect; then it waits for their
team and loses by its own exposure. Each cause is independent, so expectations add up.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from andon.catalogue.types import Cover
from andon.core.money import Money
from andon.planning.rules.exact import from_float, times, total
from andon.planning.rules.expected import (
    ExpectedLoss,
    IncidentLoad,
    is_straight,
    load,
    loss_per_incident,
    slope,
)
from andon.planning.rules.premium import premium_of
from andon.planning.rules.reach import reach
from andon.planning.rules.week import out_of_hours_share
from andon.planning.types import Insured, Portfolio

#: What an incident of one service costs another: (who loses, where it starts, is anybody woken).
PerIncident = Callable[[Insured, Insured, bool], ExpectedLoss]


@dataclass(frozen=True, slots=True)
class Annual:
    """A year of one service: what it is expected to lose, and the quadrature's error in it."""

    slug: str
    loss: Money
    error: Money
    incidents: Decimal
    callouts: Decimal


@dataclass(frozen=True, slots=True)
class Year:
    """A year of a portfolio."""

    standby: Money
    callouts: Money
    loss: Money
    error: Money
    rotas: int
    people_needed: int
    services: tuple[Annual, ...]

    @property
    def premium(self) -> Money:
        """Return what cover costs a year."""
        return self.standby + self.callouts

    @property
    def total(self) -> Money:
        """Return premium and expected loss: what the optimiser makes small."""
        return self.premium + self.loss


def year_of(*, portfolio: Portfolio) -> Year:
    """Return what a year of a portfolio is expected to cost and to lose."""
    services = annuals(services=portfolio.services)
    cost = premium_of(portfolio=portfolio)
    callout = portfolio.assumptions.callout or Money.zero(portfolio.currency)
    called = sum((one.callouts for one in services), Decimal(0))
    currency = portfolio.currency
    return Year(
        standby=cost.per_year,
        callouts=times(callout, Fraction(called)),
        loss=total([one.loss for one in services], currency),
        error=total([one.error for one in services], currency),
        rotas=len(cost.rotas),
        people_needed=len(cost.rotas) * portfolio.assumptions.people_per_rota,
        services=services,
    )


def annuals(*, services: Sequence[Insured]) -> tuple[Annual, ...]:
    """Return a year of each service, with the incidents of what it hardly depends on.

    Services in a circle of needs share their causes, causes that are mended alike are one, and
    where the loss is a straight line of time all causes are: what is worked out grows with the
    number of services, not with its square.
    """
    whole, known = reach(services), {one.slug: one for one in services}
    per_incident = remembered()
    mixes: dict[int, Mix] = {}
    found = []
    for one in services:
        circle = whole.circle(one.slug)
        if circle not in mixes:
            mixes[circle] = Mix.of(known[slug] for slug in whole.of(one.slug))
        found.append(_annual(one, mixes[circle], per_incident))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Mix:
    """All incidents that take a service down in a year, by whether somebody is woken for them."""

    incidents: Decimal
    #: One service of each kind, and the incidents a year of all of its kind.
    kinds: dict[bool, list[tuple[Insured, float]]]
    loads: dict[bool, IncidentLoad]

    @classmethod
    def of(cls, causes: Iterable[Insured]) -> "Mix":
        """Return the mix of causes. Summed without rounding on the way: order does not matter."""
        rates: dict[tuple[object, ...], list[float]] = defaultdict(list)
        first: dict[tuple[object, ...], Insured] = {}
        incidents = Decimal(0)
        for one in causes:
            kind = *cause_kind(one), one.cover is not Cover.NONE
            first.setdefault(kind, one)
            rates[kind].append(float(one.incidents_per_year))
            incidents += one.incidents_per_year
        kinds: dict[bool, list[tuple[Insured, float]]] = {True: [], False: []}
        for kind, one in first.items():
            kinds[one.cover is not Cover.NONE].append((one, math.fsum(rates[kind])))
        loads = {answered: load(mix, covered=answered) for answered, mix in kinds.items()}
        return cls(incidents, kinds, loads)


def cause_kind(one: Insured) -> tuple[object, ...]:
    """Return all of a service but its cover that decides how long its incidents last."""
    return one.time_to_restore, one.sigma, one.working_hours, one.holidays


def stake_kind(one: Insured) -> tuple[object, ...]:
    """Return all of a service that decides what an incident of some length costs it."""
    return (
        one.exposure_per_hour,
        one.fraction,
        one.cap,
        one.fixed_cost,
        one.shuttered_share,
        one.week,
        one.seasons,
    )


def remembered() -> PerIncident:
    """Return what an incident costs, worked out once for each pair of kinds."""
    stakes, origins = _Kinds(stake_kind), _Kinds(cause_kind)
    found: dict[tuple[int, int, bool], ExpectedLoss] = {}

    def per_incident(hit: Insured, origin: Insured, answered: bool) -> ExpectedLoss:
        pair = stakes.of(hit), origins.of(origin), answered
        if pair not in found:
            found[pair] = loss_per_incident(service=hit, origin=origin, covered=answered)
        return found[pair]

    return per_incident


class _Kinds:
    """Numbers for the kinds of services; a kind is read off a service only once."""

    def __init__(self, kind: Callable[[Insured], tuple[object, ...]]) -> None:
        self._kind = kind
        self._by_slug: dict[str, int] = {}
        self._numbers: dict[tuple[object, ...], int] = {}

    def of(self, one: Insured) -> int:
        if one.slug not in self._by_slug:
            number = self._numbers.setdefault(self._kind(one), len(self._numbers))
            self._by_slug[one.slug] = number
        return self._by_slug[one.slug]


def _annual(service: Insured, mix: Mix, per_incident: PerIncident) -> Annual:
    values, errors = [], []
    for answered in (True, False):
        if is_straight(service, covered=answered):
            values.append(slope([service]).loss(mix.loads[answered]))
            continue
        for cause, rate in mix.kinds[answered]:
            one = per_incident(service, cause, answered)
            values.append(rate * one.value)
            errors.append(rate * one.error)
    currency = service.exposure_per_hour.currency
    return Annual(
        slug=service.slug,
        loss=from_float(math.fsum(values), currency),
        error=from_float(math.fsum(errors), currency),
        incidents=mix.incidents,
        callouts=_callouts(service),
    )


def _callouts(service: Insured) -> Decimal:
    if service.cover is Cover.NONE:
        return Decimal(0)
    return service.incidents_per_year * out_of_hours_share(service.working_hours, service.holidays)
