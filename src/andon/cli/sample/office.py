"""What happens around the outages of the sample: overrides, books, budgets and deployments."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from andon.budgets import queries as budgets
from andon.budgets.actions import readings
from andon.catalogue import queries as catalogue
from andon.cli.sample.metrics import Metrics
from andon.cli.sample.story import Hand, Story, StoryCalendar, StoryCover
from andon.core.audit import Actor
from andon.core.money import Money
from andon.core.periods import Period
from andon.costing import actions as costing
from andon.costing.types import Books, Kind
from andon.oncall import actions as oncall
from andon.oncall import queries as oncall_queries
from andon.oncall import rules as oncall_rules
from andon.people import queries as people
from andon.slo import queries as slo
from andon.slo.actions import deployments
from andon.slo.rules.reading import SETTLED

Act = Callable[[datetime], None]
#: Budgets are read whole so often, and always when an outage is over; in between nothing is looked
#: at, so a burn-down has its line and a loss is followed to the minute.
_READ_EVERY = timedelta(weeks=4)
#: An outage is measured as over so long after it is.
MEASURED_AFTER = timedelta(minutes=15)
#: Reads of a past look ahead in steps of six hours: so many reach across a week and more.
_MOST_LOOKS = 40


class Office:
    """Plans what people and the engine's hourly turns do, and does it when its time comes."""

    def __init__(self, story: Story, calendar: StoryCalendar, metrics: Metrics) -> None:
        self._story = story
        self._calendar = calendar
        self._metrics = metrics
        self._marked: dict[str, object] = {}

    def acts(self) -> Iterator[tuple[datetime, Act]]:
        """Yield everything that is known beforehand, with its instant."""
        for cover in self._story.overrides:
            starts_at = self._calendar.instant(cover.when)
            yield starts_at - cover.arranged, partial(self._override, cover, starts_at)
        for hand in self._story.postings:
            yield self._calendar.instant(hand.when), partial(self._post, hand)
        for month, closed_at in self._calendar.months(self._story):
            yield closed_at, partial(self._close, month)
        at = self._calendar.begins(self._story) + _READ_EVERY
        while at < self._calendar.made_at:
            yield at, partial(self.measure, services=None)
            at += _READ_EVERY

    def finish(self, now: datetime) -> None:
        """Bring books, budgets and deployments up to the present."""
        self.measure(now, services=None)
        costing.post_due(now=now)

    def measure(self, now: datetime, *, services: Collection[str] | None) -> None:
        """Read the budgets of some services, or of all, as the engine's duty does."""
        rules = catalogue.organisation().telemetry
        of = [
            found
            for slug, found in slo.declarations().items()
            if services is None or self._measures(slug, services)
        ]
        source = self._metrics.look(now=now)
        for _ in range(_MOST_LOOKS):
            if not of:
                break
            readings.refresh(objectives=of, telemetry=rules, measurements=source, now=now)
            looked = budgets.followed_until(objectives=[pk for pk, _ in of])
            of = [(pk, one) for pk, one in of if looked.get(pk, now) < now - 2 * SETTLED]
        if services is None:
            self._mark(rules.deployments, now)

    def _measures(self, objective: str, services: Collection[str]) -> bool:
        measured = self._story.objectives.get(objective)
        return measured is not None and bool({objective, *measured.of} & set(services))

    def _mark(self, query: str, now: datetime) -> None:
        """Read deployments until nothing of the past is left to be read: a day at a time."""
        services = slo.measured_services()
        for _ in range(_MOST_LOOKS):
            deployments.mark(
                query=query, services=services, source=self._metrics, memory=self._marked, now=now
            )

    def _override(self, cover: StoryCover, starts_at: datetime, now: datetime) -> None:
        """Let whoever is on call next take the rota, as the two have arranged."""
        period = Period(starts_at, starts_at + cover.lasts)
        rota = oncall_queries.load_rotas(period=period, slugs=[cover.rota])[cover.rota]
        shift = oncall_rules.who(rota=rota, at=starts_at)
        other = oncall_rules.next_on_call(rota=rota, at=starts_at)
        if shift is not None and other is not None:
            oncall.add_override(
                rota=cover.rota,
                person=other,
                replaces=shift.person,
                starts_at=period.starts_at,
                ends_at=period.ends_at,
                reason=cover.reason,
                by=_actor(shift.person),
                now=now,
            )

    def _post(self, hand: Hand, now: datetime) -> None:
        costing.post_entry(
            kind=Kind(hand.kind),
            service=hand.service,
            amount=Money.parse(hand.amount),
            day=now.astimezone(self._calendar.zone).date(),
            reason=hand.reason,
            reference=hand.reference,
            by=_actor(self._story.closes_books),
            now=now,
        )

    def _close(self, month: date, now: datetime) -> None:
        books = Books.month_of(month)
        costing.close_month(books=books, by=_actor(self._story.closes_books), now=now)


def _actor(slug: str) -> Actor:
    person = people.find_person(slug=slug)
    return Actor(person.name if person else slug, person=slug, via="the portal")
