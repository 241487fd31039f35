"""From the model's values to its resources. Nothing is worked out here."""

from typing import TYPE_CHECKING

from andon.core import wire
from andon.core.documents.problems import Problem
from andon.planning.queries.answers import Assessed
from andon.planning.rules.comparison import Comparison
from andon.planning.rules.cover import LeverOutcome, Verdict
from andon.planning.rules.forecast import Quarter
from andon.planning.rules.premium import RotaNeed
from andon.planning.rules.review import Proposal
from andon.planning.rules.signals import Signal
from andon.planning.rules.whatif import Difference
from andon.planning.types import Estimate, Risk
from andon.web.api.planning.schemas import (
    ComparisonOut,
    CostOut,
    DifferenceOut,
    EstimateOut,
    InsuredOut,
    LeftOutOut,
    LeverOut,
    OutcomeOut,
    ProposalOut,
    QuarterOut,
    RiskOut,
    RotaOut,
    SignalOut,
    VerdictOut,
)
from andon.web.api.schemas import MoneyOut as Money
from andon.web.api.schemas import ShareOut, share

if TYPE_CHECKING:
    from andon.planning.rules.optimise import Cost


def target_out(ppm: int) -> ShareOut:
    """Return a target for the outside."""
    return ShareOut.model_validate(wire.ppm(ppm))


def rota_out(one: RotaNeed) -> RotaOut:
    """Return a rota for the outside."""
    return RotaOut(
        cover=one.cover,
        owner=one.owner,
        services=list(one.services),
        teams=list(one.teams),
        per_month=Money.exactly(one.per_month),
    )


def signal_out(one: Signal) -> SignalOut:
    """Return a pitfall for the outside."""
    return SignalOut(
        name=one.name,
        value=float(one.value),
        threshold=float(one.threshold),
        shows=one.shows,
        words=one.words,
        fix=one.fix,
    )


def left_out_out(one: Problem) -> LeftOutOut:
    """Return a problem for the outside."""
    return LeftOutOut(
        rule=one.rule,
        gravity=one.gravity,
        service=one.slug,
        message=one.message,
        fix=one.fix,
        where=one.where,
    )


def insured_out(found: Assessed) -> InsuredOut:
    """Return a service with its share of a rota for the outside."""
    one = found.service
    return InsuredOut(
        slug=one.slug,
        title=one.title,
        team=one.team,
        domain=one.domain,
        target=target_out(one.target_ppm),
        cover=one.cover,
        exposure_per_hour=Money.exactly(one.exposure_per_hour),
        incidents_per_year=float(one.incidents_per_year),
        incidents_seen=one.incidents_seen,
        share_per_month=Money.exactly(found.share_per_month),
    )


def verdict_out(one: Verdict) -> VerdictOut:
    """Return a verdict for the outside."""
    return VerdictOut(
        pays=one.pays,
        sentence=one.sentence,
        cover=one.cover,
        standby_per_year=Money.exactly(one.standby_per_year),
        callouts_per_year=float(one.callouts_per_year),
        callout=Money.exactly(one.callout),
        premium_per_year=Money.exactly(one.premium_per_year),
        avoided_per_incident=Money.exactly(one.avoided_per_incident),
        avoided_per_year=Money.exactly(one.avoided_per_year),
        net_per_year=Money.exactly(one.net_per_year),
        error=Money.exactly(one.error),
        incidents_per_year=float(one.incidents_per_year),
        break_even=share(one.break_even_with_callouts),
        working=list(one.working),
        assumptions=list(one.assumptions),
    )


def lever_out(one: LeverOutcome) -> LeverOut:
    """Return a lever for the outside."""
    return LeverOut(name=one.name, words=one.words, verdict=verdict_out(one.verdict))


def comparison_out(one: Comparison) -> ComparisonOut:
    """Return a comparison for the outside."""
    return ComparisonOut(
        target=target_out(one.target_ppm),
        allowance=one.allowance.total_seconds(),
        loss_over_allowance=Money.exactly(one.loss_over_allowance),
        outcomes=[
            OutcomeOut(
                policy=way.policy,
                premium=Money.exactly(way.premium),
                time_to_restore=way.time_to_restore.total_seconds(),
                loss_per_incident=Money.exactly(way.loss_per_incident),
                total=Money.exactly(way.total),
                breach=way.breach,
            )
            for way in one.outcomes
        ],
        cost_effective=list(one.cost_effective),
        verdict=one.verdict,
        break_even=one.break_even.words if one.break_even else "",
        working=list(one.working),
    )


def difference_out(one: Difference) -> DifferenceOut:
    """Return an amount before and after for the outside."""
    return DifferenceOut(
        name=one.name,
        before=Money.exactly(one.before),
        after=Money.exactly(one.after),
        change=Money.exactly(one.change),
    )


def proposal_out(one: Proposal) -> ProposalOut:
    """Return a proposal for the outside."""
    return ProposalOut(
        service=one.slug,
        move=one.move,
        words=one.words,
        evidence=list(one.evidence),
        annotations=dict(one.annotations),
        worth=Money.of(one.worth),
    )


def cost_out(one: "Cost") -> CostOut:
    """Return a year of a plan for the outside."""
    return CostOut(
        rotas=one.rotas,
        standby=Money.exactly(one.standby),
        callouts=Money.exactly(one.callouts),
        loss=Money.exactly(one.loss),
        risk=Money.exactly(one.risk),
        total=Money.exactly(one.total),
    )


def estimate_out(one: Estimate) -> EstimateOut:
    """Return an estimate for the outside."""
    return EstimateOut(
        value=Money.exactly(one.value), low=Money.exactly(one.low), high=Money.exactly(one.high)
    )


def risk_out(one: Risk) -> RiskOut:
    """Return a risk for the outside."""
    return RiskOut(
        service=one.slug,
        mean=estimate_out(one.mean),
        p50=estimate_out(one.p50),
        p95=estimate_out(one.p95),
        p99=estimate_out(one.p99),
        tvar95=estimate_out(one.tvar95),
        miss=one.miss.value,
        miss_low=one.miss.low,
        miss_high=one.miss.high,
    )


def quarter_out(one: Quarter) -> QuarterOut:
    """Return a quarter of a forecast."""
    return QuarterOut(
        number=one.number,
        teams=one.teams,
        services=one.services,
        rotas=one.rotas,
        people_needed=one.people_needed,
        people_there=one.people_there,
        standby_per_month=Money.exactly(one.standby_per_month),
        naive_per_month=Money.exactly(one.naive_per_month),
        exposure_per_hour=Money.exactly(one.exposure_per_hour),
        loss_per_year=Money.exactly(one.loss_per_year),
    )
