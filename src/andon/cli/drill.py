"""`andon drill`: send a real alert through the hook and watch it end restored."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated

import typer

from andon.core.words import say_span

if TYPE_CHECKING:
    from andon.paging.types import PageRow, Told

POLL_SECONDS = 0.3
#: Between the acknowledgement and the end of the outage, for people to look at the portal.
LOOK_SECONDS = 10


#: A message that has not left by then says that none will for now.
SENT_WITHIN_SECONDS = 30


class DrillOutcome(IntEnum):
    """How a drill ended that did not fail; the number is the command's exit code."""

    ANSWERED = 0
    PAGED_NOBODY = 3
    UNANSWERED = 4


class DrillFailed(RuntimeError):
    """A hop did not do its part in time; says which."""


@dataclass(frozen=True, slots=True)
class Drill:
    """One exercise: the service said to be down, how to reach the hook, its key."""

    service: str
    url: str
    key: str
    started_at: datetime

    @property
    def name(self) -> str:
        """Return the alert's own name; each drill is an alert of its own."""
        return f"AndonDrill-{self.started_at:%Y%m%dT%H%M%S}"

    def body(self, *, status: str, ended_at: datetime | None = None) -> bytes:
        """Return what Alertmanager would post."""
        from andon.alerts.rules import KIND
        from andon.alerts.types import AlertKind

        labels = {"alertname": self.name, "service": self.service, "severity": "critical"}
        labels[KIND] = AlertKind.EXERCISE
        summary = f"{self.service} answers no requests"
        alert = {
            "status": status,
            "labels": labels,
            "annotations": {"summary": summary, "description": "A drill. Acknowledge it."},
            "startsAt": self.started_at.isoformat(),
            "endsAt": ended_at.isoformat() if ended_at else "0001-01-01T00:00:00Z",
            "generatorURL": "",
        }
        document = {"version": "4", "status": status, "groupKey": self.name, "alerts": [alert]}
        return json.dumps({**document, "receiver": "andon", "truncatedAlerts": 0}).encode()


def drill(
    service: Annotated[str, typer.Option(help="The service that is said to be down.")] = "checkout",
    url: Annotated[str, typer.Option(help="Where Andon listens; default: this machine's.")] = "",
    wait: Annotated[int, typer.Option(help="Seconds to wait for an acknowledgement.")] = 600,
) -> None:
    """Exercise the whole path: alert in, page out, acknowledge, resolve, restored.

    Sends a real Alertmanager webhook, of an exercise, to a running Andon, waits for somebody to
    acknowledge the page, then resolves the alert and prints what the incident took. An exercise
    costs nothing, pays nobody and counts in no figure.

    Leaves with 0 when somebody acknowledged, 3 when nobody was paged, 4 when nobody answered in
    time, and 1 when a part of Andon did not do its own.
    """
    from andon.cli.setup import django_ready

    env = django_ready()
    try:
        with _ending_tidily():
            outcome = run(
                service=service,
                url=url or f"http://{env.host}:{env.port}",
                wait=wait,
                say=typer.echo,
            )
    except DrillFailed as error:
        typer.secho(f"The drill failed: {error}", fg="red", err=True)
        raise typer.Exit(1) from error
    raise typer.Exit(outcome)


def run(*, service: str, url: str, wait: float, say: Callable[[str], None]) -> DrillOutcome:
    """Carry a drill out against a running Andon, telling each hop. Raises DrillFailed."""
    from andon.catalogue import queries as catalogue
    from andon.core import clock

    if catalogue.find_service(slug=service) is None:
        raise DrillFailed(
            f"there is no service {service!r}; `andon apply FOLDER` declares services"
        )
    with _key() as key:
        exercise = Drill(service=service, url=url, key=key, started_at=clock.now())
        _post(exercise, status="firing")
        say(f"  drill    alert for {service} accepted (202: it is on disk)")
        try:
            outcome = _watch_page(exercise, wait=wait, say=say)
            if outcome is DrillOutcome.ANSWERED:
                time.sleep(LOOK_SECONDS)
        finally:
            _post(exercise, status="resolved")
        say("  drill    alert resolved")
        if outcome is not DrillOutcome.PAGED_NOBODY:
            _watch_restored(exercise, say=say)
    return outcome


