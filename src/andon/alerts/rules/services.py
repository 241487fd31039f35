"""Which service an alert is about, and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

#: Labels that name a service, the first that the catalogue knows wins.
SERVICE_LABELS = ("service", "service_name", "app", "app_kubernetes_io_name", "job")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name the alert gives, and where in the alert it stands."""

    ref: str
    place: str


def candidates(service_ref: str, labels: Mapping[str, str]) -> list[Candidate]:
    """Return the names that may be the service, in the order to try them."""
    found: dict[str, Candidate] = {}
    if service_ref:
        found[service_ref.casefold()] = Candidate(service_ref, "the sender's service")
    for label in SERVICE_LABELS:
        value = labels.get(label, "")
        if value:
            found.setdefault(value.casefold(), Candidate(value, f"label {label}"))
    return list(found.values())


def explain(tried: Collection[Candidate]) -> str:
    """Return why no service was found, in words."""
    if not tried:
        return "The alert names no service."
    names = ", ".join(f'"{name.ref:.60}" ({name.place})' for name in tried)
    return f"The catalogue knows none of the names in the alert: {names}."[:300]
