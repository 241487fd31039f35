"""The best target, cover and rota for every service, and what each change is worth."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from andon.catalogue.rules.cover import WORDS
from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import Cover
from andon.core.money import Money, about
from andon.core.words import say_count, say_share
from andon.planning.rules.exact import decimal
from andon.planning.rules.optimise.budget import search
from andon.planning.rules.optimise.checking import broken_people
from andon.planning.rules.optimise.component import components
from andon.planning.rules.optimise.losses import Losses, expected_losses
from andon.planning.rules.optimise.plan import BestPlan, Choice, Cost, PlanChange
from andon.planning.rules.optimise.setting import (
    Option,
    PlanItem,
    PlanSetting,
    cost_of,
    rotas_of,
    setting_of,
)
from andon.planning.rules.premium import per_year_of
from andon.planning.rules.proviso import expected, proviso_of
from andon.planning.types import Portfolio


def optimise(
    *,
    portfolio: Portfolio,
    losses: Losses | None = None,
    tails: Losses | None = None,
    budget_per_year: Money | None = None,
) -> BestPlan:
    """Return the plan with the least premium + expected loss + risk weight x bad years' excess.

    `losses` are expected yearly losses by service and cover, exact expectations by default. `tails`
    are what a bad year (TVaR95) loses, for the risk weight; without them there is no risk term. The
    budget is for the premium: standby and callouts. Raises UnableToOptimise when no plan keeps the
    constraints.
    """
    known = losses if losses is not None else expected_losses(portfolio=portfolio)
    setting = setting_of(portfolio=portfolio, losses=known, tails=tails)
    today = _today(setting, portfolio, known)
    budget = None if budget_per_year is None else budget_per_year.minor
    found = search(setting=setting, parts=components(setting=setting), budget=budget)
    cost = cost_of(setting=setting, covers=found.covers)
    bound = min(found.bound, cost.total.minor)
    gap = Fraction(cost.total.minor - bound, cost.total.minor) if cost.total.minor else Fraction(0)
    plan = BestPlan(
        choices=tuple(_choice(item, found.covers) for item in setting.items),
        rotas=rotas_of(setting=setting, covers=found.covers),
        cost=cost,
        today=today,
        today_breaks=_today_breaks(setting, portfolio),
        changes=_changes(setting, found.covers, portfolio),
        budget_per_year=budget_per_year,
        lower_bound=Money(bound, setting.currency),
        gap=decimal(gap),
        sentence="",
        working=(),
        assumptions=_assumptions(portfolio, tails is not None),
    )
    return replace(plan, sentence=_sentence(plan, portfolio), working=_working(plan))


def _choice(item: PlanItem, covers: Mapping[str, Cover]) -> Choice:
    cover = covers[item.slug]
    return Choice(item.slug, item.options[cover].target_ppm, cover)


def _today(setting: PlanSetting, portfolio: Portfolio, losses: Losses) -> Cost:
    """Return what today's cover costs, also where it keeps no constraint."""
    options = {
        one.slug: _today_option(item, losses[one.slug][one.cover].minor)
        for one, item in zip(portfolio.services, setting.items, strict=True)
    }
    items = tuple(
        replace(item, options={**item.options, item.today.cover: options[item.slug]})
        for item in setting.items
    )
    covers = {one.slug: one.cover for one in portfolio.services}
    return cost_of(setting=replace(setting, items=items), covers=covers)


def _today_option(item: PlanItem, loss: int) -> Option:
    if item.today.cover in item.options:
        return item.options[item.today.cover]
    called = max((one.callouts for one in item.options.values()), default=0)
    return Option(item.today.target_ppm, loss, called, 0)


def _today_breaks(setting: PlanSetting, portfolio: Portfolio) -> tuple[str, ...]:
    covers = {item.slug: item.today.cover for item in setting.items}
    lost = [
        f"{item.slug} is on a domain rota, and its domain is neither product nor architectural"
        for item in setting.items
        if item.today.cover not in item.options
    ]
    rotas = rotas_of(setting=setting, covers=covers)
    short = broken_people(portfolio=portfolio, rotas=[(one.cover, one.owner) for one in rotas])
    large = [
        f"{one.owner} has more services on its rota than one may answer for; it is priced as more"
        for one in rotas
        if one.number == 2
    ]
    return (*lost, *large, *short)


def _changes(
    setting: PlanSetting, covers: Mapping[str, Cover], portfolio: Portfolio
) -> tuple[PlanChange, ...]:
    """Return what undoing each change alone would add to the plan, dearest first."""
    counts: dict[tuple[Cover, str], int] = {}
    for item in setting.items:
        key = _rota_key(item, covers[item.slug])
        counts[key] = counts.get(key, 0) + 1
    titles = {one.slug: one.title for one in portfolio.services}
    found = []
    for item in setting.items:
        after = _choice(item, covers)
        if after != item.today and item.today.cover in item.options:
            found.append(_change(setting, item, after, counts, titles[item.slug]))
    return tuple(sorted(found, key=lambda one: (-one.saves.minor, one.slug)))


