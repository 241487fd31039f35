"""The estate that telemetry is generated from, put together the same way from files and rows."""

from andon.catalogue.types import Organisation
from andon.slo.rules import own
from andon.slo.types import Estate, Objective, OwnAlert, Subject


def estate_from(
    *,
    organisation: Organisation,
    subjects: tuple[Subject, ...],
    objectives: tuple[Objective, ...],
    alerts: tuple[OwnAlert, ...],
    andon_url: str = "",
) -> Estate:
    """Return the estate of an organisation, Andon itself among it where it is to be watched."""
    found = Estate(
        organisation=organisation.slug,
        title=organisation.title,
        currency=organisation.currency,
        rules=organisation.telemetry,
        andon_url=andon_url.rstrip("/"),
        subjects=subjects,
        objectives=objectives,
        alerts=alerts,
    )
    return own.with_own(estate=found) if found.rules.watch_andon else found
