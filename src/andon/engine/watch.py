"""Watches the engine from outside its loop: alarms when it is sick, beats outwards when it is well.

The alarm goes straight to the organisation's fallback contact, not through the tables that a stuck
engine would have to read. Run it in every process: who alarms is settled in the database, once an
hour.
"""

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import httpx2
import structlog
from django.conf import settings
from django.db import connection
from prometheus_client import Counter

from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.core.ids import uuid7
from andon.engine import health
from andon.engine.health import StageHealth
from andon.engine.housekeeping import claim_turn
from andon.paging.ports import Transport
from andon.paging.types import Message, TransportError
from andon.people.types import Contact

log = structlog.get_logger(__name__)

LOOK_SECONDS = 10.0
ALARM_EVERY = timedelta(hours=1)
BEAT_EVERY = timedelta(minutes=1)
_TIMEOUT_SECONDS = 8.0

_ALARMS = Counter("andon_engine_alarms", "Alarms sent because a stage is stale or keeps failing")


class Watch:
    """Looks at the engine's health every few seconds, in a thread of its own."""

    def __init__(
        self,
        *,
        transports: Mapping[str, Transport],
        read_clock: Callable[[], datetime] = clock.now,
    ) -> None:
        self._transports = transports
        self._clock = read_clock
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._sick_before = False
        self._ailing_before = False

    def start(self) -> None:
        """Start looking."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="andon-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_TIMEOUT_SECONDS + 5)
            self._thread = None

    def look(self, *, now: datetime) -> Sequence[StageHealth]:
        """Look once; alarm if the engine was sick the last time too. Returns the sick stages."""
        sick = [stage for stage in health.stages(now=now) if stage.sick]
        if sick and self._sick_before and claim_turn(name="alarm", every=ALARM_EVERY, now=now):
            self._alarm(sick, now)
        self._sick_before = bool(sick)
        self._look_at_duties(now)
        if not sick and settings.ENV.heartbeat_url:
            self._beat(now)
        return sick

    def _look_at_duties(self, now: datetime) -> None:
        """Alarm if a duty was in trouble the last time too.

        Pages go out all the same, so the outgoing heartbeat goes on.
        """
        sick = [duty for duty in health.duties(now=now) if duty.sick]
        lasts = bool(sick) and self._ailing_before
        if lasts and claim_turn(name="alarm-duties", every=ALARM_EVERY, now=now):
            self._alarm(sick, now, make=_duty_message)
        self._ailing_before = bool(sick)

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.look(now=self._clock())
            except Exception:
                log.exception("watch_failed")
            finally:
                connection.close()

    def _alarm(
        self, sick: Sequence[StageHealth], now: datetime, *, make: "Make | None" = None
    ) -> None:
        _ALARMS.inc()
        words = "; ".join(_say(stage) for stage in sick)
        log.error("engine_sick", stages=words)
        for contact in catalogue.organisation(whole=True).fallback:
            transport = self._transports.get(str(contact.kind))
            if transport is None:
                continue
            try:
                transport.send((make or _message)(contact, words, uuid7()), now)
            except TransportError as error:
                log.error("engine_alarm_not_sent", kind=str(contact.kind), error=str(error))  # noqa: TRY400

    def _beat(self, now: datetime) -> None:
        if not claim_turn(name="heartbeat", every=BEAT_EVERY, now=now):
            return
        try:
            httpx2.get(settings.ENV.heartbeat_url, timeout=_TIMEOUT_SECONDS).raise_for_status()
        except httpx2.HTTPError as error:
            log.warning("heartbeat_not_received", error=str(error))


Make = Callable[[Contact, str, uuid.UUID], Message]


def _say(stage: StageHealth) -> str:
    name = stage.name.replace("_", " ")
    if stage.age is None:
        return f"{name} has never run"
    if stage.stale:
        return f"{name} last ran {int(stage.age.total_seconds())} s ago"
    return f"{name} has failed {stage.failures} times in a row ({stage.error[:300]})"


def _message(contact: Contact, words: str, uid: uuid.UUID) -> Message:
    return Message(
        uid=str(uid),
        contact=contact,
        subject="Andon itself is in trouble: pages may be late",
        body=(
            f"Andon's engine needs help: {words}.\n\n"
            "Pages may be late or missing until it runs again. "
            f"See {settings.ANDON_URL}/engine/ and its logs.\n"
            "You are the organisation's fallback contact. This comes every hour while it lasts."
        ),
        data={"purpose": "engine", "stages": words},
        link=f"{settings.ANDON_URL}/engine/",
        ack_link="",
    )


def _duty_message(contact: Contact, words: str, uid: uuid.UUID) -> Message:
    return Message(
        uid=str(uid),
        contact=contact,
        subject="Andon's telemetry is in trouble: alerts may not reach it",
        body=(
            f"What Andon does beside paging needs help: {words}.\n\n"
            "Pages for alerts that arrive go out as always; alerts that do not arrive may be "
            f"missed until this is mended. See {settings.ANDON_URL}/engine/ and the logs.\n"
            "You are the organisation's fallback contact. This comes every hour while it lasts."
        ),
        data={"purpose": "engine", "stages": words},
        link=f"{settings.ANDON_URL}/engine/",
        ack_link="",
    )
