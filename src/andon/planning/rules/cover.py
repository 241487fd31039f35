"""Does this service need cover out of hours? Its price against the loss it avoids, in one sentence.

`Delta = E[X without] - E[X with]` per incident, over all starts of the week; cover pays when
`lambda x Delta > S + E[callouts] x k`. The fixed cost of an incident is left out: it occurs either
way. So are the incidents of hard dependencies: waking this team does not mend another's service.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from andon.catalogue.rules.cover import WORDS
from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import Cover
from andon.core.money import Money
from andon.core.words import say_exactly, say_share
from andon.costing.rules import allocate
from andon.planning.rules import week
from andon.planning.rules.exact import decimal, from_float, times
from andon.planning.rules.expected import loss_per_incident
from andon.planning.rules.premium import per_year_of, rota_of, rotas
from andon.planning.rules.proviso import expected, proviso
from andon.planning.rules.selector import cover_of
from andon.planning.types import Guess, Insured, Portfolio

#: The levers that are shown for every service unless others are asked for.
HALF = Decimal("0.5")
SHUTTERED = Decimal("0.2")
CORE_HOURS = (6 * 60, 22 * 60)


@dataclass(frozen=True, slots=True)
class Levers:
    """What could be changed about a service instead of, or besides, covering it."""

    target_ppm: int | None = None
    fraction: Decimal | None = None
    #: Minutes of each day in which somebody is on call; outside it pages wait.
    core_hours: tuple[int, int] | None = None
    shuttered_share: Decimal | None = None
    #: What building the shutter costs a year.
    shutter_per_year: Money | None = None
    cap: Money | None = None
    incidents_per_year: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether cover out of hours pays for a service, and everything that led there."""

    slug: str
    #: The cover that was priced: the one the service has, or the cheapest it could have.
    cover: Cover
    pays: bool
    loss_without: Money
    loss_with: Money
    #: What cover avoids in one incident, on average over all starts.
    avoided_per_incident: Money
    #: The quadrature's error in it.
    error: Money
    standby_per_year: Money
    callouts_per_year: Decimal
    callout: Money
    #: Standby and callouts.
    premium_per_year: Money
    avoided_per_year: Money
    incidents_per_year: Decimal
    #: Incidents a year from which cover pays, without and with the price of callouts; None: never.
    break_even: Decimal | None
    break_even_with_callouts: Decimal | None
    sentence: str
    working: tuple[str, ...]
    assumptions: tuple[str, ...]
    #: On what nobody declared its figures of losses rest; empty when all is declared or measured.
    proviso: str = ""

    @property
    def net_per_year(self) -> Money:
        """Return what cover avoids beyond its price, negative when it costs more than it avoids."""
        return self.avoided_per_year - self.premium_per_year


@dataclass(frozen=True, slots=True)
class LeverOutcome:
    """One lever pulled: the verdict that follows."""

    name: str
    verdict: Verdict
    words: str


def needs_cover(*, service: Insured, portfolio: Portfolio, levers: Levers | None = None) -> Verdict:
    """Return whether cover out of hours pays for a service, under levers if any are pulled."""
    pulled = levers or Levers()
    changed = _pull(service, pulled, portfolio)
    cover = _cover_to_price(changed)
    share = standby_share(service=changed, cover=cover, portfolio=portfolio)
    standby = times(share, portfolio.assumptions.you_run_it.months_a_year)
    if pulled.shutter_per_year is not None:
        standby += pulled.shutter_per_year
    return _verdict(changed, portfolio, cover, standby, pulled.core_hours)


def levers_of(*, service: Insured, portfolio: Portfolio) -> tuple[LeverOutcome, ...]:
    """Return what each of the published levers would do to a service, one at a time."""
    return tuple(
        LeverOutcome(name, needs_cover(service=service, portfolio=portfolio, levers=levers), words)
        for name, words, levers in _published(service, portfolio)
    )


