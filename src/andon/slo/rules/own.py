"""Andon's own objectives: it is watched by the rules, routes and dashboard any service gets.

Chosen so that they can be read from any one web node: what the engine and the lanes do is in the
database, and every node exports it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from andon.catalogue.types import Cover
from andon.slo.types import Estate, Indicator, IndicatorKind, Objective, Op, Subject

#: The service's slug, and the scrape job that its metrics are expected under.
SLUG = JOB = "andon"
RUNBOOK = "https://github.com/andon-dev/andon/blob/main/docs/self-monitoring.md"
#: When nobody declared Andon in the catalogue.
TARGET_PPM = 999_000
WINDOW = timedelta(days=30)
#: A stage of the engine without a turn for so long is stuck; `engine.health` says the same.
STALE_SECONDS = Decimal(30)
#: A message due for so long says that nothing is being sent.
LATE_SECONDS = Decimal(60)
#: Reasons for refusing a request that are Andon's own fault and not its sender's.
OWN_FAULTS = ("defect", "unavailable")

_REFUSED = f'rate(andon_intake_rejected_total{{reason=~"{"|".join(OWN_FAULTS)}"}}[$window])'
_STORED = "rate(andon_intake_requests_total[$window])"


def with_own(*, estate: Estate) -> Estate:
    """Return the estate with Andon as one of its services.

    A service `andon` of the catalogue keeps its owner, target and runbook, and objectives of its
    own; without one, alerts about Andon reach the catch-all rota.
    """
    declared = [each for each in estate.subjects if each.slug == SLUG]
    subject = declared[0] if declared else _subject()
    taken = {each.slug for each in estate.objectives}
    added = [each for each in objectives(target_ppm=subject.target_ppm) if each.slug not in taken]
    filled = replace(
        subject,
        scrape_job=subject.scrape_job or JOB,
        runbook_url=subject.runbook_url or RUNBOOK,
    )
    others = [each for each in estate.subjects if each.slug != SLUG]
    return replace(
        estate,
        subjects=tuple(sorted((*others, filled), key=lambda each: each.slug)),
        objectives=tuple(sorted((*estate.objectives, *added), key=lambda each: each.slug)),
    )


def objectives(*, target_ppm: int = TARGET_PPM) -> Iterator[Objective]:
    """Yield the objectives that Andon holds itself to."""
    intake = Indicator(
        IndicatorKind.RATIO, bad=_REFUSED, total=f"{_STORED} or {_REFUSED}", counter=True
    )
    yield _objective("intake", "Alerts are taken in", intake, target_ppm)
    late = _at_most("max(andon_notifications_late_seconds)", LATE_SECONDS)
    yield _objective("delivery", "Messages leave in time", late, target_ppm)
    stale = _at_most("max(andon_stage_age_seconds)", STALE_SECONDS)
    yield _objective("engine", "Every stage of the engine takes its turns", stale, target_ppm)
    up = Indicator(
        IndicatorKind.THRESHOLD, query=f'max(up{{job="{JOB}"}})', op=Op.GTE, value=Decimal(1)
    )
    yield _objective("web", "A web node answers", up, target_ppm)


def _subject() -> Subject:
    return Subject(
        slug=SLUG,
        title="Andon",
        team="",
        team_title="",
        domain="",
        target_ppm=TARGET_PPM,
        cover=Cover.DOMAIN,
    )


def _objective(name: str, title: str, indicator: Indicator, target_ppm: int) -> Objective:
    return Objective(
        slug=f"{SLUG}-{name}",
        title=title,
        service=SLUG,
        indicator=indicator,
        target_ppm=target_ppm,
        window=WINDOW,
    )


def _at_most(query: str, value: Decimal) -> Indicator:
    return Indicator(IndicatorKind.THRESHOLD, query=query, op=Op.LTE, value=value)
