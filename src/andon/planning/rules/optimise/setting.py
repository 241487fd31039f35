"""A portfolio turned into whole numbers: what each service may choose, and what that costs."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from andon.catalogue.types import Cover
from andon.core.money import Money
from andon.planning.rules.exact import times
from andon.planning.rules.optimise.losses import Losses, callouts
from andon.planning.rules.optimise.plan import Choice, Cost, PlanRota, UnableToOptimise
from andon.planning.rules.premium import per_year_of
from andon.planning.rules.selector import cover_of
from andon.planning.types import Insured, Portfolio

#: In this order, everywhere: a tie goes to the lighter cover.
COVERS = (Cover.NONE, Cover.DOMAIN, Cover.TEAM)
Covers = Mapping[str, Cover]


@dataclass(frozen=True, slots=True)
class Option:
    """One cover for one service: the target that buys it, and its yearly price in minor units."""

    target_ppm: int
    loss: int
    callouts: int
    risk: int

    def price(self, premium_weight: float) -> float:
        """Return what it costs without its rota, premium weighted."""
        return self.loss + self.risk + premium_weight * self.callouts


@dataclass(frozen=True, slots=True)
class PlanItem:
    """A service with its options."""

    slug: str
    team: str
    #: The domain whose rota it may join; None when it has no accepted one.
    domain: str | None
    #: The group it is solved in: its domain, else its team's home, else its team alone.
    group: str
    options: dict[Cover, Option]
    today: Choice


@dataclass(frozen=True, slots=True)
class PlanSetting:
    """Everything the optimiser decides from."""

    currency: str
    items: tuple[PlanItem, ...]
    #: A rota's price for a year, in minor units.
    rota: int
    services_per_rota: int
    people_per_rota: int
    #: People by team; a team that is not in it has as many as it takes.
    people: dict[str, int]
    #: The domain whose rotas a team's people staff: where it owns most services.
    home: dict[str, str]

    def rotas_for(self, services: int) -> int:
        """Return how many rotas so many services need."""
        return -(-services // self.services_per_rota)


def setting_of(*, portfolio: Portfolio, losses: Losses, tails: Losses | None = None) -> PlanSetting:
    """Return the optimiser's setting. Raises UnableToOptimise when a service has no option."""
    known = portfolio.assumptions
    if known.services_per_rota < 1 or known.people_per_rota < 0:
        raise UnableToOptimise("a rota must answer for at least one service")
    home = _homes(portfolio)
    items = tuple(_item(one, portfolio, home, losses, tails) for one in portfolio.services)
    return PlanSetting(
        currency=portfolio.currency,
        items=items,
        rota=per_year_of(known.you_run_it).minor,
        services_per_rota=known.services_per_rota,
        people_per_rota=known.people_per_rota,
        people=portfolio.people,
        home=home,
    )


def rotas_of(*, setting: PlanSetting, covers: Covers) -> tuple[PlanRota, ...]:
    """Return the rotas covers need: services in the order of their slugs, so many to a rota."""
    held: dict[tuple[Cover, str], list[str]] = defaultdict(list)
    for item in setting.items:
        cover = covers[item.slug]
        if cover is not Cover.NONE:
            owner = item.team if cover is Cover.TEAM else item.domain
            held[cover, owner or ""].append(item.slug)
    limit = setting.services_per_rota
    return tuple(
        PlanRota(cover, owner, number // limit + 1, tuple(sorted(slugs)[number : number + limit]))
        for (cover, owner), slugs in sorted(held.items())
        for number in range(0, len(slugs), limit)
    )


def cost_of(*, setting: PlanSetting, covers: Covers) -> Cost:
    """Return what a year of covers costs, to the minor unit."""
    chosen = [item.options[covers[item.slug]] for item in setting.items]
    rotas = len(rotas_of(setting=setting, covers=covers))
    amounts = (
        rotas * setting.rota,
        sum(one.callouts for one in chosen),
        sum(one.loss for one in chosen),
        sum(one.risk for one in chosen),
    )
    return Cost(rotas, *(Money(amount, setting.currency) for amount in amounts))


def _homes(portfolio: Portfolio) -> dict[str, str]:
    owned: dict[str, Counter[str]] = defaultdict(Counter)
    for one in portfolio.services:
        domain = _domain(one)
        if domain is not None:
            owned[one.team][domain] += 1
    return {
        team: min(counts, key=lambda domain: (-counts[domain], domain))
        for team, counts in owned.items()
    }


def _domain(service: Insured) -> str | None:
    return service.domain if service.domain and service.domain_kind is not None else None


def _item(
    service: Insured,
    portfolio: Portfolio,
    home: Mapping[str, str],
    losses: Losses,
    tails: Losses | None,
) -> PlanItem:
    domain = _domain(service)
    extra = callouts(service=service, portfolio=portfolio).minor
    options = {}
    for cover, ppm in _targets(service, portfolio).items():
        if cover is Cover.DOMAIN and domain is None:
            continue
        loss = losses[service.slug][cover]
        risk = _risk(loss, tails[service.slug][cover], portfolio) if tails else 0
        options[cover] = Option(ppm, loss.minor, 0 if cover is Cover.NONE else extra, risk)
    if not options:
        raise UnableToOptimise(
            f"{service.slug}: every level of the preset gives it a domain rota, and it has no "
            f"product or architectural domain"
        )
    return PlanItem(
        slug=service.slug,
        team=service.team,
        domain=domain,
        group=domain or home.get(service.team) or f"/{service.team}",
        options=options,
        today=Choice(service.slug, service.target_ppm, service.cover),
    )


def _targets(service: Insured, portfolio: Portfolio) -> dict[Cover, int]:
    """Return the target that buys each cover: today's where it does, else the lowest one."""
    found: dict[Cover, int] = {}
    for level in sorted(portfolio.levels, key=lambda level: level.target_ppm):
        cover = cover_of(service=service, target_ppm=level.target_ppm, portfolio=portfolio)
        if cover not in found or level.target_ppm == service.target_ppm:
            found[cover] = level.target_ppm
    found[service.cover] = service.target_ppm
    return {cover: found[cover] for cover in COVERS if cover in found}


def _risk(loss: Money, tail: Money, portfolio: Portfolio) -> int:
    weight = Fraction(portfolio.assumptions.risk_weight)
    return times(Money(max((tail - loss).minor, 0), loss.currency), weight).minor
