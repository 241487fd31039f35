"""The `andon.dev/` annotations: which kinds may carry which. docs/catalogue.md explains them."""

from andon.catalogue.types.entity import PREFIX
from andon.people.types import CONTACT_KINDS, EMAIL


def _names(*names: str) -> frozenset[str]:
    return frozenset(PREFIX + name for name in names)


#: Sums, which need a currency.
MONEY = _names("financial-exposure-per-hour", "incident-cost", "loss-cap")

#: For the insurance model; documents/insurance.py reads them.
INSURANCE = _names(
    "blast-radius",
    "incident-cost",
    "incidents-per-year",
    "loss-cap",
    "seasons",
    "shuttered-share",
    "time-to-restore",
    "time-to-restore-sigma",
    "trading-week",
)

#: What generated telemetry measures a service by; slo/documents/shorts.py reads them.
TELEMETRY = _names(
    "cloudwatch-bad",
    "cloudwatch-dimensions",
    "cloudwatch-namespace",
    "cloudwatch-region",
    "cloudwatch-topic",
    "cloudwatch-total",
    "planned-closures",
    "scrape-job",
    "slo-errors",
    "slo-good",
    "slo-latency",
    "slo-probe",
    "slo-total",
    "slo-without-tiers",
)

_KNOWN: dict[str, frozenset[str]] = {
    "component": _names(
        "aliases",
        "availability-target",
        "budget-holder",
        "dashboard",
        "deployment-target",
        "financial-exposure-per-hour",
        "funding",
        "oncall-domain",
        "out-of-hours",
        "out-of-hours-reason",
        "peak-windows",
        "runbook",
        "shutter-profile",
        "soft-dependencies",
        "target-period",
    )
    | INSURANCE
    | TELEMETRY,
    "domain": _names("aliases", "budget-holder"),
    "group": _names("aliases", "channel"),
    "resource": _names("aliases"),
    "rota": _names("aliases"),
    "user": _names("timezone"),
}


def known(kind: str) -> frozenset[str]:
    """Return the annotations that entities of a kind may carry."""
    names = _KNOWN.get(kind, frozenset())
    return names | _names(*contacts()) if kind == "user" else names


def contacts() -> list[str]:
    """Return the kinds of contact that annotations of people name: mail has a field of its own."""
    return [name for name in CONTACT_KINDS.names() if name != EMAIL]
