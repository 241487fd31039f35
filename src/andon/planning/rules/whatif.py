"""What if: two portfolios, the difference in money and risk, and what made it."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from andon.catalogue.rules.targets import format_target
from andon.core.errors import Refusal
from andon.core.money import Money, about
from andon.planning.rules.annual import Annual, Year, year_of
from andon.planning.rules.proviso import proviso_of
from andon.planning.types import Insured, Portfolio


def _hours(one: Insured) -> str:
    hours = one.working_hours
    off = f"bank holidays of {hours.holidays}" if hours.holidays else "no bank holidays"
    days = f"on {len(hours.days)} days, {hours.timezone}, {off}"
    return f"{hours.starts:%H:%M}-{hours.ends:%H:%M} {days}"


_FIELDS: tuple[tuple[str, Callable[[Insured], str]], ...] = (
    ("target", lambda one: format_target(one.target_ppm)),
    ("cover", lambda one: str(one.cover)),
    ("team", lambda one: one.team),
    ("domain", lambda one: one.domain or "none"),
    ("exposure an hour", lambda one: one.exposure_per_hour.exact),
    ("deployments", lambda one: str(one.deployment_target or "not said")),
    ("incidents a year", lambda one: f"{one.incidents_per_year.normalize():f}"),
    ("time to restore", lambda one: str(one.time_to_restore)),
    ("sigma", lambda one: f"{one.sigma.normalize():f}"),
    ("blast radius", lambda one: f"{one.fraction.normalize():f}"),
    ("loss cap", lambda one: one.cap.exact if one.cap else "none"),
    ("incident cost", lambda one: one.fixed_cost.exact if one.fixed_cost else "none"),
    ("shuttered share", lambda one: f"{one.shuttered_share.normalize():f}"),
    ("working hours", _hours),
    ("trading week", lambda one: f"{len(one.week)} stretches" if one.week else "flat"),
    ("seasons", lambda one: f"{len(one.seasons)}" if one.seasons else "none"),
    ("needs", lambda one: ", ".join(one.depends_on) or "nothing"),
)


class UnableToCompare(Refusal):
    """The two are not kept in one currency."""

    code = "unable_to_plan"


@dataclass(frozen=True, slots=True)
class DeclaredChange:
    """What is declared otherwise about a service; was or becomes is empty when it is not there."""

    slug: str
    field: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class MoneyDifference:
    """One amount before and after."""

    name: str
    before: Money
    after: Money
    #: On what nobody declared the two rest, as of `WhatIf`.
    proviso: str = ""

    @property
    def change(self) -> Money:
        """Return what is added."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The difference between two portfolios, a year of each."""

    changes: tuple[DeclaredChange, ...]
    money: tuple[MoneyDifference, ...]
    #: By service, those whose expected loss changes, the largest change first.
    losses: tuple[MoneyDifference, ...]
    rotas: tuple[int, int]
    incidents: tuple[Decimal, Decimal]
    sentence: str
    working: tuple[str, ...]
    #: On what nobody declared the losses rest; empty when all is declared or measured.
    proviso: str = ""


def what_if(*, before: Portfolio, after: Portfolio) -> WhatIf:
    """Return what changes between two portfolios. Raises UnableToCompare on two currencies."""
    if before.currency != after.currency:
        raise UnableToCompare(f"one is kept in {before.currency}, the other in {after.currency}")
    old, new = year_of(portfolio=before), year_of(portfolio=after)
    rests = proviso_of(services=after.services)
    money = tuple(
        MoneyDifference(name, first, second, said)
        for name, first, second, said in (
            ("standby", old.standby, new.standby, ""),
            ("callouts", old.callouts, new.callouts, rests),
            ("expected loss", old.loss, new.loss, rests),
            ("premium and expected loss", old.total, new.total, rests),
        )
    )
    return WhatIf(
        changes=_changes(before, after),
        money=money,
        losses=_losses(old, new, before.currency, rests),
        rotas=(old.rotas, new.rotas),
        incidents=(_incidents(before), _incidents(after)),
        sentence=_sentence(old, new, rests),
        working=(
            "both are a year: standby, callouts, and the expected loss",
            f"the quadrature's errors are {old.error.exact} and {new.error.exact}",
        ),
        proviso=rests,
    )


def _changes(before: Portfolio, after: Portfolio) -> tuple[DeclaredChange, ...]:
    old = {one.slug: one for one in before.services}
    new = {one.slug: one for one in after.services}
    found = []
    for slug in sorted(old.keys() | new.keys()):
        if slug not in old or slug not in new:
            there = "" if slug not in old else "declared"
            found.append(DeclaredChange(slug, "service", there, "declared" if slug in new else ""))
            continue
        if old[slug] is new[slug]:
            continue
        for name, say in _FIELDS:
            was, becomes = say(old[slug]), say(new[slug])
            if was != becomes:
                found.append(DeclaredChange(slug, name, was, becomes))
    known = before.assumptions, after.assumptions
    if known[0] != known[1]:
        found.append(DeclaredChange("", "assumptions", "as they were", "changed"))
    return tuple(found)


def _losses(old: Year, new: Year, currency: str, rests: str) -> tuple[MoneyDifference, ...]:
    first, second = ({one.slug: one for one in year.services} for year in (old, new))
    nothing = Money.zero(currency)
    found = [
        MoneyDifference(
            slug, _loss(first.get(slug), nothing), _loss(second.get(slug), nothing), rests
        )
        for slug in first.keys() | second.keys()
    ]
    moved = [one for one in found if one.change.minor]
    return tuple(sorted(moved, key=lambda one: (-abs(one.change.minor), one.name)))


def _loss(annual: Annual | None, nothing: Money) -> Money:
    return annual.loss if annual else nothing


def _incidents(portfolio: Portfolio) -> Decimal:
    return sum((one.incidents_per_year for one in portfolio.services), Decimal(0))


def _sentence(old: Year, new: Year, rests: str) -> str:
    premium, loss = new.premium - old.premium, new.loss - old.loss
    net = new.total - old.total
    if not premium.minor and not loss.minor:
        return "Nothing changes: the premium and the expected loss stay as they are."
    said = "better" if net.minor < 0 else "worse"
    if rests and loss.minor:
        return (
            f"The premium {_moves(premium)} and the expected loss {_moves(loss, about)} a year: "
            f"{about(_positive(net))} {said} in all {rests}."
        )
    return (
        f"The premium {_moves(premium)} and the expected loss {_moves(loss)} a year: "
        f"{_positive(net)} {said} in all."
    )


def _moves(amount: Money, say: Callable[[Money], str] = str) -> str:
    if not amount.minor:
        return "stays"
    return f"{'rises' if amount.minor > 0 else 'falls'} by {say(_positive(amount))}"


def _positive(amount: Money) -> Money:
    return Money(abs(amount.minor), amount.currency)
