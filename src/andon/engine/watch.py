"""Watches the engine from outside its loop: alarms when it is sick, beats outwards when it is well.

The alarm goes straight to the organisation's fallback contact, not through the tables that a stuck
engine would have to read. Run it in every process: who alarms is settled in the database, once an
hour.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

import httpx2
import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from prometheus_client import Counter

from andon.catalogue import queries as catalogue
from andon.core import aside, clock, turns
from andon.core.trouble import Trouble
from andon.engine import alarms, health
from andon.engine.health import StageHealth
from andon.engine.store import StoreWatch
from andon.paging.ports import Transport
from andon.paging.rules import ways
from andon.paging.rules.delivery import server
from andon.paging.types import Fault, TransportError
from andon.people.types import Contact

log = structlog.get_logger(__name__)

LOOK_SECONDS = 10.0
ALARM_EVERY = timedelta(hours=1)
ALARM_AGAIN = timedelta(minutes=1)
BEAT_EVERY = timedelta(minutes=1)
_TIMEOUT_SECONDS = 8.0

_ALARMS = Counter("andon_engine_alarms", "Alarms sent because a stage is stale or keeps failing")


class HealthWatch:
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
        self._store = StoreWatch(tell=self._alarm_of_store, every=ALARM_EVERY)
        #: As they were read last: an alarm must not need the database that it is about.
        self._fallback: tuple[Contact, ...] = ()
        self._sick_before = False
        self._ailing_before = False
        #: Troubles that were told, to whom; and those that somebody could not be told of so far.
        self._told: dict[str, tuple[Trouble, list[Contact]]] = {}
        self._owed: dict[tuple[str, Contact], Trouble] = {}
        #: Those of them that may have been told: sent once more, marked, and never again.
        self._doubtful: set[tuple[str, Contact]] = set()

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
        stores = self._store.look(now=now)
        sick = [stage for stage in health.stages(now=now) if stage.sick]
        if sick and self._sick_before:
            self._alarm_once("alarm", alarms.of_stages(sick), now)
        self._sick_before = bool(sick)
        self._look_at_duties(now)
        self._tell_of_rows(now)
        troubles = {one.name: one for one in health.recorded_troubles(now=now)}
        self._look_at_troubles(troubles, now)
        if stores and not sick and not self._is_mute(troubles) and settings.ENV.heartbeat_url:
            self._beat(now)
        return sick

    def _look_at_duties(self, now: datetime) -> None:
        """Alarm if a duty was in trouble the last time too.

        Pages go out all the same, so the outgoing heartbeat goes on.
        """
        sick = [duty for duty in health.duties(now=now) if duty.sick]
        if sick and self._ailing_before:
            self._alarm_once("alarm-duties", alarms.of_duties(sick), now)
        self._ailing_before = bool(sick)

    def _tell_of_rows(self, now: datetime) -> None:
        """Tell of rows set aside of which nobody else could be told, each until that worked."""
        for row in aside.list_untold():
            if not aside.claim_telling(row=row, now=now):
                continue
            alarm = alarms.of_row(row)
            if True not in [self._send(alarm, contact, now) for contact in self._contacts()]:
                aside.give_back_telling(row=row)

    def _look_at_troubles(self, troubles: Mapping[str, Trouble], now: datetime) -> None:
        """Alarm over every way that works, and over the others as soon as they do again."""
        for owed in list(self._owed):
            self._make_good(owed, now)
        for name in [one for one in self._told if one not in troubles]:
            was, contacts = self._told.pop(name)
            for contact in contacts:
                self._send(alarms.of_end(was), contact, now)
        for one in troubles.values():
            if turns.take(name=f"alarm-{one.name}", every=ALARM_EVERY, now=now):
                told = self._alarm(alarms.of_trouble(one), now)
                self._told[one.name] = (one, told)
                missed = [contact for contact in self._contacts() if contact not in told]
                self._owed.update({(one.name, contact): one for contact in missed})

    def _make_good(self, owed: tuple[str, Contact], now: datetime) -> None:
        """Tell somebody who could not be told. How it was is worth sending also when it is over."""
        alarm = alarms.of_past_trouble(self._owed[owed], repeated=owed in self._doubtful)
        told = self._hand_over(alarm, owed[1], now)
        if told or (told is None and owed in self._doubtful):
            del self._owed[owed]
            self._doubtful.discard(owed)
        elif told is None:
            self._doubtful.add(owed)

    def _run(self) -> None:
        self._contacts()
        connection.close()
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.look(now=self._clock())
            except Exception:
                log.exception("watch_failed")
            finally:
                connection.close()

    def _alarm_once(self, name: str, alarm: alarms.Alarm, now: datetime) -> None:
        """Alarm once an hour; again in a minute if nobody could be told, or we died over it."""
        if not turns.take(name=name, every=ALARM_AGAIN, now=now):
            return
        if self._alarm(alarm, now) or not self._fallback:
            turns.put_off(name=name, until=now + ALARM_EVERY)

    def _alarm(self, alarm: alarms.Alarm, now: datetime) -> list[Contact]:
        """Tell every fallback contact, and return those to whom it could be sent."""
        _ALARMS.inc()
        log.error("engine_alarm", subject=alarm.subject, words=alarm.words)
        return [contact for contact in self._contacts() if self._send(alarm, contact, now)]

    def _alarm_of_store(self, one: Trouble, now: datetime) -> None:
        self._alarm(alarms.of_storage(one), now)

    def _contacts(self) -> tuple[Contact, ...]:
        """Return the fallback contacts; those read last while the database is away."""
        try:
            self._fallback = catalogue.organisation(whole=True).fallback
        except DatabaseError as error:
            log.warning("fallback_contacts_not_read", error=str(error))
            connection.close()
        return self._fallback

    def _send(self, alarm: alarms.Alarm, contact: Contact, now: datetime) -> bool:
        """Hand an alarm over; return whether that worked."""
        return bool(self._hand_over(alarm, contact, now))

    def _hand_over(self, alarm: alarms.Alarm, contact: Contact, now: datetime) -> bool | None:
        """Return whether an alarm was taken, None if nobody knows. What breaks stops no other."""
        transport = self._transports.get(contact.kind)
        if transport is None:
            return False
        try:
            transport.send(alarm.to(contact), now)
        except TransportError as error:
            log.error("engine_alarm_not_sent", kind=contact.kind, error=str(error))  # noqa: TRY400
            return None if error.unknown else False
        except Exception:
            log.exception("engine_alarm_broke", kind=contact.kind)
            return False
        return True

    def _beat(self, now: datetime) -> None:
        if not turns.take(name="heartbeat", every=BEAT_EVERY, now=now):
            return
        try:
            httpx2.get(settings.ENV.heartbeat_url, timeout=_TIMEOUT_SECONDS).raise_for_status()
        except httpx2.HTTPError as error:
            log.warning("heartbeat_not_received", error=str(error))

    def _is_mute(self, troubles: Collection[str]) -> bool:
        """Return whether none of the fallback contacts can be told that messages cannot be sent.

        Then only silence still speaks: whoever waits for the outgoing heartbeat must miss it.
        """
        if not troubles:
            return False
        return all(_ways_of(contact) & set(troubles) for contact in self._contacts())


def _ways_of(contact: Contact) -> set[str]:
    """Return the names of the troubles that keep messages from a contact."""
    place = server(destination=contact.address)
    return {
        f"messages:{contact.kind}:{Fault.INSTALLATION}",
        ways.name(kind=contact.kind, server=place),
    }
