"""What alerts say, to somebody who was asleep a minute ago.

No template asks a second query: a page must not hang on one.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

from andon.catalogue.rules.targets import format_target
from andon.core.money import Money, per_minute
from andon.core.words import say_exactly, say_share, say_span
from andon.slo.rules import burn
from andon.slo.rules.promql import escaped
from andon.slo.rules.tiers import Tier
from andon.slo.types import Estate, IndicatorKind, Objective, Subject
from andon.telemetry.rules import dashboards, series
from andon.telemetry.types import Board

_VALUE = "{{ $value | humanizePercentage }}"


def money_at_risk(subject: Subject) -> str:
    """Return what a minute of full outage costs, or that nobody has said."""
    exposure: Money | None = subject.exposure_per_hour
    if exposure is None:
        return "not known: the catalogue has no exposure for this service"
    return f"{per_minute(exposure)} a minute"


def links(*, subject: Subject, estate: Estate) -> Mapping[str, str]:
    """Return the annotations that lead on, those that are known."""
    board = subject.dashboard_url or dashboards.address(
        grafana_url=estate.rules.grafana_url, kind=Board.SERVICE, slug=subject.slug
    )
    andon = f"{estate.andon_url.rstrip('/')}/services/{subject.slug}/" if estate.andon_url else ""
    found = {
        "runbook_url": escaped(subject.runbook_url),
        "dashboard_url": escaped(board),
        "money_at_risk": money_at_risk(subject),
        "andon_url": andon,
    }
    return {name: value for name, value in found.items() if value}


def burning(*, objective: Objective, subject: Subject, tier: Tier) -> tuple[str, str]:
    """Return summary and description of a burn alert."""
    window = say_span(tier.tier.long)
    budget = "the error budget"
    if series.peak_targets(objective=objective):
        # In a peak less has to fail: of the ordinary budget it would be a smaller share.
        budget += " of the target in force"
    summary = (
        f"{escaped(objective.title)}: {_VALUE} failed over {window}, "
        f"at least {say_share(tier.tier.share)} of {budget} is gone"
    )
    return summary, " ".join((_what(objective, tier), _left(objective, tier), _first(subject)))


def no_data(*, objective: Objective, subject: Subject, after: timedelta) -> tuple[str, str]:
    """Return summary and description of the alert for a measurement that is missing."""
    title = escaped(objective.title)
    what = f"Nothing that says how well {title} works was measured for {say_span(after)}."
    then = (
        "Its other alerts cannot fire until it is measured again: it may be down, or only not be "
        "watched."
    )
    if objective.indicator.kind is IndicatorKind.COMPOSITE:
        what = f"At least one part of {title} was not measured for {say_span(after)}."
        then = "Its other alerts see only the parts that are: the missing one counts as faultless."
    first = (
        "First: see whether it answers; then look at its scrape targets and at the names of its "
        "metrics."
    )
    summary = f"{title}: no measurement for {say_span(after)}"
    return summary, f"{what} {then} {first} {_runbook(subject)}".strip()


def target_down(*, subject: Subject, after: timedelta) -> tuple[str, str]:
    """Return summary and description of the alert for targets that all fail to answer."""
    title = escaped(subject.title)
    said = (
        f"No target of the scrape job {escaped(subject.scrape_job)} has answered for "
        f"{say_span(after)}. {title} is down, or cannot be reached by its monitoring. A full "
        f"outage costs {money_at_risk(subject)}. First: see whether it answers."
    )
    return f"{title}: none of its targets answers", f"{said} {_runbook(subject)}".strip()


@lru_cache(maxsize=8192)
def _burn_facts(tier: Tier, period: timedelta, target_ppm: int, peaks: tuple[int, ...]) -> str:
    whole = say_exactly(burn.budget_time(target_ppm=target_ppm, period=period))
    for ppm in peaks:
        raised = say_exactly(burn.budget_time(target_ppm=ppm, period=period))
        whole += f", or {raised} at {format_target(ppm)}"
    lasts = burn.exhaustion(period=period, burn_rate=tier.factor)
    return (
        f"This fires when at least {say_share(tier.tier.share)} of the error budget went within "
        f"{say_span(tier.tier.long)} (the budget of {say_span(period)}: {whole} of full outage). "
        f"At the least rate that fires it, a full budget lasts {say_span(lasts)}; "
        "at a higher one, less."
    )


def _what(objective: Objective, tier: Tier) -> str:
    said = (
        f"Over the last {say_span(tier.tier.long)} {_VALUE} of {escaped(objective.title)} failed; "
        f"the target of {_allowance(objective.target_ppm)}"
    )
    peaks = series.peak_targets(objective=objective)
    return "".join([said, *(f", in a peak that of {_allowance(ppm)}" for ppm in peaks), "."])


def _allowance(target_ppm: int) -> str:
    return f"{format_target(target_ppm)} allows {say_share(burn.budget(target_ppm=target_ppm))}"


def _left(objective: Objective, tier: Tier) -> str:
    peaks = series.peak_targets(objective=objective)
    return _burn_facts(tier, objective.window, objective.target_ppm, peaks)


def _first(subject: Subject) -> str:
    cost = f"A full outage costs {money_at_risk(subject)}."
    return f"{cost} First: see what changed last, and undo it if in doubt. {_runbook(subject)}"


def _runbook(subject: Subject) -> str:
    if not subject.runbook_url:
        return "It has no runbook: write one afterwards."
    return f"Runbook: {escaped(subject.runbook_url)}"