@contextmanager
def _ending_tidily() -> Iterator[None]:
    """Let whoever stops a drill stop the exercise too: nobody is to be woken by it any more."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    ends = [
        one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) == signal.SIG_DFL
    ]
    for one in ends:
        signal.signal(one, leave)
    try:
        yield
    finally:
        for one in ends:
            signal.signal(one, signal.SIG_DFL)


@contextmanager
def _key() -> Iterator[str]:
    from andon.alerts import actions as alerts
    from andon.core import clock

    secret = alerts.create_key(name="drill", kind="alertmanager", by="andon drill", now=clock.now())
    try:
        yield secret.plain
    finally:
        alerts.revoke_key(hint=secret.hint, by="andon drill", now=clock.now())


def _post(exercise: Drill, *, status: str) -> None:
    import httpx2

    from andon.core import clock

    ended_at = clock.now() if status == "resolved" else None
    try:
        answer = httpx2.post(
            f"{exercise.url}/hooks/alertmanager/",
            content=exercise.body(status=status, ended_at=ended_at),
            headers={"authorization": f"Bearer {exercise.key}"},
            timeout=10,
        )
    except httpx2.HTTPError as error:
        raise DrillFailed(
            f"no answer from {exercise.url} ({error}); is `andon up` running?"
        ) from error
    if answer.status_code != 202:
        raise DrillFailed(f"the hook answered {answer.status_code}: {answer.text[:200]}")


def _watch_page(exercise: Drill, *, wait: float, say: Callable[[str], None]) -> DrillOutcome:
    """Tell what becomes of the page, until somebody acknowledged it or it is clear nobody will.

    Raises DrillFailed when no engine looks at the alert.
    """
    from andon.paging import queries as paging
    from andon.paging.types import PageState

    began = time.monotonic()
    said: set[str] = set()
    while (waited := time.monotonic() - began) < wait:
        page, quiet = _fate(exercise)
        if page is None and not quiet and waited > SENT_WITHIN_SECONDS:
            raise DrillFailed("nothing was decided about the alert; is an engine running?")
        told = paging.notifications(page_ids=[page.id], viewer_id=None) if page else []
        for mark, text in _news(page, told):
            if mark not in said:
                said.add(mark)
                say(text)
        if page is not None and page.state == PageState.ACKNOWLEDGED:
            return DrillOutcome.ANSWERED
        if why := why_nobody(page=page, quiet=quiet, told=told, waited=waited):
            say(f"  drill    nobody was paged: {why}")
            return DrillOutcome.PAGED_NOBODY
        time.sleep(POLL_SECONDS)
    say(f"  drill    nobody acknowledged within {wait:.0f} s; resolving")
    return DrillOutcome.UNANSWERED


def _news(page: "PageRow | None", told: "list[Told]") -> Iterator[tuple[str, str]]:
    """Yield what may be said of a page so far, each with a mark by which it is said once."""
    from andon.paging.types import NotificationState, PageState

    if page is None:
        return
    yield "decided", f"  decided  {page.reason}"
    for one in told:
        if one.purpose == "page" and one.state is NotificationState.SENT:
            yield one.uid, f"  paged    {one.whom} by {one.kind}"
    if page.state == PageState.ACKNOWLEDGED:
        yield "answered", f"  answered {page.acknowledged_by} acknowledged"


def _fate(exercise: Drill) -> "tuple[PageRow | None, str]":
    """Return the page that the alert is on, or why it is on none; neither while undecided."""
    from andon.alerts import queries as alerts
    from andon.paging import queries as paging

    found = alerts.find_called(name=exercise.name)
    ids = [found.id] if found else []
    page = next(iter(paging.pages_of_alerts(alert_ids=ids).values()), None)
    decision = next(iter(paging.decisions_about_alerts(alert_ids=ids).values()), None)
    return page, "" if page is not None or decision is None else decision.reason


def why_nobody(*, page: "PageRow | None", quiet: str, told: "list[Told]", waited: float) -> str:
    """Return why nobody is called now, in words; empty while somebody is, or may be yet."""
    from andon.paging.types import NotificationState, PageState

    if page is None:
        return quiet
    if page.state == PageState.HELD:
        return page.reason
    if waited < SENT_WITHIN_SECONDS or any(one.state is NotificationState.SENT for one in told):
        return ""
    faults = [one.came_of_it for one in told if one.came_of_it]
    if faults:
        return f"no message could be sent ({faults[-1]})"
    return "no message has left; see the page of the engine" if told else "there is nobody to ask"


def _watch_restored(exercise: Drill, *, say: Callable[[str], None]) -> None:
    from andon.core import clock
    from andon.costing import queries as costing
    from andon.incidents import queries as incidents
    from andon.incidents.types import IncidentState

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        page, _ = _fate(exercise)
        incident = incidents.find_of_page(page_id=page.id) if page else None
        if incident is not None and incident.state is IncidentState.RESTORED:
            figures = incidents.figures(incident=incident, now=clock.now())
            cost = costing.callout_cost(incident_id=incident.id, now=clock.now())
            say(f"  restored {incident.name} after {_length(figures.time_to_restore)}")
            for line in cost.lines:
                say(f"  money    callout {line.pay.exact}: {line.reason}")
            return
        time.sleep(POLL_SECONDS)
    raise DrillFailed("the alert was resolved, but no incident became restored within 30 s")


def _length(span: timedelta | None) -> str:
    return say_span(span) if span is not None else "a time nobody knows"
