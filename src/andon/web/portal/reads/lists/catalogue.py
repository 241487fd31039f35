"""The lists of what is declared: services, teams, domains, people."""

from andon.catalogue.types import Cover, DomainKind
from andon.web.portal.listing import MINE, Column, Filter, Listing
from andon.web.portal.reads import fires
from andon.web.portal.reads.lists import filters

_COVERS = {Cover.TEAM: "team rota", Cover.DOMAIN: "domain rota", Cover.NONE: "no cover"}


def services() -> Listing:
    """Return what the list of services can do."""
    return Listing(
        noun="service",
        nouns="services",
        usual="service",
        columns=(
            Column(name="service", title="Service"),
            Column(name="status", title="Status"),
            Column(name="owner", title="Owner"),
            Column(name="target", title="Target"),
            Column(name="cover", title="Out of hours"),
            Column(name="risk", title="At risk per hour", number=True),
        ),
        filters=(
            Filter(name="state", title="Status", choices=fires.CONDITIONS),
            filters.team(),
            filters.domain(),
            Filter(
                name="cover",
                title="Out of hours",
                choices=[(str(one), words) for one, words in _COVERS.items()],
            ),
            MINE,
        ),
    )


def teams() -> Listing:
    """Return what the list of teams can do."""
    return Listing(
        noun="team",
        nouns="teams",
        usual="team",
        columns=(
            Column(name="team", title="Team"),
            Column(name="services", title="Services", number=True),
            Column(name="people", title="People", number=True),
            Column(name="channel", title="Channel"),
        ),
        filters=(MINE,),
    )


def domains() -> Listing:
    """Return what the list of domains can do."""
    return Listing(
        noun="domain",
        nouns="domains",
        usual="domain",
        columns=(
            Column(name="domain", title="Domain"),
            Column(name="kind", title="Kind"),
            Column(name="owner", title="Run by"),
            Column(name="services", title="Services", number=True),
        ),
        filters=(
            Filter(name="kind", title="Kind", choices=[(str(one), str(one)) for one in DomainKind]),
        ),
    )


def people() -> Listing:
    """Return what the list of people can do."""
    return Listing(
        noun="person",
        nouns="people",
        usual="name",
        columns=(
            Column(name="name", title="Name"),
            Column(name="short", title="Short name"),
            Column(name="teams", title="Teams"),
            Column(name="zone", title="Time zone"),
        ),
        filters=(filters.team(), MINE),
    )
