"""From what was checked to the estate that telemetry is generated from."""

from andon.slo.documents.check import Checked
from andon.slo.rules import own
from andon.slo.types import Estate


def estate_of(checked: Checked, andon_url: str = "") -> Estate:
    """Return the estate a checked folder declares: what `slo.queries.estate` gives once applied.

    Raises ValueError when the folder has no organisation: then there are errors to be read.
    """
    if checked.catalogue is None:
        raise ValueError("there is no organisation, so there is nothing to generate")
    organisation = checked.catalogue.organisation
    estate = Estate(
        organisation=organisation.slug,
        title=organisation.title,
        currency=organisation.currency,
        rules=organisation.telemetry,
        andon_url=andon_url.rstrip("/"),
        subjects=checked.subjects,
        objectives=checked.objectives,
        alerts=checked.alerts,
    )
    return own.with_own(estate=estate) if estate.rules.watch_andon else estate
