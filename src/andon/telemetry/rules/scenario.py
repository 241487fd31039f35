"""Scenarios that the generated rules are replayed on: made-up samples, and when what must fire.

A scenario is good traffic, a fault of one error ratio, and recovery; or a share just below every
threshold, all along. Times come from the formulas alone (`rules.burn`): rules that say something
else are found out. The target is the ordinary one: the clock is set before every peak and closure.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from andon.slo.rules import burn, indicators, tiers
from andon.slo.rules.tiers import Tier
from andon.slo.types import Budgeting, Estate, Evaluator, Indicator, IndicatorKind, Objective
from andon.telemetry.rules import alerting, generate, samples
from andon.telemetry.rules.series import Recorded

#: Error ratios that people reckon with: a tenth of all fails, everything fails.
RATIOS = (Decimal("0.1"), Decimal(1))
#: Longer windows would take too many samples.
LONGEST = timedelta(days=3)
_MINUTE = timedelta(minutes=1)
#: How long before the fault alerts are looked for, and how long a fault nobody notices lasts.
_CALM = timedelta(minutes=30)
#: After the moment by which everything must have fired, or have ended.
_PAD = timedelta(minutes=5)
#: Of the least threshold: a share that nothing fires at.
_QUIET = Decimal("0.9")
#: A ratio so near to a threshold that the last digit of a float decides is told nothing of.
_NEAR = Decimal("0.02")
_ZERO, _ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """What a tier does in a scenario, and how exactly that can be seen."""

    slug: str
    tier: str
    alert: str
    ratio: Decimal
    #: From the start of the fault; None: it never fires.
    fires: timedelta | None
    #: From the end of the fault.
    ends: timedelta | None
    tolerance: timedelta


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault of a service, and what is expected of it. Times count from the first sample."""

    service: str
    ratio: Decimal
    #: The share stays the same all along: nothing begins, nothing ends.
    is_steady: bool
    series: tuple[samples.SampleSeries, ...]
    every: timedelta
    fault_at: timedelta
    fault_ends_at: timedelta
    ends_at: timedelta
    expected: tuple[ExpectedAlert, ...]
    #: Objectives and alerts of which nothing is expected: too near to tell, or too long.
    unsure: frozenset[tuple[str, str]] = frozenset()

    @property
    def judged_from(self) -> timedelta:
        """Return from when on alerts are looked for."""
        return self.fault_at - _CALM

    @property
    def slugs(self) -> frozenset[str]:
        """Return the objectives that have samples in it."""
        return frozenset(slug for slug, _ in self.unsure) | {one.slug for one in self.expected}

    def values(self, one: samples.SampleSeries) -> list[float]:
        """Return a series' values, one each scrape: what a counter shows, or a gauge."""
        count = self.ends_at // self.every + 1
        first, last = self.fault_at // self.every, self.fault_ends_at // self.every
        steps = (first < number <= last for number in range(count))
        if one.is_verdict:
            return self._verdicts(one, steps)
        share = Decimal(self.every / _MINUTE) if one.is_counter else _ONE
        calm, broken = float(one.healthy * share), float(one.faulty * share)
        found = [broken if is_fault else calm for is_fault in steps]
        return list(itertools.accumulate(found)) if one.is_counter else found

    def _verdicts(self, one: samples.SampleSeries, steps: Iterator[bool]) -> list[float]:
        """Return bad values in the share of the fault, spread evenly over it."""
        bad, total = _ZERO, _ZERO
        found = []
        for is_fault in steps:
            total += self.ratio if is_fault else _ZERO
            is_bad = bad < total
            bad += _ONE if is_bad else _ZERO
            found.append(float(one.faulty if is_bad else one.healthy))
        return found


@dataclass(frozen=True, slots=True)
class Omission:
    """An objective, or a tier of it, that cannot be replayed, and why."""

    slug: str
    reason: str


