"""`andon drill`: send a real alert through the hook and watch it end restored."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

POLL_SECONDS = 0.3
#: Between the acknowledgement and the end of the outage, for people to look at the portal.
LOOK_SECONDS = 10


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
        from andon.alerts.rules import EXERCISE

        labels = {"alertname": self.name, "service": self.service, "severity": "critical"}
        summary = f"{EXERCISE} {self.service} answers no requests"
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

    Sends a real Alertmanager webhook marked EXERCISE to a running Andon, waits for somebody to
    acknowledge the page, then resolves the alert and prints what the incident took. An exercise
    costs nothing, pays nobody and counts in no figure.
    """
    from andon.cli.setup import django_ready

    env = django_ready()
    try:
        with _ending_tidily():
            run(
                service=service,
                url=url or f"http://{env.host}:{env.port}",
                wait=wait,
                say=typer.echo,
            )
    except DrillFailed as error:
        typer.secho(f"The drill failed: {error}", fg="red", err=True)
        raise typer.Exit(1) from error


def run(*, service: str, url: str, wait: float, say: Callable[[str], None]) -> None:
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
            if _watch_page(exercise, wait=wait, say=say):
                time.sleep(LOOK_SECONDS)
        finally:
            _post(exercise, status="resolved")
        say("  drill    alert resolved")
        _watch_restored(exercise, say=say)


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
    from andon.alerts.types import KeyKind
    from andon.core import clock

    secret = alerts.create_key(
        name="drill", kind=KeyKind.ALERTMANAGER, by="andon drill", now=clock.now()
    )
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


def _watch_page(exercise: Drill, *, wait: float, say: Callable[[str], None]) -> bool:
    """Tell what becomes of the page; return whether somebody acknowledged it in time."""
    from andon.paging import queries as paging
    from andon.paging.models import PagedAlert
    from andon.paging.types import NotificationState, PageState

    deadline = time.monotonic() + wait
    told: set[object] = set()

    def tell(mark: object, text: str) -> None:
        if mark not in told:
            told.add(mark)
            say(text)

    while time.monotonic() < deadline:
        paged = (
            PagedAlert.objects.filter(alert__labels__alertname=exercise.name)
            .select_related("page")
            .first()
        )
        if paged is not None:
            page = paged.page
            tell("opened", f"  decided  {page.reason}")
            for told_of in paging.notifications(page_ids=[page.pk], viewer_id=None):
                if told_of.purpose == "page" and told_of.state is NotificationState.SENT:
                    tell(told_of.uid, f"  paged    {told_of.whom} by {told_of.kind}")
            if page.state == PageState.ACKNOWLEDGED:
                tell("ack", f"  answered {page.acknowledged_by} acknowledged")
                return True
        time.sleep(POLL_SECONDS)
    say(f"  drill    nobody acknowledged within {wait:.0f} s; resolving")
    return False


def _watch_restored(exercise: Drill, *, say: Callable[[str], None]) -> None:
    from andon.core import clock
    from andon.costing import queries as costing
    from andon.incidents import queries as incidents
    from andon.incidents.types import IncidentState
    from andon.paging.models import PagedAlert

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        paged = PagedAlert.objects.filter(alert__labels__alertname=exercise.name).first()
        incident = incidents.find_of_page(page_id=paged.page_id) if paged else None
        if incident is not None and incident.state is IncidentState.RESTORED:
            figures = incidents.figures(incident=incident, now=clock.now())
            cost = costing.callout_cost(incident_id=incident.id, now=clock.now())
            say(f"  restored {incident.name} after {figures.time_to_restore}")
            for line in cost.lines:
                say(f"  money    callout {line.pay.exact}: {line.reason}")
            return
        time.sleep(POLL_SECONDS)
    raise DrillFailed("the alert was resolved, but no incident became restored within 30 s")
