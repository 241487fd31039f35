"""How bad an incident is, by the money it puts at risk."""

from collections.abc import Sequence

from andon.alerts.types import AlertKind
from andon.catalogue.types import SeverityClass
from andon.core.money import Money
from andon.incidents.types import IncidentSeverity

_NOTHING = "it has no severity, costs nothing and counts in no figure."
_WHY_NONE = {
    AlertKind.EXERCISE: f"An exercise: {_NOTHING}",
    AlertKind.TEST: f"A test: {_NOTHING}",
}


def severity(
    *,
    exposure_per_hour: Money | None,
    classes: Sequence[SeverityClass],
    kind: AlertKind = AlertKind.INCIDENT,
    is_down: bool = True,
) -> IncidentSeverity:
    """Return the class of an incident: the highest one whose money at risk per hour it reaches.

    When nobody knows what an hour costs the highest class is taken: unsure means higher. Exercises
    and tests have none. With warnings alone (`is_down` false) it is the lowest class: nothing says
    that so much is being lost.
    """
    if kind in _WHY_NONE:
        return IncidentSeverity("", False, _WHY_NONE[kind])
    if not classes:
        return IncidentSeverity("", False, "The organisation has declared no severity classes.")
    ordered = sorted(classes, key=lambda c: c.at_least_per_hour.minor, reverse=True)
    if not is_down:
        return _of_warnings(exposure_per_hour, ordered)
    if exposure_per_hour is None:
        why = "Nobody has estimated what an hour of this costs"
        return _class(ordered[0], f"{why}; unsure means higher: {ordered[0].name}.")
    if any(c.at_least_per_hour.currency != exposure_per_hour.currency for c in ordered):
        why = f"The exposure of {exposure_per_hour} an hour is not in the classes' currency"
        return _class(ordered[0], f"{why}; unsure means higher: {ordered[0].name}.")
    return _highest_reached(exposure_per_hour, ordered)


def _of_warnings(exposure: Money | None, ordered: Sequence[SeverityClass]) -> IncidentSeverity:
    risk = f"; {exposure} an hour would be at risk if it were" if exposure else ""
    why = f"Warnings alone, which do not say that it is down{risk}"
    lowest = ordered[-1]
    if lowest.major:
        return IncidentSeverity("", False, f"{why}.")
    return _class(lowest, f"{why}: {lowest.name}, the lowest.")


def _highest_reached(exposure: Money, ordered: Sequence[SeverityClass]) -> IncidentSeverity:
    for candidate in ordered:
        if candidate.at_least_per_hour <= exposure:
            floor = candidate.at_least_per_hour
            begins = f" begins at {floor} an hour" if floor.minor else ", for all below the others"
            return _class(candidate, f"{exposure} an hour at risk: {candidate.name}{begins}.")
    lowest = ordered[-1]
    return IncidentSeverity(
        "",
        False,
        f"{exposure} an hour at risk is below every class; "
        f"{lowest.name} begins at {lowest.at_least_per_hour} an hour.",
    )


def _class(chosen: SeverityClass, reason: str) -> IncidentSeverity:
    return IncidentSeverity(chosen.name, chosen.major, reason, chosen.update_every)