def scenarios(*, estate: Estate, service: str) -> tuple[list[Scenario], list[Omission]]:
    """Return what a service's rules for vmalert are replayed on, and what is left out of it.

    Objectives whose series do not contradict each other share a scenario.
    """
    found: list[Scenario] = []
    omitted: list[Omission] = []
    by_ratio: dict[object, list[list[_Trial]]] = {}
    for recorded in _recordings(estate, service):
        reason = _unfit(recorded)
        if reason:
            omitted.append(Omission(recorded.objective.slug, reason))
            continue
        omitted += _too_long(recorded)
        for trial in _trials(recorded):
            key = (trial.is_steady, None if trial.is_steady else trial.ratio)
            _join(by_ratio.setdefault(key, []), trial)
    for batches in by_ratio.values():
        found += [_scenario(service, batch, estate) for batch in batches]
    return found, omitted


def expectation(
    *, recorded: Recorded, tier: Tier, ratio: Decimal, estate: Estate
) -> ExpectedAlert | None:
    """Return what a tier does at a fault of an error ratio; None when that is too near to tell."""
    one = recorded.objective
    every, share = generate.intervals(rules=estate.rules), _share(one, ratio)
    if abs(share - tier.threshold) <= tier.threshold * _NEAR:
        return None
    is_read_back = alerting.is_read_back(recorded, tier)
    long, short, theta = tier.tier.long, tier.tier.short, tier.threshold
    fires = burn.pair_detection(long=long, short=short, threshold=theta, ratio=share)
    ends = burn.pair_reset(long=long, short=short, threshold=theta, ratio=share)
    if is_read_back and fires is not None and ends is not None:
        fires, ends = _followed(one, ratio, fires, ends)
    # What is read back was recorded by one evaluation and is judged by another.
    seen = 2 * every.slow if is_read_back else every.fast
    return ExpectedAlert(
        slug=one.slug,
        tier=tier.tier.name,
        alert=alerting.name_of(tier),
        ratio=ratio,
        fires=fires,
        ends=ends,
        tolerance=seen + _grain(one, ratio, estate.rules.scrape_interval),
    )


@dataclass(frozen=True, slots=True)
class _Trial:
    """One objective at one error ratio."""

    recorded: Recorded
    ratio: Decimal
    is_steady: bool
    series: Mapping[str, samples.SampleSeries]


def _recordings(estate: Estate, service: str) -> Iterator[Recorded]:
    subject = next((one for one in estate.subjects if one.slug == service), None)
    for one in sorted(estate.objectives, key=lambda each: each.slug):
        if subject is not None and one.service == service:
            yield generate.recordings(
                estate=estate, subject=subject, objective=one, engine=Evaluator.VMALERT
            )


def _unfit(recorded: Recorded) -> str:
    """Return why an objective cannot be replayed; nothing when it can."""
    if recorded.source.scale != 1:
        return "its windows are shortened for a rehearsal"
    if not _replayed(recorded):
        return "it has no tier whose long window is three days or less"
    try:
        made = samples.samples(indicator=recorded.objective.indicator, ratio=_ONE, before=_ZERO)
    except samples.Unguessable as error:
        return str(error)
    is_named = all(not one.series.startswith("{") for one in made)
    return "" if is_named else "a selector of it names no metric"


def _too_long(recorded: Recorded) -> list[Omission]:
    return [
        Omission(recorded.objective.slug, f"{one.tier.name}: its long window exceeds three days")
        for one in recorded.chosen.tiers
        if one.tier.long > LONGEST
    ]


def _replayed(recorded: Recorded) -> tuple[Tier, ...]:
    return tuple(one for one in recorded.chosen.tiers if one.tier.long <= LONGEST)


def _trials(recorded: Recorded) -> Iterator[_Trial]:
    one = recorded.objective
    for ratio in RATIOS:
        made = samples.samples(indicator=one.indicator, ratio=ratio, before=_ZERO)
        yield _Trial(recorded, ratio, False, {each.series: each for each in made})
    if not indicators.is_sliced(one) and not _has_verdicts(one.indicator):
        least = min(each.threshold for each in _replayed(recorded)) * _QUIET
        share = min(round(least, 6), _ONE)
        made = samples.samples(indicator=one.indicator, ratio=share, before=share)
        yield _Trial(recorded, share, True, {each.series: each for each in made})


def _join(batches: list[list[_Trial]], trial: _Trial) -> None:
    """Add a trial to the first batch whose series it does not contradict."""
    for batch in batches:
        if all(samples.agree(one.series, trial.series) for one in batch):
            batch.append(trial)
            return
    batches.append([trial])


