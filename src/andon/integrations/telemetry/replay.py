"""vmalert's replay of generated rules: what fires when on made-up traffic, beside the formulas.

vmalert evaluates each rule over the whole time at once. A rule that reads what another records
finds it only if that was written before, so the rules of a file are replayed level by level:
first those that read no recorded series, then those that read them. Their text stays as it is.
"""

import itertools
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from andon.core.words import say_share
from andon.integrations.telemetry.throwaway import HOST, ThrowawayStore, UnableToReplay, throw_away
from andon.slo.types import Estate
from andon.telemetry.rules import scenario as scenarios
from andon.telemetry.rules.scenario import ExpectedAlert, Omission, Scenario
from andon.telemetry.rules.yaml import dump

#: Services that one run replays; others are named with --service.
MOST_SERVICES = 100
#: Before every peak and planned closure, so that the ordinary target is in force.
_CLOCK = datetime(2001, 1, 1, tzinfo=UTC)
#: Between two scenarios, so that no window sees both.
_APART = scenarios.LONGEST + timedelta(days=1)
_NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_SECONDS = 300.0
_FLAGS = (
    # Levels are waited for, so that rules need not wait for each other.
    "-replay.rulesDelay=1ms",
    # In one piece: the beginning of a later one knows nothing of the end of the one before.
    "-replay.maxDatapointsPerQuery=1000000",
    "-remoteWrite.flushInterval=50ms",
    "-remoteWrite.maxQueueSize=1000000",
    "-loggerLevel=ERROR",
)

Rules = dict[str, Any]
#: A scenario, and the time of the store at which it begins.
_Placed = tuple[datetime, Scenario]


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """What is replayed, and what is not, with the reason."""

    scenarios: tuple[Scenario, ...]
    omitted: tuple[Omission, ...]
    #: Services beyond those that one run replays.
    more: int = 0


@dataclass(frozen=True, slots=True)
class ReplayedAlert:
    """What an alert did in a replay, beside what was expected of it."""

    service: str
    expected: ExpectedAlert
    #: From the start of the fault; None: it did not fire.
    fires: timedelta | None
    #: From the end of the fault.
    ends: timedelta | None
    #: What is wrong about it; empty when nothing is.
    problem: str

    @property
    def off(self) -> timedelta:
        """Return how far it was from the formulas."""
        pairs = ((self.fires, self.expected.fires), (self.ends, self.expected.ends))
        known = (abs(one - other) for one, other in pairs if one is not None and other is not None)
        return max(known, default=timedelta(0))

    @property
    def words(self) -> str:
        """Return what was seen and what should have been, in a sentence."""
        one = self.expected
        seen = "never" if self.fires is None else f"after {self.fires}, ends after {self.ends}"
        due = "never" if one.fires is None else f"after {one.fires}, ends after {one.ends}"
        return (
            f"{one.slug} {one.alert} at {say_share(one.ratio)}: {self.problem}: {seen}; due {due}"
        )


def plan(estate: Estate) -> ReplayPlan:
    """Return the scenarios of every service with objectives, of the first hundred of them."""
    services = sorted({one.service for one in estate.objectives})
    made: list[Scenario] = []
    omitted: list[Omission] = []
    for service in services[:MOST_SERVICES]:
        some, left_out = scenarios.scenarios(estate=estate, service=service)
        made += some
        omitted += left_out
    return ReplayPlan(tuple(made), tuple(omitted), max(len(services) - MOST_SERVICES, 0))


def run(
    found: ReplayPlan,
    *,
    folder: Path,
    vmalert: str,
    victoria_metrics: str,
    advance: Callable[[], None] = lambda: None,
) -> list[ReplayedAlert]:
    """Replay every scenario on the rules in a generated folder; `advance` is called for each.

    What seems wrong is replayed once more in a store of its own before it is said: VictoriaMetrics
    shows a new series late to a query that it answered just before.

    Raises UnableToReplay when a program fails.
    """
    tools = (folder, vmalert, victoria_metrics)
    seen = _all(list(_placed(found.scenarios)), *tools, advance)
    doubted = [one for one, alerts in seen if any(alert.problem for alert in alerts)]
    again = dict(_all(doubted, *tools, lambda: None)) if doubted else {}
    alerts = [alert for one, first in seen for alert in again.get(one, first)]
    return sorted(alerts, key=_order)


