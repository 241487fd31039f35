"""OpenSLO's objects and the catalogue's services: what is wanted must be said in one way only.

Target, period and peaks of a service are the catalogue's. An SLO may differ, as one for latency
may have to, when it says why in the annotation `andon.dev/target-reason`.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import TargetWindow
from andon.catalogue.types.declared import Catalogue, DeclaredService
from andon.catalogue.types.entity import PREFIX
from andon.catalogue.types.forms import WHOLE
from andon.core.documents.fields import Fields
from andon.core.documents.near import near_name, near_names
from andon.core.documents.problems import Gravity
from andon.slo.rules.documents import shorts
from andon.slo.rules.documents.openslo import policies, queries
from andon.slo.rules.documents.openslo.node import LONGEST_NAME, Mapped
from andon.slo.rules.documents.openslo.objectives import check_comparison
from andon.slo.rules.documents.openslo.parsed import Goal, Read, Sli, Slo, Window
from andon.slo.rules.documents.stored import span
from andon.slo.types import (
    Budgeting,
    CalendarWindow,
    CompositePart,
    Indicator,
    IndicatorKind,
    Objective,
    TimeSlice,
)

REASON, PEAKS = PREFIX + "target-reason", PREFIX + "peak-windows"
WITHOUT = shorts.WITHOUT
#: The annotations of ours that an SLO may carry.
KNOWN = frozenset({REASON, PEAKS, WITHOUT})
_CALENDAR = {"d": "day", "w": "week", "M": "month", "Q": "quarter", "Y": "year"}
_NOT_A_SLUG = re.compile(r"[^a-z0-9]+")


def objectives(found: Read, catalogue: Catalogue) -> Iterator[Objective]:
    """Yield the objectives of OpenSLO documents for services of the catalogue."""
    services = by_name(catalogue)
    names = _Names(services)
    for name, node in found.services.items():
        if name not in services:
            fix = names.near(name) or "Declare a Component of that name, or remove this."
            message = "no service of the catalogue has this name"
            warning = Gravity.WARNING
            node.refuse("slo-service", message, fix, gravity=warning, missing=name)
    for slo in found.slos.values():
        _check_annotations(slo)
        service = services.get(slo.service.lower())
        if service is None:
            _unknown(slo, names)
        else:
            yield from _Binding(slo, service, found, catalogue).objectives()


def by_name(catalogue: Catalogue) -> dict[str, DeclaredService]:
    """Return services by every name they answer to."""
    found = {alias: service for service in catalogue.services.values() for alias in service.aliases}
    return found | catalogue.services


def _unknown(slo: Slo, names: "_Names") -> None:
    if not slo.service:
        return
    message = f"is {slo.service[:80]!r}, which no file declares as a Component"
    fix = names.near(slo.service.lower()) or "Declare the service, or mend the name."
    spec = slo.node.spec(required=False)
    spec.refuse("slo-service", message, fix, key="service", missing=slo.service.lower())


class _Names:
    """Suggests services whose name is near a wrong one, as often as anybody would read it.

    Each search takes milliseconds: a folder with the wrong catalogue would be checked for minutes.
    """

    def __init__(self, services: Mapping[str, object]) -> None:
        self.known = list(services)[:500]
        self.left = 50

    def near(self, name: str) -> str:
        """Return a fix, empty when there is none to be had."""
        self.left -= 1
        near = near_names(name, self.known) if self.left > 0 else ()
        return f"Did you mean {' or '.join(near)}?" if near else ""


def _check_annotations(slo: Slo) -> None:
    node = _annotations(slo.node)
    for key in slo.metadata.annotations:
        if not key.startswith(PREFIX) or key in KNOWN:
            continue
        near = near_name(key, KNOWN, cutoff=0.6)
        fix = f"Did you mean `{near}`?" if near else f"Known: {', '.join(sorted(KNOWN))}."
        node.refuse("openslo-unknown", "is read by nobody", fix, key=key)


def _annotations(node: Mapped) -> Mapped:
    metadata = node.node("metadata") or node
    return metadata.node("annotations") or metadata


class _Binding:
    """One SLO and its service."""

    def __init__(
        self, slo: Slo, service: DeclaredService, found: Read, catalogue: Catalogue
    ) -> None:
        self.slo = slo
        self.service = service
        self.found = found
        self.organisation = catalogue.organisation
        self.rules: Fields = catalogue.organisation_entity.spec
        self.reason = slo.metadata.annotations.get(REASON, "").strip()
        self.failed = False

    def refuse(self, node: Mapped, rule: str, message: str, fix: str, *, key: str = "") -> None:
        self.failed = True
        node.refuse(rule, message, fix, key=key or None)

    def objectives(self) -> Iterator[Objective]:
        window = self.slo.window
        if not self.slo.goals or window is None or self.slo.budgeting is None:
            return
        calendar = self._calendar(window)
        self._check_period(window)
        self._check_peaks()
        if self.slo.is_composite:
            found = [(self._composite_goal(), self._composite(), "")]
        else:
            found = [
                (goal, self._indicator(goal, self.slo.sli, self.slo.sli_ref), self._suffix(goal))
                for goal in self.slo.goals
            ]
        for goal, indicator, suffix in found:
            one = self._objective(goal, indicator, suffix, window, calendar)
            if one is not None:
                yield one

    def _objective(
        self,
        goal: Goal | None,
        indicator: Indicator | None,
        suffix: str,
        window: Window,
        calendar: CalendarWindow | None,
    ) -> Objective | None:
        ppm = self._target(goal) if goal else None
        tiers = policies.tiers(self.slo, self.found, window)
        if self.failed or goal is None or ppm is None or tiers is None:
            return None
        if indicator is None or window.duration is None:
            return None
        slug = f"{self.slo.metadata.name}-{suffix}" if suffix else self.slo.metadata.name
        if len(slug) > LONGEST_NAME:
            fix = "Shorten the name or the displayName."
            goal.node.refuse("slo-name", f"makes {slug!r}, longer than {LONGEST_NAME}", fix)
            return None
        title = self.slo.metadata.display or self.slo.metadata.name
        return Objective(
            slug=slug,
            title=f"{title}: {goal.display}" if suffix else title,
            service=self.service.slug,
            indicator=indicator,
            target_ppm=ppm,
            window=window.duration.length,
            peaks=self._peaks(ppm),
            calendar=calendar,
            budgeting=self.slo.budgeting or Budgeting.OCCURRENCES,
            slices=_slices(goal, self.slo.budgeting),
            description=self.slo.description,
            tiers=tiers,
            without=self._without(),
            target_reason=self.reason if self._differs(ppm, window) else "",
            labels=self.slo.metadata.labels,
            declared_at=self.slo.node.place,
        )

    def _suffix(self, goal: Goal) -> str:
        """Return what tells one of several objectives from the others: never its position."""
        if len(self.slo.goals) == 1:
            return ""
        suffix = _NOT_A_SLUG.sub("-", goal.display.lower()).strip("-")
        same = [one for one in self.slo.goals if one.display.lower() == goal.display.lower()]
        if not suffix or len(same) > 1:
            fix = "Give each objective a displayName of its own: it becomes part of its name."
            self.refuse(goal.node, "slo-objective", "has no name of its own", fix)
        return suffix

    def _target(self, goal: Goal) -> int | None:
        if goal.target is None:
            return None
        ppm = goal.target * WHOLE
        key = "target" if goal.node.has("target") else "targetPercent"
        if ppm != ppm.to_integral_value() or not 0 < ppm < WHOLE:
            fix = "Write a target above 0 with at most six digits: 0.9995"
            message = "is no target that can be kept, in parts per million"
            self.refuse(goal.node, "slo-target", message, fix, key=key)
            return None
        wanted = self.service.target_ppm
        if int(ppm) != wanted and not self.reason:
            place = self._declared("availability-target")
            self.refuse(
                goal.node,
                "slo-target",
                f"is {format_target(int(ppm))}, but the availability target of "
                f"{self.service.slug} is {format_target(wanted)} ({place})",
                f"Write {key}: {_plain(wanted, key)}, change the service's target, "
                f"or say why in the annotation {REASON}.",
                key=key,
            )
            return None
        return int(ppm)

    def _check_period(self, window: Window) -> None:
        period = self.organisation.period
        if window.duration is None or window.duration.length == period or self.reason:
            return
        where = self._organisation()
        self.refuse(
            window.node,
            "slo-window",
            f"is {span(window.duration.length)}, but targets are over {span(period)} ({where})",
            f"Write duration: {period.days}d, or say why in the annotation {REASON}.",
            key="duration",
        )

    def _check_peaks(self) -> None:
        """Report peak windows of an SLO that are not those of its service."""
        text = self.slo.metadata.annotations.get(PEAKS)
        if text is None:
            return
        written = self.service.entity.annotations.comma_separated(PEAKS)
        stated = [part.strip() for part in text.split(",") if part.strip()]
        if sorted(stated) != sorted(written) and not self.reason:
            self.refuse(
                _annotations(self.slo.node),
                "slo-peaks",
                f"differs from the peak windows of {self.service.slug} "
                f"({self._declared('peak-windows')})",
                f"Remove it: the service's count. Or say why in the annotation {REASON}.",
                key=PEAKS,
            )

    def _peaks(self, ppm: int) -> tuple[TargetWindow, ...]:
        """Return the service's peaks; a target of its own has none."""
        return shorts.peaks(self.service) if ppm == self.service.target_ppm else ()

    def _differs(self, ppm: int, window: Window) -> bool:
        length = window.duration.length if window.duration else self.organisation.period
        return ppm != self.service.target_ppm or length != self.organisation.period

    def _calendar(self, window: Window) -> CalendarWindow | None:
        if window.starts is None or window.duration is None:
            self.failed = self.failed or window.node.has("calendar")
            return None
        unit = _CALENDAR.get(window.duration.unit)
        if unit is None:
            fix = "Write days, weeks, months, quarters or years: 1M"
            message = "is no length that a calendar repeats by"
            self.refuse(window.node, "slo-window", message, fix, key="duration")
            return None
        return CalendarWindow(window.starts, window.timezone, unit, window.duration.number)

    def _without(self) -> frozenset[str]:
        text = self.slo.metadata.annotations.get(WITHOUT, "")
        return frozenset(part.strip() for part in text.split(",") if part.strip())

    def _indicator(self, goal: Goal, sli: Sli | None, ref: str) -> Indicator | None:
        if sli is None:
            sli = self.found.slis.get(ref)
            if sli is None:
                return None
            check_comparison(goal, sli)
        found = queries.indicator(sli, goal, self.found)
        self.failed = self.failed or found is None
        return found

    def _composite_goal(self) -> Goal | None:
        """Return the goal that stands for a composite: its parts must agree about the target."""
        first, *others = self.slo.goals
        for goal in others:
            for key, same in (
                ("target", goal.target == first.target),
                ("timeSliceTarget", goal.slice_target == first.slice_target),
                ("timeSliceWindow", goal.slice_window == first.slice_window),
            ):
                if not same:
                    message = f"has another {key} than the first objective of the composite"
                    fix = "Write the same for all, and weigh them with compositeWeight."
                    self.refuse(goal.node, "slo-objective", message, fix)
                    return None
        return first

    def _composite(self) -> Indicator | None:
        parts = []
        names: set[str] = set()
        for number, goal in enumerate(self.slo.goals):
            found = self._indicator(goal, goal.sli, goal.sli_ref)
            if found is None:
                continue
            name = goal.display or goal.sli_ref or (goal.sli.name if goal.sli else "")
            name = name if name and name not in names else f"{name} {number + 1}".strip()
            names.add(name)
            parts.append(CompositePart(name, goal.weight, found))
        if len(parts) != len(self.slo.goals):
            return None
        return Indicator(IndicatorKind.COMPOSITE, parts=tuple(parts))

    def _declared(self, name: str) -> str:
        notes: Fields = self.service.entity.annotations
        line = notes.document.line_of((*notes.path, PREFIX + name))
        return f"{notes.document.file}:{line}"

    def _organisation(self) -> str:
        path = (*self.rules.path, "availabilityTargets", "period")
        return f"{self.rules.document.file}:{self.rules.document.line_of(path)}"


def _plain(ppm: int, key: str) -> str:
    share = Decimal(ppm) / WHOLE
    return f"{share if key == 'target' else share * 100:f}".rstrip("0").rstrip(".")


def _slices(goal: Goal, method: Budgeting | None) -> TimeSlice | None:
    if method is Budgeting.OCCURRENCES or goal.slice_window is None:
        return None
    target = goal.slice_target if method is Budgeting.TIMESLICES else None
    ppm = int((target * WHOLE).to_integral_value()) if target is not None else None
    return TimeSlice(goal.slice_window.length, ppm)
