"""Plays the story of the sample on a hand-wound clock, through the code that runs everybody's.

Alerts come in as Alertmanager posts them and are received, routed, paged, acknowledged by the link
in the message, followed, measured and paid by the functions of production, with the instant of the
story as `now`. Nothing is inserted. Messages go into a transport that keeps them, so nothing
leaves; all of it is one transaction, so there is a whole quarter or none of it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import transaction

from andon.alerts import actions as alerts
from andon.alerts import queries as alert_queries
from andon.alerts.types import RawRequest
from andon.catalogue import queries as catalogue
from andon.cli.sample.metrics import KEY_NAME, Metrics
from andon.cli.sample.office import MEASURED_AFTER, Act, Office
from andon.cli.sample.story import Outage, Story, StoryCalendar, StorySignal
from andon.core.audit import Actor
from andon.core.documents.source import read_folder
from andon.engine.run import Engine
from andon.engine.stages import STAGES
from andon.incidents import actions as incidents
from andon.incidents import queries as incident_queries
from andon.integrations.alertmanager import receiver
from andon.paging import actions as paging
from andon.paging import queries as paging_queries
from andon.paging.types import Message, Receipt
from andon.slo import actions as slo
from andon.slo.rules.documents.check import check_folder

BY = "andon up --sample"
#: The turns of every hour and minute are the office's here, and no housekeeping is due.
_STAGES = tuple(one for one in STAGES if one.name not in ("ledger", "housekeeping"))


@dataclass(slots=True)
class Recorder:
    """A transport that keeps what it is handed: nothing leaves the replay."""

    kept: list[Message] = field(default_factory=list)

    def send(self, message: Message, now: datetime) -> Receipt:  # noqa: ARG002 - a transport's
        """Keep a message."""
        self.kept.append(message)
        return Receipt(detail="sample data: kept, and sent to nobody")


@dataclass(slots=True)
class _Running:
    """An outage while it is played."""

    outage: Outage
    began: datetime
    fired: list[tuple[StorySignal, datetime]] = field(default_factory=list)
    alert_ids: list[int] = field(default_factory=list)
    page_id: int = 0
    #: The last message about it that can be answered, and who answered.
    asked: Message | None = None
    who: Actor | None = None
    is_answered: bool = False
    is_over: bool = False


def play(*, story: Story, folder: Path, now: datetime) -> int:
    """Make the sample's past quarter, up to `now`; return how many alerts it sent.

    `folder` is the catalogue, in force from the story's beginning. The database must be empty.
    """
    made_at = now.replace(microsecond=0)
    with transaction.atomic():
        checked = check_folder(read_folder(folder))
        assert checked.catalogue is not None  # noqa: S101 - a test checks the sample's files
        zone = ZoneInfo(checked.catalogue.organisation.working_hours.timezone)
        calendar = StoryCalendar(made_at, zone)
        slo.apply_checked(checked=checked, by=BY, now=calendar.begins(story))
        return _Replay(story, calendar).run()


class _Replay:
    """The story on its way: what is still to happen, in order, and the time it is."""

    def __init__(self, story: Story, calendar: StoryCalendar) -> None:
        self._story = story
        self._calendar = calendar
        self._now = calendar.begins(story)
        self._acts: list[tuple[datetime, int, Callable[[], None]]] = []
        #: Keeps what happens at one instant in the order it was planned in.
        self._numbers = count()
        self._recorder = Recorder()
        self._heard = 0
        self._sent = 0
        self._running: list[_Running] = []
        alerts.create_key(name=KEY_NAME, kind="alertmanager", by=BY, now=self._now)
        [self._key] = alert_queries.live_keys().values()
        self._engine = Engine(
            node="sample",
            transports={"email": self._recorder},
            stages=_STAGES,
            read_clock=lambda: self._now,
        )
        self._office = Office(story, calendar, Metrics(story=story, calendar=calendar))

    def run(self) -> int:
        """Play everything."""
        for outage in self._story.outages:
            began = self._calendar.instant(outage.when)
            if began <= self._calendar.made_at:
                self._at(began, partial(self._begin, _Running(outage, began)))
        for at, act in self._office.acts():
            self._at(at, partial(self._do, act))
        self._go()
        self._office.finish(self._calendar.made_at)
        return self._sent

    def _do(self, act: Act) -> None:
        act(self._now)

    def _at(self, at: datetime, act: Callable[[], None]) -> None:
        if at <= self._calendar.made_at:
            heappush(self._acts, (at, next(self._numbers), act))

    def _go(self) -> None:
        """Let time pass up to the present: the engine runs whenever something is due."""
        while self._now < self._calendar.made_at:
            due = paging_queries.next_due(now=self._now) or self._calendar.made_at
            at = min(due, self._acts[0][0] if self._acts else due, self._calendar.made_at)
            self._now = max(at, self._now)
            while self._acts and self._acts[0][0] <= self._now:
                heappop(self._acts)[2]()
            self._engine.run_until_idle(self._now)
            self._hear()

    # An outage --------------------------------------------------------------------------------

    def _begin(self, one: _Running) -> None:
        self._running.append(one)
        for signal in one.outage.alerts:
            self._at(self._now + signal.after, partial(self._fire, one, signal))
        if one.outage.lasts is not None:
            self._at(one.began + one.outage.lasts, partial(self._end, one))

    def _fire(self, one: _Running, signal: StorySignal) -> None:
        if one.is_over:
            return
        one.fired.append((signal, self._now))
        self._post(one, "firing", [(signal, self._now)])
        [newest] = alert_queries.list_of_key(key=KEY_NAME, limit=1)
        one.alert_ids.append(newest.id)

    def _end(self, one: _Running) -> None:
        if not one.is_over:
            one.is_over = True
            self._post(one, "resolved", one.fired)
            self._at(self._now + MEASURED_AFTER, partial(self._measure, one.outage.service))
            if one.outage.closed is not None and one.who is not None:
                self._at(self._now + one.outage.closed, partial(self._close, one))

    def _measure(self, service: str) -> None:
        self._office.measure(self._now, services={service})

    def _post(self, one: _Running, status: str, of: list[tuple[StorySignal, datetime]]) -> None:
        """Receive what Alertmanager would post."""
        self._sent += len(of)
        ended = self._now.isoformat() if status == "resolved" else "0001-01-01T00:00:00Z"
        document = {
            "version": "4",
            "status": status,
            "receiver": "andon",
            "groupKey": f"{one.outage.service}/{one.began.isoformat()}",
            "truncatedAlerts": 0,
            "externalURL": "https://alertmanager.fruits.example",
            "alerts": [_alert(one, signal, status, at, ended) for signal, at in of],
        }
        body = json.dumps(document).encode()
        found = [(self._key, event) for event in receiver.parse(body, self._key)]
        raw = RawRequest(self._key.id, self._key.kind, self._now, body)
        alerts.receive(received=found, raw=[raw], now=self._now)

    # What people do ---------------------------------------------------------------------------

    def _hear(self) -> None:
        """Look at what was sent just now: whoever got it answers after a while."""
        new, self._heard = self._recorder.kept[self._heard :], len(self._recorder.kept)
        for message in new:
            page_id = paging_queries.page_of_message(uid=message.uid)
            for one in self._running:
                if page_id is not None and not one.is_over and self._is_about(one, page_id):
                    self._ask(one, page_id, message)

    def _is_about(self, one: _Running, page_id: int) -> bool:
        pages = paging_queries.pages_of_alerts(alert_ids=one.alert_ids)
        return any(page.id == page_id for page in pages.values())

    def _ask(self, one: _Running, page_id: int, message: Message) -> None:
        is_first, one.page_id = one.asked is None, page_id
        one.asked = message if message.ack_link else one.asked
        if is_first and one.outage.acknowledged is not None:
            self._at(self._now + one.outage.acknowledged, partial(self._answer, one))

    def _answer(self, one: _Running) -> None:
        """Press the link in the last message about an outage, as whoever it was sent to."""
        if one.is_over or one.is_answered or one.asked is None:
            return
        one.is_answered = True
        token = one.asked.ack_link.rstrip("/").rpartition("/")[2]
        page = paging.use_ack_link(token=token, now=self._now)
        if not page.acknowledged_person:
            return
        one.who = Actor(page.acknowledged_by, person=page.acknowledged_person, via="the portal")
        for note in one.outage.notes:
            self._at(self._now + note.after, partial(self._note, one, note.text))
        if one.outage.mended is not None:
            self._at(self._now + one.outage.mended, partial(self._end, one))

    def _note(self, one: _Running, text: str) -> None:
        found = incident_queries.find_of_page(page_id=one.page_id)
        if found is not None and one.who is not None:
            incidents.add_note(number=found.number, text=text, by=one.who, now=self._now)

    def _close(self, one: _Running) -> None:
        found = incident_queries.find_of_page(page_id=one.page_id)
        if found is not None and one.who is not None:
            incidents.close(number=found.number, by=one.who, now=self._now)


def _alert(
    one: _Running, signal: StorySignal, status: str, at: datetime, ended: str
) -> dict[str, object]:
    """Return one alert as Alertmanager writes it."""
    known = catalogue.find_service(slug=one.outage.service)
    links = {"runbook_url": known.runbook_url} if known is not None and known.runbook_url else {}
    return {
        "status": status,
        "labels": {
            "alertname": signal.name,
            "service": one.outage.service,
            "severity": signal.severity,
            **signal.labels,
        },
        "annotations": {"summary": signal.says, "description": signal.detail, **links},
        "startsAt": at.isoformat(),
        "endsAt": ended,
        "generatorURL": "",
    }
