"""The lists of what is declared: services, teams, domains, people."""

from datetime import datetime

from django.db.models import OuterRef, Q, Subquery
from django.db.models.expressions import F
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from andon.catalogue import queries as catalogue
from andon.catalogue.types import Cover, DomainKind, Organisation
from andon.people.models import Team
from andon.web.portal.listing import Column, Filter, Listing, mine
from andon.web.portal.reads import fires
from andon.web.portal.reads.lists import filters

_COVERS = {Cover.TEAM: "team rota", Cover.DOMAIN: "domain rota", Cover.NONE: "no cover"}


def services(*, organisation: Organisation, viewer_id: int, now: datetime) -> Listing:
    """Return what the list of services can do."""
    covers = catalogue.cover_order(organisation=organisation, at=now)
    ranks = {str(one): rank for rank, one in enumerate(Cover)}
    troubled = fires.troubled(organisation=organisation, now=now)
    return Listing(
        noun="service",
        nouns="services",
        usual="service",
        search=lambda words, _: catalogue.holds(kind="service", words=words),
        columns=(
            Column(name="service", title="Service", order=Lower("title")),
            Column(name="status", title="Status", order=fires.order(troubled)),
            Column(name="owner", title="Owner", order=Lower("owner__title")),
            Column(name="target", title="Target", order=catalogue.target_order(at=now)),
            Column(name="cover", title="Out of hours", order=covers),
            Column(name="risk", title="At risk per hour", order=F("exposure_minor"), number=True),
        ),
        filters=(
            Filter(
                name="state",
                title="Status",
                choices=fires.CONDITIONS,
                narrow=lambda state: fires.narrow(troubled, state),
            ),
            filters.team(lambda slug: Q(owner__slug=slug)),
            filters.domain(lambda slug: Q(domain__slug=slug)),
            Filter(
                name="cover",
                title="Out of hours",
                choices=[(str(one), words) for one, words in _COVERS.items()],
                narrow=lambda cover: Q(Exact(covers, ranks[cover])),
            ),
            mine(lambda _: filters.own_services(viewer_id)),
        ),
    )


def teams(*, viewer_id: int) -> Listing:
    """Return what the list of teams can do."""
    return Listing(
        noun="team",
        nouns="teams",
        usual="team",
        search=lambda words, _: catalogue.holds(kind="team", words=words),
        columns=(
            Column(name="team", title="Team", order=Lower("title")),
            Column(name="services", title="Services", order=F("service_count"), number=True),
            Column(name="people", title="People", order=F("member_count"), number=True),
            Column(name="channel", title="Channel", order=Lower("channel")),
        ),
        filters=(mine(lambda _: Q(pk__in=filters.teams_of(viewer_id))),),
    )


def domains() -> Listing:
    """Return what the list of domains can do."""
    return Listing(
        noun="domain",
        nouns="domains",
        usual="domain",
        search=lambda words, _: catalogue.holds(kind="domain", words=words),
        columns=(
            Column(name="domain", title="Domain", order=Lower("title")),
            Column(name="kind", title="Kind", order=F("kind")),
            Column(name="owner", title="Run by", order=Lower("owner__title")),
            Column(name="services", title="Services", order=F("service_count"), number=True),
        ),
        filters=(
            Filter(
                name="kind",
                title="Kind",
                choices=[(str(one), str(one)) for one in DomainKind],
                narrow=lambda kind: Q(kind=kind),
            ),
        ),
    )


def people(*, viewer_id: int) -> Listing:
    """Return what the list of people can do."""
    first = Team.objects.filter(memberships__person=OuterRef("pk"), retired_at__isnull=True)
    team = Subquery(first.order_by(Lower("title")).values(lower=Lower("title"))[:1])
    return Listing(
        noun="person",
        nouns="people",
        usual="name",
        search=lambda words, _: catalogue.holds(kind="person", words=words),
        columns=(
            Column(name="name", title="Name", order=Lower("name")),
            Column(name="short", title="Short name", order=F("slug")),
            Column(name="teams", title="Teams", order=team),
            Column(name="zone", title="Time zone", order=F("timezone")),
        ),
        filters=(
            filters.team(lambda slug: Q(pk__in=_members(Q(slug=slug)))),
            mine(lambda _: Q(pk__in=_members(Q(pk__in=filters.teams_of(viewer_id))))),
        ),
    )


def _members(of: Q):  # type: ignore[no-untyped-def] # a queryset of keys
    return Team.objects.filter(of).values("members")
