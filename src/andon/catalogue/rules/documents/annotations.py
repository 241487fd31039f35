"""The `andon.dev/` annotations: which kinds may carry which. docs/catalogue.md explains them."""

from andon.catalogue.types import Insurance
from andon.catalogue.types.entity import NOTES, PREFIX
from andon.catalogue.types.written import WrittenTelemetry, keys, names
from andon.core.documents import declaring, writing
from andon.people.types import CONTACT_KINDS, EMAIL

#: Sums, which need a currency.
MONEY = frozenset(one.name for one in keys("component", NOTES) if one.kind is writing.SUM)
#: For the insurance model; documents/insurance.py reads them.
INSURANCE = frozenset(declaring.names(Insurance, NOTES))
#: What generated telemetry measures a service by; slo reads them.
TELEMETRY = frozenset(declaring.names(WrittenTelemetry, NOTES))


def known(kind: str) -> frozenset[str]:
    """Return the annotations that entities of a kind may carry."""
    more = {PREFIX + name for name in contacts()} if kind == "user" else ()
    return names(kind).union(more)


def contacts() -> list[str]:
    """Return the kinds of contact that annotations of people name: mail has a field of its own."""
    return [name for name in CONTACT_KINDS.names() if name != EMAIL]
