"""From an estate to groups of rules: the same values, in the same order, always."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from andon.catalogue.types import Closures, TelemetryRules
from andon.core.periods import Period
from andon.slo.rules import promql, tiers
from andon.slo.rules.indicators import ExpressionSource
from andon.slo.types import AlertSource, Estate, Evaluator, Objective, OwnAlert, Subject
from andon.telemetry.rules import alerting, series
from andon.telemetry.rules.series import Recorded
from andon.telemetry.types import Rule, RuleGroup

_Of = TypeVar("_Of", Objective, OwnAlert)
#: Instant queries look back five minutes: what is recorded less often has gaps.
_LONGEST = timedelta(minutes=4)


@dataclass(frozen=True, slots=True)
class Intervals:
    """How often each kind of group is evaluated."""

    fast: timedelta
    slow: timedelta
    budget: timedelta


def intervals(*, rules: TelemetryRules) -> Intervals:
    """Return how often groups are evaluated; `scale` shortens windows, never these."""
    slow = rules.slow_interval
    return Intervals(rules.fast_interval, slow, max(slow, min(slow * 4, _LONGEST)))


def groups(*, estate: Estate, engine: Evaluator) -> dict[str, tuple[RuleGroup, ...]]:
    """Return the groups of every service that has something to evaluate, by its slug.

    What the engine cannot read is left out: it would refuse all the rest of its files with it.
    """
    found: dict[str, tuple[RuleGroup, ...]] = {}
    objectives = _by_service(one for one in estate.objectives if one.indicator.is_for(engine))
    alerts = _by_service(one for one in estate.alerts if one.source is AlertSource.METRICS)
    for subject in sorted(estate.subjects, key=lambda one: one.slug):
        recorded = [
            recordings(estate=estate, subject=subject, objective=one, engine=engine)
            for one in objectives.get(subject.slug, ())
        ]
        bearer = alerting.bearer(estate=estate, subject=subject)
        if made := _groups(bearer, recorded, alerts.get(subject.slug, ())):
            found[subject.slug] = made
    return found


def log_groups(*, estate: Estate) -> dict[str, tuple[RuleGroup, ...]]:
    """Return the groups of alerts from logs, by the service's slug."""
    found: dict[str, tuple[RuleGroup, ...]] = {}
    alerts = _by_service(one for one in estate.alerts if one.source is AlertSource.LOGS)
    every = intervals(rules=estate.rules).slow
    for subject in sorted(estate.subjects, key=lambda one: one.slug):
        if mine := alerts.get(subject.slug, ()):
            bearer = alerting.bearer(estate=estate, subject=subject)
            rules = tuple(alerting.own(alert=one, bearer=bearer) for one in mine)
            found[subject.slug] = (RuleGroup(f"andon-{subject.slug}-logs", every, rules),)
    return found


def recordings(
    *, estate: Estate, subject: Subject, objective: Objective, engine: Evaluator
) -> Recorded:
    """Return what an objective records and reads back."""
    rules = estate.rules
    return Recorded(
        objective,
        ExpressionSource(engine, rules.scale, rules.scrape_interval),
        tiers.choose(objective=objective, rules=rules),
        _closures(estate, subject),
    )


def _groups(
    bearer: alerting.Bearer, recorded: list[Recorded], alerts: tuple[OwnAlert, ...]
) -> tuple[RuleGroup, ...]:
    estate, subject = bearer.estate, bearer.subject
    every = intervals(rules=estate.rules)
    made = {
        ("fast", every.fast): list(_fast(recorded, bearer, estate)),
        ("slow", every.slow): [rule for one in recorded for rule in _slow(one, bearer)],
        ("budget", every.budget): [rule for one in recorded for rule in series.long(one)],
        ("own", every.fast): [alerting.own(alert=one, bearer=bearer) for one in alerts],
    }
    return tuple(
        RuleGroup(f"andon-{subject.slug}-{kind}", interval, tuple(rules))
        for (kind, interval), rules in made.items()
        if rules
    )


def _fast(recorded: list[Recorded], bearer: alerting.Bearer, estate: Estate) -> Iterator[Rule]:
    for one in recorded:
        for tier in one.chosen.tiers:
            if not alerting.is_read_back(one, tier):
                yield alerting.burning(recorded=one, tier=tier, bearer=bearer)
    if bearer.subject.scrape_job:
        closures = _closures(estate, bearer.subject)
        yield alerting.target_down(bearer=bearer, closures=closures)


def _slow(one: Recorded, bearer: alerting.Bearer) -> Iterator[Rule]:
    yield from series.base(one)
    yield series.info(one, team=bearer.subject.team, domain=bearer.subject.domain)
    for tier in one.chosen.tiers:
        if alerting.is_read_back(one, tier):
            yield alerting.burning(recorded=one, tier=tier, bearer=bearer)
    yield alerting.no_data(recorded=one, bearer=bearer)


def _closures(estate: Estate, subject: Subject) -> tuple[Period, ...]:
    if estate.rules.closures is not Closures.EXCLUDED:
        return ()
    return promql.joined(subject.closures)


def _by_service(found: Iterable[_Of]) -> Mapping[str, tuple[_Of, ...]]:
    by_service: dict[str, list[_Of]] = defaultdict(list)
    for one in found:
        by_service[one.service].append(one)
    return {
        slug: tuple(sorted(mine, key=lambda one: one.slug)) for slug, mine in by_service.items()
    }