def _scenario(service: str, batch: Sequence[_Trial], estate: Estate) -> Scenario:
    expected = tuple(_expected(batch, estate))
    is_steady = batch[0].is_steady
    every = estate.rules.scrape_interval
    longest = max(tier.tier.long for one in batch for tier in _replayed(one.recorded))
    # What is always the same is the same to every window, full or not.
    history = _whole(_CALM * 2 if is_steady else longest + _CALM)
    lasts = max((one.fires + one.tolerance + _PAD for one in expected if one.fires), default=_CALM)
    after = max((one.ends + one.tolerance + _PAD for one in expected if one.ends), default=_CALM)
    ends = history + _whole(lasts)
    return Scenario(
        service=service,
        ratio=batch[0].ratio,
        is_steady=is_steady,
        series=tuple({name: each for one in batch for name, each in one.series.items()}.values()),
        every=every,
        fault_at=history,
        fault_ends_at=ends,
        ends_at=ends + _whole(after),
        expected=expected,
        unsure=frozenset(_alerts(batch)) - {(one.slug, one.alert) for one in expected},
    )


def _alerts(batch: Sequence[_Trial]) -> Iterator[tuple[str, str]]:
    for one in batch:
        for tier in one.recorded.chosen.tiers:
            yield one.recorded.objective.slug, alerting.name_of(tier)


def _expected(batch: Sequence[_Trial], estate: Estate) -> Iterator[ExpectedAlert]:
    for one in batch:
        for tier in _replayed(one.recorded):
            found = expectation(recorded=one.recorded, tier=tier, ratio=one.ratio, estate=estate)
            if found is not None:
                yield found


def _share(one: Objective, ratio: Decimal) -> Decimal:
    """Return the share that windows see of an error ratio: of a composite's parts, of slices."""
    if one.budgeting is Budgeting.TIMESLICES:
        return _ONE if ratio > indicators.slice_limit(one) else _ZERO
    if one.indicator.kind is not IndicatorKind.COMPOSITE:
        return ratio
    return min(ratio * sum((part.weight for part in one.indicator.parts), _ZERO), _ONE)


def _followed(
    one: Objective, ratio: Decimal, fires: timedelta, ends: timedelta
) -> tuple[timedelta, timedelta]:
    """Return the formula's times as series that are averages themselves follow them.

    Such an average climbs and falls evenly, so that the sum of them lags by half its window, and
    less before it has climbed. A slice is bad from when its share exceeds the limit.
    """
    if not indicators.is_sliced(one):
        return _lagged(fires, tiers.RECORDED), _lagged(ends, tiers.RECORDED)
    window = (one.slices or indicators.DEFAULT_SLICE).window
    if one.budgeting is not Budgeting.TIMESLICES:
        return _lagged(fires, window), _lagged(ends, window)
    bad_from = float(indicators.slice_limit(one) / ratio)
    return fires + window * bad_from, ends + window * (1 - bad_from)


def _lagged(span: timedelta, window: timedelta) -> timedelta:
    half = window / 2
    if span >= half:
        return span + half
    return timedelta(seconds=(2 * window.total_seconds() * span.total_seconds()) ** 0.5)


def _grain(one: Objective, ratio: Decimal, scrape: timedelta) -> timedelta:
    """Return how finely a fault is seen: to a scrape, to a few where only some are bad, to a slice.

    Whether a slice is bad is recorded once an evaluation, so that one which ends between two is
    seen late or not at all.
    """
    apart = scrape * float(_ONE / ratio) if _has_verdicts(one.indicator) else scrape
    sliced = (one.slices or indicators.DEFAULT_SLICE).window if indicators.is_sliced(one) else None
    return apart + (sliced or timedelta())


def _has_verdicts(one: Indicator) -> bool:
    """Return whether samples are good or bad, with nothing between."""
    if one.kind is IndicatorKind.COMPOSITE:
        return any(_has_verdicts(part.indicator) for part in one.parts)
    return one.kind is IndicatorKind.THRESHOLD


def _whole(span: timedelta) -> timedelta:
    return -(-span // _MINUTE) * _MINUTE
