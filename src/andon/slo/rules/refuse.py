"""Tiers and indicators that rules cannot be made of, or only senseless ones: with the fix."""

from collections.abc import Iterator

from andon.catalogue.types import AlertSeverity, BurnTier, TelemetryRules
from andon.core.documents.problems import DocumentProblem, Gravity
from andon.slo.rules import indicators, promql, tiers
from andon.slo.types import AlertSource, Estate, Objective, OwnAlert

_FILE = "organisation.yaml"


def problems(*, estate: Estate) -> tuple[DocumentProblem, ...]:
    """Return what is wrong with what rules would be made of, in the order of the objectives.

    What somebody wrote down and makes no sense is an error. The workbook's tiers are left out in
    silence where they make none (the head of the rule file says so), as long as something pages.
    """
    found = list(_own_names(estate))
    for objective in sorted(estate.objectives, key=lambda one: one.slug):
        found += _of_objective(objective, estate)
    return tuple(found)


def _of_objective(objective: Objective, estate: Estate) -> Iterator[DocumentProblem]:
    chosen = tiers.choose(objective=objective, rules=estate.rules)
    declared = objective.tiers or estate.rules.tiers
    yield from _twice(objective, declared)
    if chosen.is_declared:
        for one in chosen.senseless:
            message = f"Tier {one.tier.name} of {objective.slug} makes no sense: {one.reason}"
            yield _problem(objective, "slo-tier", message, one.fix)
    yield from _silent(objective, chosen)
    if not indicators.is_rangeable(indicator=objective.indicator):
        yield _problem(
            objective,
            "slo-range",
            f"{objective.slug} has an expression in which nothing says where the range goes",
            "write $window there, such as rate(errors_total[$window]), or name a bare selector",
        )
    yield from _unscraped(objective, chosen, estate.rules)


def _silent(objective: Objective, chosen: tiers.Chosen) -> Iterator[DocumentProblem]:
    """Yield a warning for a severity that no tier is left of."""
    wanted = {one.tier.severity for one in chosen.tiers} | {
        one.tier.severity for one in chosen.senseless
    }
    left = {one.tier.severity for one in chosen.tiers}
    for severity in AlertSeverity:
        if severity not in wanted or severity in left or chosen.is_declared:
            continue
        reasons = "; ".join(
            f"{one.tier.name}: {one.reason}"
            for one in chosen.senseless
            if one.tier.severity is severity
        )
        yield _problem(
            objective,
            "slo-no-tier",
            f"No budget burn of {objective.slug} makes a {severity} ({reasons})",
            "declare tiers that its target can reach, or raise its target",
            Gravity.WARNING,
        )


def _twice(objective: Objective, declared: tuple[BurnTier, ...]) -> Iterator[DocumentProblem]:
    names = [one.name for one in declared]
    for name in sorted({one for one in names if names.count(one) > 1}):
        message = f"{objective.slug} has more than one tier called {name}"
        yield _problem(objective, "slo-tier-twice", message, "give each tier a name of its own")


def _unscraped(
    objective: Objective, chosen: tiers.Chosen, rules: TelemetryRules
) -> Iterator[DocumentProblem]:
    """Yield a warning for windows that hold too few samples to say anything.

    A rate needs two samples, and may lose one to a late scrape: four intervals are the least.
    """
    shortest = min((one.tier.short for one in chosen.tiers), default=tiers.RECORDED)
    least = min(shortest, tiers.RECORDED) / rules.scale
    if rules.slow_interval > tiers.RECORDED / rules.scale:
        yield _problem(
            objective,
            "slo-interval-long",
            f"what is recorded of {objective.slug} every {promql.duration(rules.slow_interval)} "
            f"covers {promql.duration(tiers.RECORDED / rules.scale)}: the rest is never seen",
            "record more often (slowInterval), or take a smaller scale",
        )
    if least < rules.scrape_interval * 4:
        yield _problem(
            objective,
            "slo-window-short",
            f"{objective.slug} looks at {promql.duration(least)}, in which a scrape every "
            f"{promql.duration(rules.scrape_interval)} leaves fewer than four samples",
            "scrape more often (scrapeInterval), or lengthen the short window",
            Gravity.WARNING,
        )


def _own_names(estate: Estate) -> Iterator[DocumentProblem]:
    """Yield an error for each of a team's alerts called as another one of its service is.

    Alertmanager could not tell them apart: what ends one would end the other.
    """
    taken: dict[tuple[str, str], OwnAlert] = {}
    for one in sorted(estate.alerts, key=lambda one: one.slug):
        if one.source is AlertSource.METRICS and one.slug.startswith("slo-"):
            yield _misnamed(one, f"Alert {one.slug} starts with slo-, as the generated ones do")
        name = promql.camel(one.slug)
        first = taken.setdefault((one.service, name), one)
        if first is not one:
            yield _misnamed(one, f"Alerts {first.slug} and {one.slug} would both be called {name}")


def _misnamed(alert: OwnAlert, message: str) -> DocumentProblem:
    file, line = _where(alert.declared_at)
    fix = "choose another name"
    return DocumentProblem("alert-name", message, fix, file, line, kind="alert", slug=alert.slug)


def _problem(
    objective: Objective, rule: str, message: str, fix: str, gravity: Gravity = Gravity.ERROR
) -> DocumentProblem:
    file, line = _where(objective.declared_at)
    return DocumentProblem(rule, message, fix, file, line, gravity, "slo", objective.slug)


def _where(declared_at: str) -> tuple[str, int]:
    """Return file and line of `file:line`."""
    file, _, line = declared_at.rpartition(":")
    return (file, int(line)) if file and line.isdigit() else (declared_at or _FILE, 1)
