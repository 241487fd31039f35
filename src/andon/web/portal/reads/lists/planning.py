"""The lists of planning: services by what their cover costs, and what a review proposes."""

from collections.abc import Iterable, Sequence

from andon.catalogue.types import Cover
from andon.planning.rules.review import ProposedMove
from andon.planning.types import Insured
from andon.web.portal.listing import Column, Filter, Listing

_COVERS = list(Cover)


def portfolio(services: Sequence[Insured]) -> Listing:
    """Return what the list of services in a portfolio can do."""
    return Listing(
        noun="service",
        nouns="services",
        usual="service",
        search_label="Find by name, team or domain",
        holds=lambda row: " ".join(
            (row.service.slug, row.service.title, row.service.team, row.service.domain or "")
        ),
        columns=(
            Column(name="service", title="Service", key=lambda row: row.service.title.lower()),
            Column(name="team", title="Team", key=lambda row: row.service.team),
            Column(name="domain", title="Domain", key=lambda row: row.service.domain),
            Column(name="target", title="Target", key=lambda row: row.service.target_ppm),
            Column(
                name="cover", title="Cover", key=lambda row: _COVERS.index(Cover(row.service.cover))
            ),
            Column(
                name="exposure",
                title="Exposure an hour",
                key=lambda row: row.service.exposure_per_hour.minor,
                number=True,
            ),
            Column(
                name="share",
                title="Share a year",
                key=lambda row: row.cost_per_year.minor,
                number=True,
            ),
        ),
        filters=(
            Filter(
                name="team",
                title="Team",
                choices=_choices(one.team for one in services),
                keep=lambda row, team: row.service.team == team,
                form="typed",
            ),
            Filter(
                name="domain",
                title="Domain",
                choices=_choices(one.domain for one in services if one.domain),
                keep=lambda row, domain: row.service.domain == domain,
                form="typed",
            ),
            Filter(
                name="cover",
                title="Cover",
                choices=_choices(Cover),
                keep=lambda row, cover: row.service.cover == cover,
            ),
        ),
    )


def reviews() -> Listing:
    """Return what the list of a review's proposals can do."""
    return Listing(
        noun="proposal",
        nouns="proposals",
        usual="service",
        search_label="Find by service",
        holds=lambda one: f"{one.slug} {one.words}",
        columns=(
            Column(name="service", title="Service", key=lambda one: one.slug),
            Column(name="kind", title="Kind", key=lambda one: one.move),
            Column(
                name="worth",
                title="Saves a year",
                key=lambda one: one.worth.minor if one.worth is not None else None,
            ),
        ),
        filters=(
            Filter(
                name="state",
                title="Kind",
                choices=_choices(ProposedMove),
                keep=lambda one, move: one.move == move,
            ),
        ),
    )


def _choices(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(one, one) for one in sorted({str(value) for value in values})]