def _change(
    setting: PlanSetting,
    item: PlanItem,
    after: Choice,
    counts: Mapping[tuple[Cover, str], int],
    title: str,
) -> PlanChange:
    old, new = item.options[item.today.cover], item.options[after.cover]
    leaves, joins = _rota_key(item, after.cover), _rota_key(item, item.today.cover)
    rotas = 0
    if leaves != joins:
        rotas += _rotas(setting, joins, counts.get(joins, 0) + 1)
        rotas -= _rotas(setting, joins, counts.get(joins, 0))
        rotas += _rotas(setting, leaves, counts[leaves] - 1)
        rotas -= _rotas(setting, leaves, counts[leaves])
    premium = Money(rotas * setting.rota + old.callouts - new.callouts, setting.currency)
    loss = Money(old.loss - new.loss, setting.currency)
    saves = premium + loss + Money(old.risk - new.risk, setting.currency)
    words = (
        f"{title}: {format_target(item.today.target_ppm)}, {WORDS[item.today.cover]} -> "
        f"{format_target(after.target_ppm)}, {WORDS[after.cover]}; saves {saves} a year "
        f"(premium {premium}, loss {loss})"
    )
    return PlanChange(item.slug, item.today, after, saves, premium, loss, words)


def _rota_key(item: PlanItem, cover: Cover) -> tuple[Cover, str]:
    if cover is Cover.NONE:
        return cover, ""
    return cover, (item.team if cover is Cover.TEAM else item.domain) or ""


def _rotas(setting: PlanSetting, key: tuple[Cover, str], services: int) -> int:
    return 0 if key[0] is Cover.NONE else setting.rotas_for(services)


def _sentence(plan: BestPlan, portfolio: Portfolio) -> str:
    rests = proviso_of(services=portfolio.services)
    say = about if rests else str
    saved = plan.today.total - plan.cost.total
    if not plan.changes:
        total = expected(amount=plan.cost.total, proviso=rests)
        return f"Today's cover is the best there is: {total} a year."
    within = f" within a premium of {plan.budget_per_year}" if plan.budget_per_year else ""
    better = (
        f"saves {say(saved)} a year" if saved.minor >= 0 else f"costs {say(-saved)} a year more"
    )
    if saved.minor < 0:
        better += " than today, which breaks a constraint or the budget"
    return (
        f"{say_count(len(plan.changes), 'change')}{within}: premium {plan.today.premium} -> "
        f"{plan.cost.premium}, expected loss {say(plan.today.loss)} -> {say(plan.cost.loss)} a year"
        f"{f' {rests}' if rests else ''}; {better}."
    )


def _working(plan: BestPlan) -> tuple[str, ...]:
    today, cost = plan.today, plan.cost
    proof = "proved best" if plan.gap == Decimal(0) else f"at most {say_share(plan.gap)} off"
    return (
        f"today: {_sum(today)}",
        f"plan: {_sum(cost)}",
        f"no plan can cost less than {plan.lower_bound.exact}: {proof}",
    )


def _sum(cost: Cost) -> str:
    return (
        f"{say_count(cost.rotas, 'rota')} {cost.standby.exact} + callouts {cost.callouts.exact} + "
        f"loss {cost.loss.exact} + risk {cost.risk.exact} = {cost.total.exact}"
    )


def _assumptions(portfolio: Portfolio, risk: bool) -> tuple[str, ...]:
    known = portfolio.assumptions
    unknown = sorted({one.team for one in portfolio.services} - set(portfolio.people))
    rota = known.you_run_it
    lines = [
        f"{rota.rota_per_month} a rota and month, {per_year_of(rota)} a year",
        f"a rota answers for at most {say_count(known.services_per_rota, 'service')}",
        f"a rota takes {known.people_per_rota} people, and a person is on one rota",
        "a domain's rotas are staffed by the teams that own most of their services in it",
        "any cover out of hours answers at once, so a domain rota protects as well as a team's",
        "a service's loss counts what its incidents cost all that hard depend on it",
    ]
    if unknown:
        lines.append(f"people not declared, taken to suffice: {say_count(len(unknown), 'team')}")
    if risk:
        lines.append(
            f"risk: {known.risk_weight} x what the worst twentieth of years adds to the mean, the "
            "sum of each service's own TVaR as if all bad years coincided: an upper bound of that "
            "of all together; losses by dependencies are not in it"
        )
    return tuple(lines)
