"""A small organisation on a hand-wound clock: real alerts in, fake phones out, a real database.

A journey says what happens and what each person receives. Whatever is received and not expected
makes the journey fail at its end, so no test passes beside a message too many.
"""

import json
import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from andon.alerts import actions as alerts
from andon.alerts.models import IntegrationKey
from andon.alerts.types import KnownKey, RawRequest
from andon.catalogue import models as catalogue
from andon.catalogue.rules import parse_target
from andon.core.ids import new_secret
from andon.core.money import Money
from andon.engine.run import Engine
from andon.integrations.alertmanager import receiver
from andon.oncall import actions as oncall
from andon.paging import actions as paging
from andon.paging.models import Decision, Notification, Page
from andon.paging.types import Message, PageRow, Receipt, TransportError
from andon.people.models import ContactMethod, Membership, Person, Team

_BEGINNING = datetime(2020, 1, 6, tzinfo=UTC)
_LENGTH = re.compile(r"(\d+)\s*(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Unexpected(AssertionError):
    """What happened is not what the journey says."""


def length(text: str) -> timedelta:
    """Read `5m`, `90s`, `2d12h`."""
    parts = _LENGTH.findall(text)
    if not parts:
        raise ValueError(f"{text!r} is not a length of time such as 5m")
    return sum((timedelta(**{_UNITS[unit]: int(n)}) for n, unit in parts), timedelta())


def instant(text: str) -> datetime:
    """Read `2026-03-29 00:58 Europe/London`; the first of two when the clocks show it twice."""
    day, wall, zone = text.split()
    return datetime.fromisoformat(f"{day} {wall}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@dataclass
class Received:
    """A message as a fake phone got it."""

    at: datetime
    kind: str
    to: str
    message: Message

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.kind} to {self.to}: {self.message.subject}"


@dataclass
class Phones:
    """The transport of one kind: keeps what it is handed, or fails as told."""

    kind: str
    inbox: list[Received]
    #: What to raise for an address; consumed one by one, then it works again.
    faults: dict[str, list[TransportError | Exception]] = field(default_factory=dict)
    #: What to raise for every address until it is taken away.
    broken: TransportError | Exception | None = None

    def send(self, message: Message, now: datetime) -> Receipt:
        """Hand the message to the phone of its address."""
        if self.broken is not None:
            raise copy(self.broken)
        faults = self.faults.get(message.contact.address)
        if faults:
            raise faults.pop(0)
        self.inbox.append(Received(now, self.kind, _owner(message.contact.address), message))
        return Receipt(provider_id=f"fake-{len(self.inbox)}")

    def check(self, address: str) -> str:
        """Say whether a message would go."""
        if self.broken is not None:
            raise copy(self.broken)
        return f"the {self.kind} server answers"


class Expect:
    """Takes messages out of the inbox, in any order, and complains about those that are missing."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def email(self, *, to: str, containing: str = "", at: str = "") -> Message:
        """Expect one e-mail."""
        return self._take("email", to, containing, at)

    def ntfy(self, *, to: str, containing: str = "", at: str = "") -> Message:
        """Expect one push message."""
        return self._take("ntfy", to, containing, at)

    def nothing(self) -> None:
        """Expect that every message has been expected."""
        if self._world.inbox:
            listed = "\n  ".join(str(one) for one in self._world.inbox)
            raise Unexpected(f"messages nobody expected:\n  {listed}")

    def _take(self, kind: str, to: str, containing: str, at: str) -> Message:
        for one in self._world.inbox:
            text = f"{one.message.subject}\n{one.message.body}"
            if one.kind == kind and one.to == to and containing in text:
                if at and one.at != instant(at):
                    raise Unexpected(f"{one} came at {one.at}, not at {at}")
                self._world.inbox.remove(one)
                return one.message
        listed = "\n  ".join(str(one) for one in self._world.inbox) or "nothing"
        raise Unexpected(f"no {kind} to {to} with {containing!r}; there is:\n  {listed}")


class World:
    """An organisation, its phones and its clock."""

    def __init__(self) -> None:
        self.now = instant("2026-03-03 10:00 Europe/London")
        self.inbox: list[Received] = []
        self._began: dict[tuple[str, str], datetime] = {}
        self.email = Phones("email", self.inbox)
        self.ntfy = Phones("ntfy", self.inbox)
        self.expect = Expect(self)
        self.restart()
        self._key = self._make_key()
        self.organisation()

    # What there is -------------------------------------------------------------------------------

    def organisation(self, **spec: object) -> None:
        """Set the organisation's document; whatever is left out has its default."""
        document = {
            "currency": "GBP",
            "availabilityTargets": {"preset": "fruits-r-us"},
            "fallback": [{"email": "fallback@example.org"}],
            **spec,
        }
        catalogue.Organisation.objects.update_or_create(
            slug="shop", defaults={"title": "The Shop", "document": document}
        )

    def person(
        self, slug: str, *, by: Sequence[str] = ("email",), timezone: str = "Europe/London"
    ) -> Person:
        """Return somebody, made on first mention, reached by these kinds."""
        found = Person.objects.filter(slug=slug).first()
        if found is None:
            found = Person.objects.create(slug=slug, name=slug.title(), timezone=timezone)
            for position, kind in enumerate(by):
                ContactMethod.objects.create(
                    person=found, kind=kind, address=_address(kind, slug), position=position
                )
        return found

    def team(self, slug: str, *, members: Sequence[str] = ()) -> Team:
        """Return a team, made on first mention."""
        team, _ = Team.objects.get_or_create(slug=slug, defaults={"title": f"Team {slug.title()}"})
        for one in members:
            Membership.objects.get_or_create(team=team, person=self.person(one))
        return team

    def service(
        self,
        slug: str,
        *,
        owner: str = "",
        target: str = "99.9",
        exposure: str = "",
        domain: str = "",
        runbook: str = "",
    ) -> catalogue.Service:
        """Make a service; `exposure` is like `GBP 100000/h`."""
        money = Money.parse(exposure.removesuffix("/h")) if exposure else None
        made = catalogue.Service.objects.create(
            slug=slug,
            title=slug.title(),
            owner=self.team(owner or slug),
            domain=self.domain(domain) if domain else None,
            exposure_minor=money.minor if money else None,
            exposure_currency=money.currency if money else "",
            deployment_target="daily",
            runbook_url=runbook,
        )
        self.target(slug, target, starts_at=_BEGINNING)
        return made

    def target(
        self, slug: str, target: str, *, starts_at: datetime, ends_at: datetime | None = None
    ) -> None:
        """Put an availability target in force for a service, beside those it has."""
        catalogue.AvailabilityTarget.objects.create(
            service=catalogue.Service.objects.get(slug=slug),
            ppm=parse_target(target),
            starts_at=starts_at,
            ends_at=ends_at,
            kind="peak" if ends_at else "base",
        )

    def domain(self, slug: str) -> catalogue.Domain:
        """Return a product domain, made on first mention."""
        found, _ = catalogue.Domain.objects.get_or_create(
            slug=slug, defaults={"title": slug.title(), "kind": "product"}
        )
        return found

    def rota(
        self,
        slug: str,
        people: Sequence[str],
        *,
        team: str = "",
        domain: str = "",
        covers: str = "always",
        escalation: dict[str, object] | None = None,
    ) -> catalogue.Rota:
        """Make a weekly rota with hand-over on Mondays at 09:00 in London; the first is on."""
        made = catalogue.Rota.objects.create(
            slug=slug,
            title=slug,
            team=self.team(team) if team else None,
            domain=self.domain(domain) if domain else None,
            covers=covers,
        )
        for one in people:
            self.person(one)
        document = {
            "timezone": "Europe/London",
            "rotation": {
                "unit": "week",
                "every": 1,
                "handover": "09:00",
                "starts_on": _monday(self.now).isoformat(),
                "participants": list(people),
            },
        }
        if escalation:
            document["escalation"] = escalation
        catalogue.RotaVersion.objects.create(rota=made, document=document, starts_at=_BEGINNING)
        return made

    def override(self, rota: str, person: str, *, lasts: str, heard: bool = True) -> None:
        """Let somebody take a rota from now on; `heard`, those concerned have read of it."""
        oncall.add_override(
            rota=rota,
            person=person,
            starts_at=self.now,
            ends_at=self.now + length(lasts),
            reason="a favour",
            by=person,
            now=self.now,
        )
        if heard:
            self.run()
            news = [one for one in self.inbox if one.message.data["purpose"] == "override"]
            for one in news:
                self.inbox.remove(one)

    # What happens --------------------------------------------------------------------------------

    def at(self, text: str) -> "World":
        """Wind the clock to an instant, without anything happening in between."""
        self.now = instant(text)
        return self

    def forward(self, text: str) -> None:
        """Let time pass: the engine runs whenever something is due, and at the end."""
        end = self.now + length(text)
        while True:
            due = self._next_due()
            if due is None or due > end:
                break
            self.now = max(self.now, due)
            self.run()
        self.now = end
        self.run()

    def run(self) -> None:
        """Let the engine work at this instant until nothing is due."""
        self.engine.run_until_idle(self.now)

    def restart(self) -> None:
        """Stop Andon and start it again: whatever was only in memory is gone."""
        self.engine = Engine(
            node="test",
            transports={"email": self.email, "ntfy": self.ntfy},
            read_clock=lambda: self.now,
        )

    def alertmanager(
        self,
        status: str,
        *,
        service: str,
        name: str = "Down",
        severity: str = "critical",
        summary: str = "",
        began: datetime | None = None,
        run: bool = True,
        **labels: str,
    ) -> None:
        """Receive what Alertmanager would post, and let the engine work."""
        self.post([self.alert(status, service=service, name=name, severity=severity,
                              summary=summary, began=began, **labels)])  # fmt: skip
        if run:
            self.run()

    def alert(
        self,
        status: str,
        *,
        service: str,
        name: str = "Down",
        severity: str = "critical",
        summary: str = "",
        began: datetime | None = None,
        **labels: str,
    ) -> dict[str, object]:
        """Return one alert as Alertmanager writes it."""
        named = {"service": service} if service else {}
        identity = (service, name)
        start = began or self.now
        if status == "resolved" and not began:
            start = self._began.get(identity, start)
        elif status == "firing":
            self._began[identity] = start
        return {
            "status": status,
            "labels": {"alertname": name, "severity": severity, **named, **labels},
            "annotations": {"summary": summary or f"{name} of {service}"},
            "startsAt": start.isoformat(),
            "endsAt": self.now.isoformat() if status == "resolved" else "0001-01-01T00:00:00Z",
            "generatorURL": "http://vmalert.example/1",
        }

    def post(self, group: list[dict[str, object]]) -> None:
        """Receive one webhook of Alertmanager with these alerts, without running the engine."""
        self.receive(
            {
                "version": "4", "receiver": "andon", "status": group[0]["status"],
                "groupKey": "{}", "truncatedAlerts": 0, "externalURL": "http://am.example",
                "alerts": group,
            }
        )  # fmt: skip

    def receive(self, document: dict[str, object]) -> None:
        """Receive a body of Alertmanager's kind as it is, without running the engine."""
        body = json.dumps(document).encode()
        received = [(self._key, one) for one in receiver.parse(body, self._key)]
        raw = RawRequest(self._key.id, self._key.kind, self.now, body)
        alerts.receive(received=received, raw=[raw], now=self.now)

    def press(self, message: Message) -> PageRow:
        """Press the button behind a message's acknowledge link, and let the engine work."""
        token = message.ack_link.rstrip("/").rpartition("/")[2]
        page = paging.use_ack_link(token=token, now=self.now)
        self.run()
        return page

    # What is seen --------------------------------------------------------------------------------

    def page(self) -> Page:
        """Return the newest page."""
        return Page.objects.latest("pk")

    def reasons(self, kind: str = "") -> list[str]:
        """Return the decisions about pages so far, in words."""
        rows = Decision.objects.filter(kind=kind) if kind else Decision.objects.all()
        return list(rows.order_by("pk").values_list("reason", flat=True))

    def states(self) -> list[str]:
        """Return the states of all messages, in order."""
        return list(Notification.objects.order_by("pk").values_list("state", flat=True))

    def _next_due(self) -> datetime | None:
        found = [
            due
            for model in (Page, Notification)
            for due in model.objects.filter(next_at__gt=self.now)
            .order_by("next_at")
            .values_list("next_at", flat=True)[:1]
        ]
        return min(found, default=None)

    def _make_key(self) -> KnownKey:
        secret = new_secret("andon_key_")
        row = IntegrationKey.objects.create(
            name="alertmanager", kind="alertmanager", digest=secret.digest, hint=secret.hint,
            created_at=self.now,
        )  # fmt: skip
        return KnownKey(row.pk, "alertmanager", row.name, None, None, row.per_minute)


def _address(kind: str, slug: str) -> str:
    return f"{slug}@example.org" if kind == "email" else f"https://ntfy.example/{slug}"


def _owner(address: str) -> str:
    return address.removesuffix("@example.org").removeprefix("https://ntfy.example/")


def _monday(at: datetime) -> date:
    return (at - timedelta(days=at.weekday())).date()
