"""The organisation's assumptions, with a named default for each one it does not make."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from andon.catalogue.types import Organisation, PlanningRules, PolicyRule
from andon.catalogue.types.planning import CentralRule
from andon.core.money import Money
from andon.core.words import say_exactly
from andon.costing.rules import standby_of
from andon.planning.rules.exact import HOUR, per, times
from andon.planning.rules.premium import per_month_of
from andon.planning.rules.standby import standby_per_year
from andon.planning.types import MONTH, YEAR, Assumptions, Holidays, RunPolicy, SreEntry

YOU_RUN_IT, OPS_RUN_IT, SRE_RUN_IT = "You Build It You Run It", "Ops Run It", "SRE Run It"
#: Smith's fictional Fruits R Us; used where nobody says what a rota costs, and said to be.
_ROTA = Decimal(3000)
_YOU_RESTORE, _OPS_RESTORE = timedelta(minutes=20), timedelta(minutes=60)
_OPS_ROTAS = 2


def assumptions_of(*, organisation: Organisation, holidays: Holidays = ()) -> Assumptions:
    """Return what the model takes for granted for an organisation, with its bank holidays."""
    rules, noted = organisation.planning, _Noted()
    yours = _you(organisation, holidays, noted)
    base = Assumptions(you_run_it=yours, ops_run_it=_ops(organisation, yours, noted))
    return Assumptions(
        you_run_it=base.you_run_it,
        ops_run_it=base.ops_run_it,
        equality_tolerance=noted.pick("equalityTolerance", rules.equality_tolerance,
                                      base.equality_tolerance),
        incidents_per_year=noted.pick("incidentsPerYear", rules.incidents_per_year,
                                      base.incidents_per_year),
        prior_years=noted.pick("priorYears", rules.prior_years, base.prior_years),
        sigma=noted.pick("sigma", rules.sigma, base.sigma),
        callout=_callout(organisation, noted),
        risk_weight=noted.pick("riskWeight", rules.risk_weight, base.risk_weight),
        services_per_rota=rules.services_per_rota or base.services_per_rota,
        people_per_rota=rules.people_per_rota or base.people_per_rota,
        sre_run_it=_sre(rules.sre_run_it, base.you_run_it),
        sre_entry=_entry(rules),
        defaults=tuple(noted.lines),
    )  # fmt: skip


class _Noted:
    """Picks what is set, and notes what is not."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def pick(self, name: str, value: Decimal | None, default: Decimal) -> Decimal:
        if value is not None:
            return value
        self.lines.append(f"{name}: {default}")
        return default


def _you(organisation: Organisation, holidays: Holidays, noted: _Noted) -> RunPolicy:
    rule = organisation.planning.you_run_it or PolicyRule()
    restore = _restore("youRunIt", rule, _YOU_RESTORE, noted)
    if rule.rota_per_month is not None:
        return RunPolicy(YOU_RUN_IT, rule.rota_per_month, restore)
    pay = organisation.pay
    if pay is None or not standby_of(pay).rate.minor:
        price = Money.of(_ROTA, organisation.currency)
        noted.lines.append(f"youRunIt.rotaPerMonth: {price}, an example and not your figure")
        return RunPolicy(YOU_RUN_IT, price, restore)
    hours = organisation.working_hours
    year = standby_per_year(pay=pay, working_hours=hours, holidays=holidays)
    price, off = per_month_of(year), sum((len(days) * n for days, n in holidays), Decimal(0))
    noted.lines.append(
        f"youRunIt.rotaPerMonth: {price}, from the pay of standby: {year} for one person on call "
        f"all year, {off.normalize():f} bank holidays included"
    )
    return RunPolicy(YOU_RUN_IT, price, restore, months_a_year=per(YEAR, MONTH))


def _ops(organisation: Organisation, yours: RunPolicy, noted: _Noted) -> RunPolicy:
    rule = organisation.planning.ops_run_it or PolicyRule()
    price = rule.rota_per_month
    if price is None:
        price = times(yours.rota_per_month, Fraction(1, 2))
        noted.lines.append(f"opsRunIt.rotaPerMonth: {price}, half of a developer rota")
    restore = _restore("opsRunIt", rule, _OPS_RESTORE, noted)
    return RunPolicy(OPS_RUN_IT, price, restore, rule.rotas or _OPS_ROTAS)


def _sre(rule: PolicyRule | None, yours: RunPolicy) -> RunPolicy | None:
    if rule is None:
        return None
    return RunPolicy(
        SRE_RUN_IT,
        rule.rota_per_month or yours.rota_per_month,
        rule.time_to_restore or yours.time_to_restore,
        rule.rotas or 1,
    )


def _entry(rules: PlanningRules) -> SreEntry:
    rule, base = rules.sre_run_it or CentralRule(), SreEntry()
    most, years = rule.most_incidents_per_year, rule.least_years_seen
    return SreEntry(
        rule.least_target_ppm or base.least_target_ppm,
        base.most_incidents_per_year if most is None else most,
        base.least_years_seen if years is None else years,
    )


def _callout(organisation: Organisation, noted: _Noted) -> Money:
    if organisation.planning.callout is not None:
        return organisation.planning.callout
    pay = organisation.pay
    if pay is None:
        noted.lines.append("callout: nothing, for no pay is declared")
        return Money.zero(organisation.currency)
    found = times(pay.callout_per_hour, per(pay.minimum_callout, HOUR))
    noted.lines.append(f"callout: {found}, the least a callout pays, for one responder")
    return found


def _restore(name: str, rule: PolicyRule, default: timedelta, noted: _Noted) -> timedelta:
    if rule.time_to_restore is not None:
        return rule.time_to_restore
    noted.lines.append(f"{name}.timeToRestore: {say_exactly(default)}")
    return default