def cover_pays(
    *,
    incidents_per_year: Decimal,
    avoided_per_incident: Money,
    standby_per_year: Money,
    callouts_per_year: Decimal,
    callout: Money,
) -> bool:
    """Return whether cover pays: `lambda x Delta > S + E[callouts] x k`."""
    avoided = avoided_per_incident.minor * Fraction(incidents_per_year)
    return avoided > standby_per_year.minor + callout.minor * Fraction(callouts_per_year)


def break_even(
    *,
    standby_per_year: Money,
    avoided_per_incident: Money,
    out_of_hours: Decimal = Decimal(0),
    callout: Money | None = None,
) -> Decimal | None:
    """Return the incidents a year from which cover pays, or None when it never does."""
    gain = Fraction(avoided_per_incident.minor)
    if callout is not None:
        gain -= callout.minor * Fraction(out_of_hours)
    return decimal(standby_per_year.minor / gain, 4) if gain > 0 else None


def standby_share(*, service: Insured, cover: Cover, portfolio: Portfolio) -> Money:
    """Return what a cover costs a service a month: its equal share of the rota it would be on."""
    covered = replace(service, cover=cover)
    others = [
        one
        for one in portfolio.services
        if one.slug != service.slug and (one.team == service.team or one.domain == service.domain)
    ]
    rate = portfolio.assumptions.you_run_it.rota_per_month
    need = rota_of(
        needed=rotas(services=[*others, covered], rota_per_month=rate), slug=service.slug
    )
    if need is None:
        return Money.zero(portfolio.currency)
    return allocate(amount=need.per_month, weights=dict.fromkeys(need.services, 1))[service.slug]


def _verdict(
    service: Insured,
    portfolio: Portfolio,
    cover: Cover,
    standby: Money,
    core_hours: tuple[int, int] | None,
) -> Verdict:
    working = week.weeks(service.working_hours, service.holidays)
    hours = _with_core(working, core_hours) if core_hours else week.EVERY_MINUTE
    without = loss_per_incident(service=service, covered=False, fixed=False)
    covered = loss_per_incident(service=service, covered=True, hours=hours, fixed=False)
    currency = portfolio.currency
    avoided = from_float(without.value - covered.value, currency)
    share = week.share_of_time(hours) - week.share_of_time(working)
    callouts = service.incidents_per_year * share
    callout = portfolio.assumptions.callout or Money.zero(currency)
    premium = standby + times(callout, Fraction(callouts))
    pays = cover_pays(
        incidents_per_year=service.incidents_per_year,
        avoided_per_incident=avoided,
        standby_per_year=standby,
        callouts_per_year=callouts,
        callout=callout,
    )
    even = break_even(
        standby_per_year=standby,
        avoided_per_incident=avoided,
        out_of_hours=share,
        callout=callout,
    )
    verdict = Verdict(
        slug=service.slug,
        cover=cover,
        pays=pays,
        loss_without=from_float(without.value, currency),
        loss_with=from_float(covered.value, currency),
        avoided_per_incident=avoided,
        error=from_float(without.error + covered.error, currency),
        standby_per_year=standby,
        callouts_per_year=round(callouts, 4),
        callout=callout,
        premium_per_year=premium,
        avoided_per_year=times(avoided, Fraction(service.incidents_per_year)),
        incidents_per_year=service.incidents_per_year,
        break_even=break_even(standby_per_year=standby, avoided_per_incident=avoided),
        break_even_with_callouts=even,
        sentence="",
        working=(),
        assumptions=_assumptions(service, portfolio),
        proviso=proviso(service=service),
    )
    return replace(verdict, sentence=_sentence(service, verdict), working=_working(verdict, share))


def _with_core(working: week.Weeks, core: tuple[int, int]) -> week.Weeks:
    """Return when somebody answers if core hours of every day are covered, bank holidays too."""
    daily = week.daily(*core)
    return tuple((share, week.union([*spans, *daily])) for share, spans in working)


