"""How the engine is, as the database tells it: for `/healthz`, the portal and alarms."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import Gauge

from andon.alerts import queries as alerts
from andon.core import aside, beats, process
from andon.core.beats import FAILING_AFTER, STALE_AFTER, Beat
from andon.core.trouble import Trouble
from andon.engine import affected
from andon.engine import duties as known_duties
from andon.engine.stages import DELIVERY, STAGES
from andon.paging import queries as paging

#: A message due for longer than this says that the lanes do not send.
LATE_AFTER = timedelta(seconds=60)
FORGET_DUTIES = timedelta(days=1)
#: A tool may take minutes to show all rules of a large estate.
DUTY_STALE_AFTER = timedelta(minutes=5)

_AGE = Gauge("andon_stage_age_seconds", "Since a stage last finished a turn", ["stage"])
_FAILURES = Gauge("andon_stage_failures", "Turns in a row that a stage has failed", ["stage"])
_OPEN = Gauge("andon_open_pages", "Pages that are not resolved, by state", ["state"])
_LATE = Gauge("andon_notifications_late_seconds", "How long the oldest due message has waited")
_FAILING = Gauge(
    "andon_notifications_failing", "Messages that cannot be sent, by whose fault", ["kind", "fault"]
)
_FAILING_FOR = Gauge(
    "andon_notifications_failing_seconds", "For how long, the longest", ["kind", "fault"]
)
_ASIDE = Gauge("andon_rows_set_aside", "Rows that a stage cannot do and leaves out", ["stage"])
_BACKLOG = Gauge("andon_unseen_alerts", "Alerts stored and not yet routed")


@dataclass(frozen=True, slots=True)
class StageHealth:
    """A stage's last turn, on whatever node, and whether it is too long ago."""

    name: str
    node: str
    #: None when it has never run.
    age: timedelta | None
    stale: bool
    failures: int
    error: str

    @property
    def sick(self) -> bool:
        """Return whether somebody should look: stale, or failing again and again."""
        return self.stale or self.failures >= FAILING_AFTER


def stages(*, now: datetime) -> list[StageHealth]:
    """Return every stage in order, those that never ran included. One query."""
    last = {beat.stage: beat for beat in beats.list_beats(now=now)}
    return [_health(name, last.get(name)) for name in stage_names()]


def duties(*, now: datetime) -> list[StageHealth]:
    """Return the duties that some engine has, by name. A sick one delays no page. One query.

    What nobody has done for a day is taken for a setting that was removed.
    """
    return [
        _health(beat.stage, beat, stale_after=DUTY_STALE_AFTER)
        for beat in beats.list_beats(now=now)
        if beat.stage in known_duties.NAMES and beat.age is not None and beat.age <= FORGET_DUTIES
    ]


def troubles(*, now: datetime) -> list[Trouble]:
    """Return what somebody has to mend, besides stages and duties that are sick."""
    return [*process.troubles(), *recorded_troubles(now=now)]


def recorded_troubles(*, now: datetime) -> list[Trouble]:
    """Return those of them that the database tells of, the same to every process."""
    return [*paging.troubles(now=now), *aside.troubles(), *alerts.troubles(now=now)]


def stage_names() -> list[str]:
    """Return the names of all stages and of delivery, in order."""
    names = [stage.name for stage in STAGES]
    return [*names[:3], DELIVERY, *names[3:]]


def export(*, now: datetime) -> None:
    """Set the gauges that are read from the database."""
    for stage in (*stages(now=now), *duties(now=now)):
        if stage.age is not None:
            _AGE.labels(stage.name).set(stage.age.total_seconds())
        _FAILURES.labels(stage.name).set(stage.failures)
    for state, count in paging.count_open().items():
        _OPEN.labels(state).set(count)
    _LATE.set(paging.lateness(now=now).total_seconds())
    _FAILING.clear()
    _FAILING_FOR.clear()
    for one in paging.failing(now=now):
        _FAILING.labels(one.kind, one.fault).set(one.waiting)
        _FAILING_FOR.labels(one.kind, one.fault).set((now - one.since).total_seconds())
    _BACKLOG.set(alerts.count_unseen())
    left_out = aside.count_by_stage()
    for name in stage_names():
        _ASIDE.labels(name).set(left_out.get(name, 0))
    affected.export()


def _health(name: str, beat: Beat | None, *, stale_after: timedelta = STALE_AFTER) -> StageHealth:
    if beat is None or beat.age is None:
        return StageHealth(name, "", None, stale=True, failures=0, error="has never run")
    return StageHealth(
        name=name,
        node=beat.node,
        age=beat.age,
        stale=beat.age > stale_after,
        failures=beat.failures,
        error=beat.error,
    )
