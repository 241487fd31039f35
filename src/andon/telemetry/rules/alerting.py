"""The alerts of an objective, of its service's targets, and of a team's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import AlertSeverity
from andon.core.periods import Period
from andon.slo.rules import burn, indicators, promql
from andon.slo.rules.tiers import Tier
from andon.slo.types import Estate, OwnAlert, Subject
from andon.telemetry.rules import series, text
from andon.telemetry.rules.series import BAD, Recorded
from andon.telemetry.types import Rule

#: For how many scrapes all targets of a service must be silent.
_SILENT_SCRAPES = 4


@dataclass(frozen=True, slots=True)
class Bearer:
    """A service with what all its alerts carry."""

    estate: Estate
    subject: Subject
    labels: Mapping[str, str]
    links: Mapping[str, str]

    def rule(
        self,
        name: str,
        expr: str,
        labels: Mapping[str, str],
        words: tuple[str, str],
        lasts: timedelta = timedelta(0),
    ) -> Rule:
        """Return an alert with the labels and links of its service."""
        summary, description = words
        annotations = {"summary": summary, "description": description, **self.links}
        return Rule(name, expr, True, lasts, {**self.labels, **labels}, annotations)


def bearer(*, estate: Estate, subject: Subject) -> Bearer:
    """Return what the alerts of a service carry."""
    labels = {
        "service": subject.slug,
        "team": subject.team,
        "domain": subject.domain,
        "source": "andon",
    }
    known = {name: value for name, value in labels.items() if value}
    return Bearer(estate, subject, known, text.links(subject=subject, estate=estate))


def burning(*, recorded: Recorded, tier: Tier, bearer: Bearer) -> Rule:
    """Return the alert of one tier: both windows burn faster than its factor."""
    one, expr = recorded.objective, _pair(recorded, tier)
    if bearer.estate.rules.least_bad_events and tier.tier.severity is AlertSeverity.PAGE:
        expr += _enough(recorded, tier, bearer.estate)
    if not is_read_back(recorded, tier):
        expr = recorded.unless_closed(expr, tier.tier.short)
    labels = _labels(recorded, tier.tier.severity, tier.tier.name, "burn")
    words = text.burning(objective=one, subject=bearer.subject, tier=tier)
    return bearer.rule(name_of(tier), expr, labels, words)


def no_data(*, recorded: Recorded, bearer: Bearer) -> Rule:
    """Return the alert for an objective of which nothing is measured any more."""
    one, rules = recorded.objective, bearer.estate.rules
    after = rules.no_data_after
    absent = indicators.absence(indicator=one.indicator, source=recorded.source, span=after)
    labels = _labels(recorded, AlertSeverity.TICKET, "no-data", "no-data")
    words = text.no_data(objective=one, subject=bearer.subject, after=after)
    return bearer.rule("SloNoData", recorded.unless_closed(absent, after), labels, words)


def target_down(*, bearer: Bearer, closures: Sequence[Period]) -> Rule:
    """Return the alert for a service none of whose targets answers a scrape.

    It pages: a service that is all gone measures nothing, so that no budget of it burns.
    """
    rules, subject = bearer.estate.rules, bearer.subject
    after = max(rules.scrape_interval * _SILENT_SCRAPES, timedelta(minutes=1) / rules.scale)
    expr = f"max(up{{job={promql.quoted(subject.scrape_job)}}}) == 0"
    expr = promql.outside(expr, closures, longer=after)
    labels = {
        "tier": "target-down",
        "severity": AlertSeverity.PAGE.value,
        "target": format_target(subject.target_ppm),
        "alert_type": "target-down",
    }
    words = text.target_down(subject=subject, after=after)
    return bearer.rule("SloTargetDown", expr, labels, words, after)


def own(*, alert: OwnAlert, bearer: Bearer) -> Rule:
    """Return a team's own alert, with the labels and links of all others."""
    labels = {
        **dict(sorted(alert.labels.items())),
        "tier": "own",
        "severity": alert.severity.value,
        "target": format_target(bearer.subject.target_ppm),
        "alert_type": "own",
    }
    name, words = promql.camel(alert.slug), (alert.summary, alert.description)
    rule = bearer.rule(name, alert.expr, labels, words, alert.lasts)
    notes = {**rule.annotations, "runbook_url": promql.escaped(alert.runbook_url)}
    kept = {name: value for name, value in notes.items() if value}
    # What Andon routes by cannot be overruled by a label of the team's.
    return Rule(rule.name, rule.expr, True, rule.lasts, {**rule.labels, **bearer.labels}, kept)


def is_read_back(recorded: Recorded, tier: Tier) -> bool:
    """Return whether an alert reads recorded series, or straight what is measured."""
    return tier.is_recorded or indicators.is_sliced(recorded.objective)


def name_of(tier: Tier) -> str:
    """Return what the alert of a tier is called: `SloPageFast`."""
    return f"Slo{promql.camel(tier.tier.name)}"


def _pair(recorded: Recorded, tier: Tier) -> str:
    limit = _limit(recorded, tier)
    return " and ".join(
        f"({_ratio(recorded, tier, span)} > {limit})" for span in (tier.tier.long, tier.tier.short)
    )


def _ratio(recorded: Recorded, tier: Tier, span: timedelta) -> str:
    if is_read_back(recorded, tier):
        return recorded.ratio(span)
    one = recorded.objective.indicator
    return indicators.ratio(indicator=one, source=recorded.source, span=span)


def _limit(recorded: Recorded, tier: Tier) -> str:
    one = recorded.objective
    if not one.peaks:
        return promql.number(tier.threshold)

    def of(ppm: int) -> Decimal:
        return burn.threshold(factor=tier.factor, target_ppm=ppm)

    return f"({series.in_force(objective=one, value=of)})"


def _enough(recorded: Recorded, tier: Tier, estate: Estate) -> str:
    """Return the condition that a page is about more than a few events."""
    one, least = recorded.objective, estate.rules.least_bad_events
    if not indicators.counts_events(one):
        return ""
    if is_read_back(recorded, tier):
        every = recorded.source.seconds(estate.rules.slow_interval)
        summed = recorded.summed(BAD, recorded.source.window(tier.tier.long))
        return f" and ({summed} * {every} >= {least})"
    count = indicators.bad_events(
        indicator=one.indicator, source=recorded.source, span=tier.tier.long
    )
    return f" and ({count} >= {least})"


def _labels(
    recorded: Recorded, severity: AlertSeverity, tier: str, alert_type: str
) -> Mapping[str, str]:
    return {
        "slo": recorded.objective.slug,
        "tier": tier,
        "severity": severity.value,
        "target": format_target(recorded.objective.target_ppm),
        "alert_type": alert_type,
    }