def _pull(service: Insured, levers: Levers, portfolio: Portfolio) -> Insured:
    changed = service
    if levers.target_ppm is not None:
        cover = cover_of(service=service, target_ppm=levers.target_ppm, portfolio=portfolio)
        changed = replace(changed, target_ppm=levers.target_ppm, cover=cover)
    if levers.fraction is not None:
        changed = replace(changed, fraction=levers.fraction)
    if levers.shuttered_share is not None:
        changed = replace(changed, shuttered_share=levers.shuttered_share)
    if levers.cap is not None:
        changed = replace(changed, cap=levers.cap)
    if levers.incidents_per_year is not None:
        known = changed.guessed - {Guess.HOW_OFTEN}
        changed = replace(changed, incidents_per_year=levers.incidents_per_year, guessed=known)
    return changed


def _cover_to_price(service: Insured) -> Cover:
    if service.cover is not Cover.NONE:
        return service.cover
    return Cover.DOMAIN if service.domain else Cover.TEAM


def _published(service: Insured, portfolio: Portfolio) -> Iterator[tuple[str, str, Levers]]:
    lower = [one.target_ppm for one in portfolio.levels if one.target_ppm < service.target_ppm]
    if lower:
        words = f"the target falls to {format_target(max(lower))}, and the cover with it"
        yield "lower target", words, Levers(target_ppm=max(lower))
    words = "an incident reaches half as many users: canaries, circuit breakers, dark launches"
    yield "smaller blast radius", words, Levers(fraction=service.fraction * HALF)
    words = "somebody is on call from 06:00 to 22:00 every day; later pages wait, the price stays"
    yield "core trading hours", words, Levers(core_hours=CORE_HOURS)
    words = (
        f"a shutter goes up by itself and keeps {say_share(SHUTTERED)} of the loss while waiting"
    )
    yield "automatic shutter", words, Levers(shuttered_share=SHUTTERED)
    hours = times(service.exposure_per_hour, 4)
    words = f"an incident cannot lose more than four hours' exposure, {hours}"
    yield "loss cap", words, Levers(cap=min(service.cap or hours, hours))


def _sentence(service: Insured, verdict: Verdict) -> str:
    often = f"{verdict.incidents_per_year.normalize():f}"
    cost = f"{WORDS[verdict.cover]} costs {verdict.premium_per_year} a year"
    even = verdict.break_even_with_callouts
    if even is None:
        return f"No: a {cost} and would never pay for itself, however often {service.title} fails."
    gain = f"saves {expected(amount=verdict.avoided_per_year, proviso=verdict.proviso)}"
    pays = f"it pays from {round(even, 2)} incidents a year"
    if not verdict.proviso:
        pays += f", and {often} are expected"
    if verdict.pays:
        return f"Yes: a {cost} and {gain}; {pays}."
    return f"No: a {cost} and {gain}; {pays}."


def _working(verdict: Verdict, share: Decimal) -> tuple[str, ...]:
    often = f"{verdict.incidents_per_year.normalize():f}"
    called = f"{round(verdict.callouts_per_year, 2)} callouts a year at {verdict.callout.exact}"
    without, covered = verdict.loss_without.exact, verdict.loss_with.exact
    avoided, error = verdict.avoided_per_incident.exact, verdict.error.exact
    standby, premium = verdict.standby_per_year.exact, verdict.premium_per_year.exact
    return (
        f"an incident loses {without} without cover, {covered} with it",
        f"cover avoids {avoided} an incident (computed to {error})",
        f"over {often} incidents a year it avoids {verdict.avoided_per_year.exact}",
        f"{say_share(share)} of incidents start while only cover answers: {called}",
        f"standby {standby} a year; with callouts {premium}",
    )


def _assumptions(service: Insured, portfolio: Portfolio) -> tuple[str, ...]:
    hours, mean = service.working_hours, say_exactly(service.time_to_restore)
    you = portfolio.assumptions.you_run_it
    at_work = f"at work {hours.starts:%H:%M}-{hours.ends:%H:%M} on {len(hours.days)} days a week"
    off = week.days_off(hours, service.holidays)
    return (
        f"time to restore: lognormal, mean {mean}, sigma {service.sigma}",
        f"incidents start at any minute of the week alike; {say_share(service.fraction)} of users",
        f"{at_work}, but for {off.normalize():f} bank holidays a year, which are out of hours",
        f"{you.rota_per_month} a rota and month, {per_year_of(you)} a year",
    )
