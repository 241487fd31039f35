"""The sample's metrics: what a monitoring system would have recorded of the story.

It stands where Prometheus stands (`budgets.ports`), so budgets, losses and deployments of the
sample are read by the code that reads everybody's. When an outage ended is what Andon itself knows
of its alerts: whoever resolves one in the portal sees the budget's fall end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from andon.alerts import queries as alerts
from andon.budgets.types import Sample, Sums
from andon.cli.sample.story import Measured, Story, StoryCalendar
from andon.core.periods import Period

#: The key by which the story's alerts come in.
KEY_NAME = "Alertmanager of Fruits R Us"
#: Requests go wrong so long before the alert, which first has to be sure.
LEAD = timedelta(minutes=2)
#: Shares of the traffic at noon, by hour in UTC: people sleep, then shop.
_HOURS = (
    0.22, 0.15, 0.11, 0.10, 0.11, 0.16, 0.28, 0.45, 0.63, 0.78, 0.88, 0.96,
    1.00, 0.97, 0.92, 0.90, 0.93, 0.99, 1.08, 1.15, 1.10, 0.90, 0.62, 0.38,
)  # fmt: skip
_BEFORE = tuple(sum(_HOURS[:hour]) for hour in range(25))
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_RATIOS = (("5m", 5), ("30m", 30), ("1h", 60), ("2h", 120), ("6h", 360), ("1d", 1440), ("3d", 4320))
_RECORDED = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Failing:
    """A time in which a share of a service's requests failed."""

    period: Period
    share: float


class Metrics:
    """Answers what is asked of a metrics server about the sample."""

    source = "the sample's own metrics"

    def __init__(self, *, story: Story, calendar: StoryCalendar) -> None:
        self._story = story
        self._calendar = calendar
        self._failing: dict[str, list[Failing]] = {}

    def look(self, *, now: datetime) -> "Metrics":
        """Take in which outages there have been by now, and when they ended."""
        began = {
            (outage.service, outage.alerts[0].name, self._calendar.instant(outage.when)): outage
            for outage in self._story.outages
        }
        ends = {
            (one.service_ref, one.labels.get("alertname", ""), one.starts_at): one.resolved_at
            for one in alerts.list_of_key(key=KEY_NAME)
        }
        self._failing = {}
        for known, outage in began.items():
            if known in ends and outage.bad:
                until = ends[known] or now + _RECORDED
                period = Period(known[2] - LEAD, max(until, known[2]))
                self._failing.setdefault(outage.service, []).append(Failing(period, outage.bad))
        return self

    def sums(
        self, *, objectives: Sequence[str], until: datetime, span: timedelta, every: timedelta
    ) -> Mapping[str, Sums]:
        """Return what the time `span` before `until` held."""
        return {
            slug: self._sums(slug, Period(until - span, until), every)
            for slug in self._known(objectives)
        }

    def cells(
        self,
        *,
        objectives: Sequence[str],
        first: datetime,
        last: datetime,
        step: timedelta,
        every: timedelta,
    ) -> Mapping[str, Sequence[tuple[datetime, Sums]]]:
        """Return what each step held, named by its end."""
        ends = [first + step * number for number in range((last - first) // step + 1)]
        return {
            slug: [(at, self._sums(slug, Period(at - step, at), every)) for at in ends]
            for slug in self._known(objectives)
        }

    def ratios(
        self, *, objectives: Sequence[str], at: datetime
    ) -> Mapping[str, Mapping[str, float]]:
        """Return the shares of bad events, by the name of their window."""
        found: dict[str, dict[str, float]] = {}
        for slug in self._known(objectives):
            held = {
                name: self._sums(slug, Period(at - _MINUTE * minutes, at), _MINUTE)
                for name, minutes in _RATIOS
            }
            found[slug] = {name: sums.bad / sums.total for name, sums in held.items()}
        return found

    def samples(
        self, *, objectives: Sequence[str], until: datetime, span: timedelta
    ) -> Mapping[str, Sequence[Sample]]:
        """Return what each minute's measurement said of the five before it."""
        last = (until - _EPOCH) // _MINUTE
        first = (until - span - _EPOCH) // _MINUTE + 1
        ends = [_EPOCH + _MINUTE * number for number in range(first, last + 1)]
        return {slug: self._samples(slug, ends) for slug in self._known(objectives)}

    def deployed(
        self,
        *,
        query: str,  # noqa: ARG002 - the story knows what is asked
        services: Sequence[str],
        first: datetime,
        last: datetime,
        step: timedelta,
    ) -> Mapping[str, Sequence[datetime]]:
        """Return when services were deployed: the first step after it."""
        found = {}
        for slug in services:
            deploys = self._story.deployments.get(slug)
            if deploys is None:
                continue
            instants = self._calendar.deployments(deploys, first=first - step, last=last)
            on_grid = [first + step * -((first - at) // step) for at in instants]
            found[slug] = [at for at in on_grid if first <= at <= last]
        return found

    def _known(self, objectives: Sequence[str]) -> list[str]:
        return [slug for slug in objectives if slug in self._story.objectives]

    def _sums(self, slug: str, period: Period, every: timedelta) -> Sums:
        measured = self._story.objectives[slug]
        total = _requests(measured, period)
        bad = total * measured.bad
        for one, weight in self._touching(slug):
            failed = one.period.clip(period)
            if failed is not None:
                bad += _requests(measured, failed) * one.share * weight
        return Sums(min(bad, total), total, period.length / every)

    def _samples(self, slug: str, ends: Sequence[datetime]) -> list[Sample]:
        """Return measurements; those that no failure touches are like an ordinary day's."""
        measured, seconds = self._story.objectives[slug], _RECORDED.total_seconds()
        asked = Period(ends[0] - _RECORDED, ends[-1]) if ends else Period(_EPOCH, _EPOCH)
        failing = [one.period for one, _ in self._touching(slug) if one.period.overlaps(asked)]
        found = []
        for at in ends:
            period = Period(at - _RECORDED, at)
            if any(one.overlaps(period) for one in failing):
                sums = self._sums(slug, period, _MINUTE)
                found.append(Sample(at, sums.bad / seconds, sums.total / seconds))
            else:
                total = _requests(measured, period) / seconds
                found.append(Sample(at, total * measured.bad, total))
        return found

    def _touching(self, slug: str) -> Iterator[tuple[Failing, float]]:
        """Yield the failures that count for an objective, and how much."""
        for service, weight in (self._story.objectives[slug].of or {slug: 1.0}).items():
            for one in self._failing.get(service, ()):
                yield one, weight


def _requests(measured: Measured, period: Period) -> float:
    return measured.per_minute * 60 * (_hours(period.ends_at) - _hours(period.starts_at))


def _hours(at: datetime) -> float:
    """Return how many hours of noon's traffic there were up to an instant."""
    days, rest = divmod((at - _EPOCH).total_seconds(), 86_400)
    hour, part = divmod(rest, 3_600)
    return days * _BEFORE[24] + _BEFORE[int(hour)] + _HOURS[int(hour)] * part / 3_600
