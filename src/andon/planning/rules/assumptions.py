"""The organisation's assumptions, with a named default for each one it does not make."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from andon.catalogue.types import (
    Organisation,
    PlanningRules,
    PolicyRule,
    Standby,
    StandbyUnit,
)
from andon.core.money import Money
from andon.planning.rules.exact import HOUR, per, times, total
from andon.planning.rules.premium import for_model_month
from andon.planning.rules.week import WEEK, Spans, length, working_spans
from andon.planning.types import Assumptions, Policy, SreEntry

YOU_RUN_IT, OPS_RUN_IT, SRE_RUN_IT = "You Build It You Run It", "Ops Run It", "SRE Run It"
#: Smith's fictional Fruits R Us; used where nobody says what a rota costs, and said to be.
_ROTA = Decimal(3000)
_YOU_RESTORE, _OPS_RESTORE = timedelta(minutes=20), timedelta(minutes=60)
_OPS_ROTAS = 2
_DAY = 24 * 60


def assumptions_of(*, organisation: Organisation) -> Assumptions:
    """Return what the model takes for granted for an organisation."""
    rules, noted = organisation.planning, _Noted()
    base = Assumptions(you_run_it=_you(organisation, noted), ops_run_it=_ops(organisation, noted))
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


def _you(organisation: Organisation, noted: _Noted) -> Policy:
    rule = organisation.planning.you_run_it or PolicyRule()
    price = rule.rota_per_month
    week = _standby_week(organisation)
    if price is None and week.minor:
        price = for_model_month(week)
        noted.lines.append(f"youRunIt.rotaPerMonth: {price}, from the pay of standby")
    elif price is None:
        price = Money.of(_ROTA, organisation.currency)
        noted.lines.append(f"youRunIt.rotaPerMonth: {price}, an example and not your figure")
    restore = _restore("youRunIt", rule, _YOU_RESTORE, noted)
    return Policy(YOU_RUN_IT, price, restore)


def _standby_week(organisation: Organisation) -> Money:
    """Return what a week of being available pays, without bank holidays, whatever it is paid by."""
    pay = organisation.pay
    if pay is None or pay.standby_per_week.minor or pay.standby is None:
        return pay.standby_per_week if pay else Money.zero(organisation.currency)
    standby, spans = pay.standby, working_spans(organisation.working_hours)
    if standby.per is StandbyUnit.HOUR:
        return times(standby.rate, Fraction(WEEK - length(spans), 60))
    if standby.per is StandbyUnit.DAY:
        weekend = standby.weekend or standby.rate
        return times(standby.rate, 5) + times(weekend, 2)
    if standby.per is StandbyUnit.BLOCK:
        days = (_block_day(standby, day * _DAY, spans) for day in range(7))
        return total(list(days), organisation.currency)
    return standby.rate


def _block_day(standby: Standby, midnight: int, spans: Spans) -> Money:
    """Return what the out-of-hours minutes of one day pay, in started blocks."""
    worked = sum(max(0, min(end, midnight + _DAY) - max(start, midnight)) for start, end in spans)
    over = timedelta(minutes=_DAY - worked) - standby.first
    blocks = max(0, -(-over // standby.every)) if over > timedelta(0) else 0
    then = standby.then or Money.zero(standby.rate.currency)
    return standby.rate + times(then, blocks)


def _ops(organisation: Organisation, noted: _Noted) -> Policy:
    rule = organisation.planning.ops_run_it or PolicyRule()
    price = rule.rota_per_month
    if price is None:
        yours = _you(organisation, _Noted()).rota_per_month
        price = times(yours, Fraction(1, 2))
        noted.lines.append(f"opsRunIt.rotaPerMonth: {price}, half of a developer rota")
    restore = _restore("opsRunIt", rule, _OPS_RESTORE, noted)
    return Policy(OPS_RUN_IT, price, restore, rule.rotas or _OPS_ROTAS)


def _sre(rule: PolicyRule | None, yours: Policy) -> Policy | None:
    if rule is None:
        return None
    return Policy(
        SRE_RUN_IT,
        rule.rota_per_month or yours.rota_per_month,
        rule.time_to_restore or yours.time_to_restore,
        rule.rotas or 1,
    )


def _entry(rules: PlanningRules) -> SreEntry:
    rule, base = rules.sre_run_it or PolicyRule(), SreEntry()
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
    noted.lines.append(f"{name}.timeToRestore: {default // timedelta(minutes=1)} min")
    return default
