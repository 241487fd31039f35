"""What concerns whoever reads: am I on call, what is mine, what waits for me."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from andon.catalogue import queries as catalogue
from andon.catalogue.types import Organisation
from andon.incidents import queries as incidents
from andon.incidents.types import Condition, Incident
from andon.oncall import queries as rotas
from andon.oncall import rules
from andon.oncall.types import Served
from andon.paging import queries as paging
from andon.paging.types import PageRow
from andon.people import queries as people
from andon.people.types import SignedIn
from andon.web.portal.reads import fires

#: Of each kind that the first page shows; the lists have them all.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Own:
    """What the first page says to one person."""

    #: The rotas somebody has now, and the next turn that is not one of them, if there is any.
    on_call: Sequence[Served]
    coming: Served | None
    services: int
    #: (slug, name, state) of one's services that are not well, the worst first.
    unwell: Sequence[tuple[str, str, str]]
    #: Pages one was told of and nobody has taken.
    pages: Sequence[PageRow]
    #: Active incidents one has taken, or of one's services.
    incidents: Sequence[fires.Fire]
    #: Incidents one has taken that are over and that nobody has closed.
    to_close: Sequence[Incident]
    #: Whether no page could reach this person: no address, or none that works.
    unreachable: bool

    @property
    def more_unwell(self) -> int:
        """Return how many services are not well beyond those shown."""
        return max(len(self.unwell) - _SHOWN, 0)

    @property
    def has_work(self) -> bool:
        """Return whether anything waits for this person."""
        return bool(self.pages or self.incidents or self.to_close or self.unreachable)


def of(*, person: SignedIn, organisation: Organisation, now: datetime) -> Own:
    """Return what concerns a person at an instant. The number of queries never grows."""
    turns = rotas.coming_shifts(
        person=person.slug, slugs=rotas.rotas_naming(person=person.slug, now=now), now=now
    )
    running = [one for one in turns if rules.is_on_call(served=one, now=now)]
    names = catalogue.names_of_own(viewer_id=person.id)
    states = fires.troubled(organisation=organisation, now=now)
    words = [word for word, _ in fires.CONDITIONS if word != Condition.OK]
    unwell = [slug for word in words for slug in sorted(names) if states.get(slug) == word]
    pages = paging.list_untaken_told(person_id=person.id, most=_SHOWN)
    return Own(
        on_call=running,
        coming=next((one for one in turns if one not in running), None),
        services=len(names),
        unwell=[(slug, names[slug], states[slug]) for slug in unwell],
        pages=pages,
        incidents=[
            fires.fire(incident=one, organisation=organisation, now=now)
            for one in incidents.list_own_active(
                viewer_id=person.id, but=[one.id for one in pages], most=_SHOWN
            )
        ],
        to_close=incidents.list_to_close(viewer_id=person.id, most=_SHOWN),
        unreachable=bool(turns) and not people.is_reachable(person_id=person.id),
    )
