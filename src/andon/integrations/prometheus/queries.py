"""Reads recorded measurements from Prometheus or VictoriaMetrics, many objectives to a question.

Both answer the same questions. Each is asked a millisecond before a whole instant, because ranges
of Prometheus 2 hold both their ends: what is recorded at a whole instant would count twice where
two ranges meet. `nocache` is for VictoriaMetrics, which else looks half a minute back and shifts
steps; Prometheus passes it over.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from andon.budgets.types import Sample, Sums
from andon.integrations.prometheus.client import PrometheusClient
from andon.paging.types import TransportError
from andon.slo.ports import UnableToMeasure
from andon.slo.rules import deployments, promql
from andon.telemetry.rules import series

_PATH = "/api/v1/query"
_RANGE = "/api/v1/query_range"
_EARLIER = timedelta(milliseconds=1)
_NONE: Mapping[int, float] = {}
#: Prometheus refuses more points of a range query.
_POINTS = 11_000
_TOO_MUCH = (
    "too many samples", "maxSamplesPerQuery", "maxUniqueTimeseries", "maxQueryLen", "is over",
    "maxQueryDuration", "exceeded maximum resolution", "query timed out", "timeout exceeded",
)  # fmt: skip
_REFUSED = ("answered 401", "answered 403")
_GONE = (
    "cannot connect", "cannot be asked", "broke off", "did not answer in time",
    "answered 404", "answered 502", "answered 503", "does not answer as Prometheus does",
)  # fmt: skip


class Queries:
    """Asks one Prometheus or VictoriaMetrics: `budgets.ports` and `slo.ports` say for what.

    `before` is called before each question: it may wait, keep a lease, or raise to end the work.
    """

    def __init__(
        self, client: PrometheusClient, *, before: Callable[[], None] = lambda: None
    ) -> None:
        self._client = client
        self._before = before

    @property
    def source(self) -> str:
        """Return its address as it may be shown."""
        return self._client.url

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()

    def sums(
        self, *, objectives: Sequence[str], until: datetime, span: timedelta, every: timedelta
    ) -> Mapping[str, Sums]:
        """Return what the time `span` before `until` held, by objective."""
        found = [
            self._vector(_summed(what, name, objectives, span), until) for what, name in _QUANTITIES
        ]
        return {slug: _sums(found, slug, every) for slug in found[1]}

    def cells(
        self,
        *,
        objectives: Sequence[str],
        first: datetime,
        last: datetime,
        step: timedelta,
        every: timedelta,
    ) -> Mapping[str, Sequence[tuple[datetime, Sums]]]:
        """Return what each step held, by objective; steps that hold nothing are empty sums."""
        if (last - first) / step >= _POINTS:
            raise UnableToMeasure("too many points in one question", too_much=True)
        found = [
            self._matrix(_summed(what, name, objectives, step), first, last, step)
            for what, name in _QUANTITIES
        ]
        ends = [first + step * number for number in range((last - first) // step + 1)]
        return {
            slug: _cells([one.get(slug, _NONE) for one in found], ends, every) for slug in found[1]
        }

    def ratios(
        self, *, objectives: Sequence[str], at: datetime
    ) -> Mapping[str, Mapping[str, float]]:
        """Return the recorded shares of bad events, by objective and window."""
        query = f'{{__name__=~"{series.RATIO}:.+",{_of(objectives)}}}'
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for labels, sample in self._instant(query, at):
            window = str(labels.get("__name__", "")).removeprefix(f"{series.RATIO}:")
            value = _number(sample)
            if math.isfinite(value):
                found[labels["slo"]][window] = max(value, found[labels["slo"]].get(window, 0.0))
        return found

    def samples(
        self, *, objectives: Sequence[str], until: datetime, span: timedelta
    ) -> Mapping[str, Sequence[Sample]]:
        """Return every measurement of a stretch of time, by objective, in order."""
        names = f"{series.BAD}|{series.TOTAL}"
        query = f'{{__name__=~"{names}",{_of(objectives)}}}[{promql.duration(span)}]'
        bad: dict[str, dict[float, float]] = {}
        total: dict[str, dict[float, float]] = {}
        for labels, values in self._instant(query, until, value="values"):
            into = bad if labels.get("__name__") == series.BAD else total
            numbers = {at: float(text) for at, text in values}
            slug = labels["slo"]
            # The same objective recorded by two: what either saw counts.
            into[slug] = {**into[slug], **numbers} if slug in into else numbers
        return {slug: _joined(bad.get(slug, {}), found) for slug, found in total.items()}

    def deployed(
        self,
        *,
        query: str,
        services: Sequence[str],
        first: datetime,
        last: datetime,
        step: timedelta,
    ) -> Mapping[str, Sequence[datetime]]:
        """Return the instants at which a query was above 0, by service; see the port."""
        asked = deployments.of_services(query=query, services=services)
        found = self._matrix(asked, first, last, step, label=deployments.LABEL)
        wanted = set(services)
        return {
            service: [first + step * number for number in sorted(values)]
            for service, values in found.items()
            if service in wanted
        }

    def _vector(self, query: str, at: datetime) -> dict[str, float]:
        return {labels["slo"]: _number(value) for labels, value in self._instant(query, at)}

    def _instant(
        self, query: str, at: datetime, *, value: str = "value"
    ) -> list[tuple[dict[str, str], Any]]:
        form = {"query": query, "time": _epoch(at), "nocache": "1"}
        return self._ask(_PATH, form, value)

    def _matrix(
        self, query: str, first: datetime, last: datetime, step: timedelta, label: str = "slo"
    ) -> dict[str, dict[int, float]]:
        """Return values by objective, or another label, and number of the step."""
        start, size = (first - _EARLIER).timestamp(), step.total_seconds()
        form = {
            "query": query,
            "start": _epoch(first),
            "end": _epoch(last),
            "step": f"{size:g}",
            "nocache": "1",
        }
        return {
            labels[label]: {round((at - start) / size): float(text) for at, text in values}
            for labels, values in self._ask(_RANGE, form, "values", label)
        }

    def _ask(
        self, path: str, form: Mapping[str, str], value: str, label: str = "slo"
    ) -> list[tuple[dict[str, str], Any]]:
        self._before()
        try:
            data = self._client.post(path, form)
        except TransportError as error:
            raise _unable(str(error)) from error
        try:
            return [(one["metric"], one[value]) for one in data["result"] if label in one["metric"]]
        except (KeyError, TypeError) as error:
            raise UnableToMeasure(f"{self.source}: {path} answered something else") from error


_QUANTITIES = (
    ("sum_over_time", series.BAD),
    ("sum_over_time", series.TOTAL),
    ("count_over_time", series.TOTAL),
)


def _summed(function: str, name: str, objectives: Sequence[str], span: timedelta) -> str:
    selector = f"{name}{{{_of(objectives)}}}[{promql.duration(span)}]"
    return f"sum by (slo) ({function}({selector}))"


def _of(objectives: Sequence[str]) -> str:
    # Slugs are DNS labels: nothing in them means anything in a regular expression.
    return f'slo=~"{"|".join(objectives)}"'


def _sums(found: Sequence[Mapping[Any, float]], key: object, every: timedelta) -> Sums:
    """Return sums as events: recorded are events a second, once every so often."""
    bad, total, samples = (one.get(key, 0.0) for one in found)
    seconds = every.total_seconds()
    return Sums(bad * seconds, total * seconds, samples)


def _cells(
    found: Sequence[Mapping[int, float]], ends: Sequence[datetime], every: timedelta
) -> list[tuple[datetime, Sums]]:
    bad, total, samples = found
    seconds, nothing = every.total_seconds(), Sums()
    return [
        (at, Sums(bad.get(n, 0.0) * seconds, total[n] * seconds, samples.get(n, 0.0)))
        if n in total
        else (at, nothing)
        for n, at in enumerate(ends)
    ]


def _joined(bad: Mapping[float, float], total: Mapping[float, float]) -> list[Sample]:
    """Return samples in order, without those that are no number."""
    found = ((at, bad.get(at, 0.0), total[at]) for at in sorted(total))
    return [
        Sample(_instant(at), failed, every)
        for at, failed, every in found
        if math.isfinite(failed) and math.isfinite(every)
    ]


def _number(value: Any) -> float:
    return float(value[1])


def _epoch(at: datetime) -> str:
    return f"{(at - _EARLIER).timestamp():.3f}"


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _unable(words: str) -> UnableToMeasure:
    if any(mark in words for mark in _REFUSED):
        return UnableToMeasure(
            f"{words}; set ANDON_PROMETHEUS_HEADERS to what it asks for", down=True
        )
    too_much = any(mark in words for mark in _TOO_MUCH)
    down = not too_much and any(mark in words for mark in _GONE)
    return UnableToMeasure(words, too_much=too_much, down=down)
