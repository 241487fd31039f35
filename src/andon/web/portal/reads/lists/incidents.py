"""The list of incidents."""

from collections.abc import Sequence

from andon.alerts.types import AlertKind
from andon.web.portal.listing import MINE, Column, Filter, Listing
from andon.web.portal.reads.lists import filters

#: (value, words), as the list shows states.
_STATES = (
    ("active", "Active"),
    ("open", "Open"),
    ("acknowledged", "Acknowledged"),
    ("held", "Held"),
    ("restored", "Restored"),
    ("closed", "Closed"),
)


def incidents(*, severities: Sequence[str]) -> Listing:
    """Return what the list of incidents can do."""
    return Listing(
        noun="incident",
        nouns="incidents",
        usual="-incident",
        search_label="Find by number, service or words",
        columns=(
            Column(name="incident", title="Incident", falls=True),
            Column(name="state", title="State"),
            Column(name="service", title="Service"),
            Column(name="what", title="What"),
            Column(name="severity", title="Severity"),
            Column(name="started", title="Started", falls=True),
            Column(name="lasted", title="Lasted", number=True),
            Column(name="lost", title="Lost", number=True),
        ),
        filters=(
            Filter(name="state", title="State", choices=_STATES),
            filters.team(),
            Filter(name="severity", title="Severity", choices=[(one, one) for one in severities]),
            Filter(name="kind", title="Kind", choices=[(str(one), str(one)) for one in AlertKind]),
            Filter(name="from", title="Started on or after", choices=None, form="day"),
            Filter(name="until", title="Started on or before", choices=None, form="day"),
            MINE,
        ),
    )
