"""Pitfalls that the books and the rotas show, each with its figure and what to do.

Pitfalls: Equal Experts, playbook. The thresholds are Andon's choice, because no source gives any.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from andon.core.words import say_count, say_list
from andon.costing.types import Signal

MOST_ROTAS_PER_TEAM = Fraction(7, 10)
FEWEST_PARTICIPANTS = 3
LEAST_PARTICIPATION = Fraction(1, 2)
#: Below so many teams a rota for each is no pitfall.
SCALE = 10


@dataclass(frozen=True, slots=True)
class FundedService:
    """Who owns a service, who pays for it, and from what."""

    slug: str
    team: str
    holder: str | None
    #: Whether the budget holder is in the owning team, or holds its domain's budget.
    holder_in_line: bool
    opex: bool


@dataclass(frozen=True, slots=True)
class RotaFacts:
    """Who carries a rota out of hours, and how many could."""

    slug: str
    participants: frozenset[str]
    #: Members of the team, or of the teams whose services are in the domain.
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class MajorFacts:
    """What was done in one major incident."""

    name: str
    acknowledged: bool
    #: Whether nobody wrote an update for longer than its class allows.
    silent: bool


#: Name, what it would look at, what Andon would have to know, and what to do until then.
_UNMEASURED = (
    (
        "excessive BAU work",
        "a growing share of unplanned work while deployments or reliability fall",
        "work items marked planned or unplanned, and deployments",
        "Ask each team at its review how much of the last month was unplanned, and write it down.",
    ),
    (
        "change management treacle",
        "weekly targets of deployment that are missed because of approvals",
        "deployments, change templates, and how long approvals wait",
        "Agree a pre-approved change for routine deployments; time one change from merge to live.",
    ),
    (
        "no incident commander",
        "major incidents that nobody led, or of which no incident manager was told",
        "who was incident commander, and when the incident managers were told",
        "Say in a note of every major incident who leads it; the timeline keeps it.",
    ),
    (
        "on-call load limits",
        "people beyond a limit of shifts, nights or callouts",
        "limits declared in the catalogue",
        "Read the load of each rota; a cap on pay a month (`capPerMonth`) limits it meanwhile.",
    ),
)


def not_measured() -> tuple[Signal, ...]:
    """Return the pitfalls nothing tells of yet, so that none is silently absent."""
    return tuple(
        Signal(name, None, None, shows=False, words=f"would look at {what}", fix=fix, needs=needs)
        for name, what, needs, fix in _UNMEASURED
    )


def linear_run_cost(*, rotas: int, teams: int) -> Signal:
    """Rotas out of hours by teams: near 1 means that a rota is bought for every team."""
    words = f"{say_count(rotas, 'rota')} out of hours for {say_count(teams, 'team')} with services"
    words += "" if teams >= SCALE else f"; says little below {SCALE} teams"
    return _signal(
        "linear run cost",
        Fraction(rotas, teams) if teams else Fraction(0),
        MOST_ROTAS_PER_TEAM,
        words,
        "Let services with a medium target share a domain rota.",
        reached=bool(teams >= SCALE and Fraction(rotas, teams) >= MOST_ROTAS_PER_TEAM),
    )


def unaccountable(*, services: Sequence[FundedService]) -> Signal:
    """Share of services whose budget holder is nobody, or is outside the owning team's line."""
    wrong = [one.slug for one in services if one.holder is None or not one.holder_in_line]
    words = f"services with no budget holder in the owner's line: {_names(wrong)}"
    fix = "Name one budget holder per service, the owning team's or its domain's."
    return _share("responsible but unaccountable", wrong, services, words, fix)


def on_operating_budget(*, services: Sequence[FundedService]) -> Signal:
    """Share of services whose cover is paid from an operating budget."""
    wrong = [one.slug for one in services if one.opex]
    words = f"services whose on-call is on an operating budget: {_names(wrong)}"
    fix = "Move standby and callout to the owning team's capital budget."
    return _share("on-call on operating budget", wrong, services, words, fix)


def embedded_specialists(*, teams_of: Mapping[str, Collection[str]]) -> Signal:
    """How many people belong to two teams or more that carry rotas."""
    found = sorted(person for person, teams in teams_of.items() if len(set(teams)) > 1)
    words = f"{say_count(len(found), 'person', 'people')} in two or more teams that run services"
    fix = "Spread what the specialist knows, or give the need a team of its own."
    return _signal("embedded specialists", Fraction(len(found)), Fraction(0), words, fix)


def limited_schedule(*, rotas: Sequence[RotaFacts]) -> Signal:
    """How many rotas fewer than three people, or under half of those who could, carry."""
    thin = [
        f"{one.slug} ({len(one.participants)} of {max(len(one.members), len(one.participants))})"
        for one in rotas
        if len(one.participants) < FEWEST_PARTICIPANTS
        or len(one.participants) < LEAST_PARTICIPATION * len(one.members)
    ]
    words = f"rotas carried by under {FEWEST_PARTICIPANTS} people or half the team: {_names(thin)}"
    fix = "Bring more of the team onto the rota, or share a rota with siblings."
    return _signal("limited on-call schedule", Fraction(len(thin)), Fraction(0), words, fix)


def unpaid_standby(*, rotas: Sequence[str], paid: bool) -> Signal:
    """How many rotas stand by out of hours for nothing."""
    wrong = [] if paid else list(rotas)
    words = f"rotas out of hours without standby pay: {_names(wrong)}"
    fix = "Declare `spec.pay` of the Organisation: unpaid best endeavours is no scheme."
    return _signal("unpaid standby", Fraction(len(wrong)), Fraction(0), words, fix)


def no_incident_management(*, majors: Sequence[MajorFacts]) -> Signal:
    """Share of major incidents nobody took, or in which no update came in time."""
    wrong = [one.name for one in majors if one.silent or not one.acknowledged]
    words = f"major incidents without a person or an update in time: {_names(wrong)}"
    fix = "Name an incident commander, and write an update at every interval of the class."
    return _share("no major incident management", wrong, majors, words, fix)


def _share(name: str, wrong: Sequence[str], of: Sequence[object], words: str, fix: str) -> Signal:
    value = Fraction(len(wrong), len(of)) if of else Fraction(0)
    return _signal(name, value, Fraction(0), words, fix)


def _signal(
    name: str,
    value: Fraction,
    threshold: Fraction,
    words: str,
    fix: str,
    *,
    reached: bool | None = None,
) -> Signal:
    shows = value > threshold if reached is None else reached
    return Signal(name, _decimal(value), _decimal(threshold), shows, words, fix)


def _decimal(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / value.denominator
    return exact.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)


def _names(found: Sequence[str]) -> str:
    return say_list(sorted(found), most=10) or "none"