def _all(
    placed: Sequence[_Placed],
    folder: Path,
    vmalert: str,
    victoria_metrics: str,
    advance: Callable[[], None],
) -> list[tuple[_Placed, list[ReplayedAlert]]]:
    seen = []
    with (
        throw_away(victoria_metrics) as store,
        tempfile.TemporaryDirectory(prefix="andon-replay-rules-") as name,
    ):

        def one(number: int) -> list[ReplayedAlert]:
            at, made = placed[number]
            text = (folder / f"vmalert/rules/{made.service}.yml").read_text(encoding="utf-8")
            here = Path(name, str(number))
            here.mkdir()
            return _Replay(made, at, store, vmalert, here).run(text)

        pool = ThreadPoolExecutor(min(len(placed), os.cpu_count() or 1) or 1)
        try:
            for number, some in enumerate(pool.map(one, range(len(placed)))):
                advance()
                seen.append((placed[number], some))
        finally:
            pool.shutdown(cancel_futures=True)
    return seen


def levels(text: str, *, slugs: frozenset[str]) -> list[tuple[str, Rules, bool]]:
    """Return a rule file in the parts to replay one after the other: interval, groups, `records`.

    Without the rules of other objectives, without alerts that belong to none (a team's own), and
    without recorded series that no alert reads.
    """
    groups = [
        {**group, "rules": [one for one in group["rules"] if _slug(one) in slugs]}
        for group in yaml.safe_load(text)["groups"]
    ]
    rules = [one for group in groups for one in group["rules"]]
    reads = _reads(rules)
    needed = _needed(rules, reads)
    kept: dict[tuple[int, str], list[Rules]] = {}
    for group in groups:
        for one in group["rules"]:
            if "record" in one and one["record"] not in needed:
                continue
            key = (_level(_read_by(one, reads), reads), str(group["interval"]))
            parts = kept.setdefault(key, [])
            if not parts or parts[-1]["name"] != group["name"]:
                parts.append({**group, "rules": []})
            parts[-1]["rules"].append(one)
    return [
        (interval, {"groups": parts}, any("record" in r for p in parts for r in p["rules"]))
        for (_, interval), parts in sorted(kept.items(), key=lambda item: item[0])
    ]


