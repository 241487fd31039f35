"""Makes the sample in an empty database, once; what is somebody's own is never touched."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from andon.alerts import queries as alerts
from andon.catalogue import queries as catalogue
from andon.cli.sample import replay, story
from andon.cli.sample.metrics import Metrics
from andon.core import clock, sample
from andon.engine import budgets
from andon.engine.duty import Duty
from andon.people import queries as people
from andon.slo import actions as slo

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"
FOLDER, STORY = EXAMPLES / "fruits-r-us", EXAMPLES / "fruits-r-us-quarter.yaml"


class NotASample(SystemExit):
    """The database holds an organisation of somebody's own."""


def make(*, kind: str, say: Callable[[str], None]) -> None:
    """Make the sample, living or empty, unless there is one.

    Raises NotASample, and then has written nothing.
    """
    with transaction.atomic():
        found = sample.kind()
        if found:
            say(f"Andon: the sample organisation Fruits R Us is there ({found}).")
            return
        if _is_of_before():
            sample.mark(kind=sample.EMPTY, now=clock.now())
            return
        if catalogue.known_since() or people.has_any() or alerts.has_any():
            raise NotASample(
                f"{settings.ENV.home} holds an organisation that is not the sample, and nothing "
                "was changed in it. Start the sample somewhere else: ANDON_HOME=./sample make run, "
                "without ANDON_DATABASE_URL. Start your own: andon up"
            )
        now = clock.now()
        sample.mark(kind=kind, now=now)
        if kind == sample.EMPTY:
            say("Andon: applying the sample organisation Fruits R Us ...")
            slo.apply_folder(path=FOLDER, by=replay.BY, now=now)
        else:
            _play(now, say)


def _play(now: datetime, say: Callable[[str], None]) -> None:
    say("Andon: playing a quarter of the sample organisation Fruits R Us, which is invented ...")
    started = time.perf_counter()
    sent = replay.play(story=story.read(STORY), folder=FOLDER, now=now)
    took = time.perf_counter() - started
    say(f"Andon: {sent} messages of monitors came in and were dealt with, in {took:.1f} s.")


def measuring() -> Duty | None:
    """Return the duty that goes on measuring a living sample, not yet started.

    None where settings name a source of metrics: then the engine reads that one.
    """
    if sample.kind() != sample.LIVING or settings.ENV.prometheus_url:
        return None
    metrics = living_metrics()
    return Duty(
        name=budgets.NAME,
        every=budgets.EVERY,
        work=lambda turn: budgets.read_from(turn, metrics.look(now=turn.now)),
        node="sample",
        read_clock=clock.now,
    )


def living_metrics() -> Metrics:
    """Return what is measured of the sample in this database."""
    zone = ZoneInfo(catalogue.organisation().working_hours.timezone)
    calendar = story.StoryCalendar(sample.made_at(), zone)
    return Metrics(story=story.read(STORY), calendar=calendar)


def _is_of_before() -> bool:
    """Return whether this is a sample of a version that did not mark it."""
    first = catalogue.first_revision()
    return (
        first is not None
        and first.applied_by == replay.BY
        and catalogue.organisation().slug == FOLDER.name
    )