@dataclass(frozen=True, slots=True)
class _Replay:
    """One scenario, at its own time in the store."""

    scenario: Scenario
    at: datetime
    store: ThrowawayStore
    vmalert: str
    folder: Path

    def run(self, text: str) -> list[ReplayedAlert]:
        self.store.write(self._lines())
        for number, (interval, groups, records) in enumerate(
            levels(text, slugs=self.scenario.slugs)
        ):
            file = self.folder / f"{number}.yml"
            file.write_text(dump(groups), encoding="utf-8")
            since = self.at if records else self.at + self.scenario.judged_from
            self._evaluate(file, interval, since)
            self.store.flush()
        return list(self._judged(self._firing()))

    def _lines(self) -> Iterator[str]:
        start, every = _millis(self.at), self.scenario.every // timedelta(milliseconds=1)
        for one in self.scenario.series:
            for number, value in enumerate(self.scenario.values(one)):
                yield f"{one.series} {value!r} {start + number * every}"

    def _evaluate(self, file: Path, interval: str, since: datetime) -> None:
        command = [
            self.vmalert,
            f"-rule={file}",
            f"-datasource.url={self.store.url}",
            f"-remoteWrite.url={self.store.url}",
            f"-replay.timeFrom={_written(since)}",
            f"-replay.timeTo={_written(self.at + self.scenario.ends_at)}",
            # A replay steps by this, whatever the interval of a group.
            f"-datasource.queryStep={interval}",
            f"-httpListenAddr={HOST}:0",
            *_FLAGS,
        ]
        try:
            done = subprocess.run(  # noqa: S603 - a program found on PATH, our own arguments
                command, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnableToReplay(f"vmalert could not replay {self._name}: {error}") from error
        if done.returncode != 0:
            raise UnableToReplay(f"vmalert could not replay {self._name}:\n{done.stderr[-2000:]}")

    def _firing(self) -> dict[tuple[str, str], list[timedelta]]:
        """Return when each alert fired, by objective and name, from the first sample on."""
        found: dict[tuple[str, str], list[timedelta]] = {}
        since, until = self.at + self.scenario.judged_from, self.at + self.scenario.ends_at
        for one in self.store.read('ALERTS{alertstate="firing"}', since=since, until=until):
            key = (one["metric"].get("slo", ""), one["metric"]["alertname"])
            start = _millis(self.at)
            moments = found.setdefault(key, [])
            moments += [timedelta(milliseconds=each - start) for each in one["timestamps"]]
        return {key: sorted(set(moments)) for key, moments in found.items()}

    def _judged(self, firing: Mapping[tuple[str, str], list[timedelta]]) -> Iterator[ReplayedAlert]:
        made = self.scenario
        known: set[tuple[str, str]] = set()
        for one in made.expected:
            known.add((one.slug, one.alert))
            moments = firing.get((one.slug, one.alert), [])
            fires = moments[0] - made.fault_at if moments else None
            ends = moments[-1] - made.fault_ends_at if moments else None
            problem = _problem(one, fires, ends, made) or _gap(one, moments)
            yield ReplayedAlert(made.service, one, fires, ends, problem)
        for (slug, alert), moments in sorted(firing.items()):
            if slug in made.slugs and (slug, alert) not in known | made.unsure:
                fires, ends = moments[0] - made.fault_at, moments[-1] - made.fault_ends_at
                never = ExpectedAlert(slug, "", alert, made.ratio, None, None, timedelta(0))
                yield ReplayedAlert(made.service, never, fires, ends, "fires, and should not")

    @property
    def _name(self) -> str:
        return f"{self.scenario.service} at {say_share(self.scenario.ratio)}"


def _problem(
    one: ExpectedAlert, fires: timedelta | None, ends: timedelta | None, made: Scenario
) -> str:
    """Return what is wrong about when an alert fired and ended; empty when nothing is."""
    if one.fires is None or one.ends is None:
        return "fires, and should not" if fires is not None else ""
    if fires is None or ends is None:
        return "does not fire"
    if abs(fires - one.fires) > one.tolerance:
        return "fires too soon" if fires < one.fires else "fires too late"
    if made.fault_ends_at + ends >= made.ends_at:
        return "does not end"
    if abs(ends - one.ends) > one.tolerance:
        return "ends too soon" if ends < one.ends else "ends too late"
    return ""


def _gap(one: ExpectedAlert, moments: Sequence[timedelta]) -> str:
    """Return whether an alert stopped in between, longer than can be told from a late look."""
    apart = (later - sooner for sooner, later in itertools.pairwise(moments))
    return "stops and fires again" if any(gap > one.tolerance for gap in apart) else ""


def _placed(made: Sequence[Scenario]) -> Iterator[tuple[datetime, Scenario]]:
    at = _CLOCK
    for one in made:
        yield at, one
        at += timedelta(days=-(-(one.ends_at + _APART) // timedelta(days=1)))


def _slug(rule: Rules) -> str:
    return str(rule.get("labels", {}).get("slo", ""))


def _reads(rules: Sequence[Rules]) -> dict[str, set[str]]:
    """Return by each recorded series which others it is computed of."""
    names = {one["record"]: set[str]() for one in rules if "record" in one}
    for one in rules:
        if "record" in one:
            names[one["record"]] |= _read_by(one, names) - {one["record"]}
    return names


def _read_by(rule: Rules, names: Mapping[str, object]) -> set[str]:
    return {one for one in _NAME.findall(rule["expr"]) if one in names}


def _needed(rules: Sequence[Rules], reads: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    todo = {name for one in rules if "alert" in one for name in _read_by(one, reads)}
    while todo:
        found |= todo
        todo = {other for name in todo for other in reads[name]} - found
    return found


def _level(
    names: set[str], reads: Mapping[str, set[str]], seen: frozenset[str] = frozenset()
) -> int:
    """Return how many rules must have been replayed, one after the other, before."""
    below = (_level(reads[one], reads, seen | {one}) for one in names - seen)
    return 1 + max(below, default=-1)


def _order(one: ReplayedAlert) -> tuple[str, str, bool, str, Decimal]:
    expected = one.expected
    return (one.service, expected.slug, not expected.tier, expected.tier, expected.ratio)


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
