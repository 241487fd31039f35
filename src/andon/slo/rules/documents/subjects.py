"""Services as generated telemetry needs them: from files here, and from rows in `slo.queries`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from andon.catalogue.rules.cover import needs_rota
from andon.catalogue.types import Cover, Hardness, RotaCovers
from andon.catalogue.types.declared import Catalogue, DeclaredService
from andon.core.documents.document import Document
from andon.core.documents.fields import Fields
from andon.slo.rules.documents import shorts
from andon.slo.types import Subject


@dataclass(frozen=True, slots=True)
class RotaSubject:
    """A rota, and for whom it answers when."""

    slug: str
    team: str
    domain: str
    covers: RotaCovers


class Rotas:
    """Which rota answers out of hours for a team or a domain."""

    def __init__(self, rotas: Iterable[RotaSubject]) -> None:
        self._found: dict[tuple[Cover, str], str] = {}
        for one in sorted(rotas, key=lambda rota: rota.slug):
            if needs_rota(one.covers):
                owner = (Cover.TEAM, one.team) if one.team else (Cover.DOMAIN, one.domain)
                self._found.setdefault(owner, one.slug)

    def of(self, *, cover: Cover, team: str, domain: str) -> str:
        """Return the rota's slug; empty where nobody answers out of hours."""
        return self._found.get((cover, domain if cover is Cover.DOMAIN else team), "")


def notes_of(document: Mapping[str, str]) -> Fields:
    """Return a service's annotations as the database keeps them. They were checked when applied."""
    return Fields(Document("database", 1, document), (), document, lambda _problem: None)


def subjects(catalogue: Catalogue) -> tuple[Subject, ...]:
    """Return every service of a folder by slug; report what its annotations get wrong."""
    rotas = Rotas(
        RotaSubject(one.slug, one.team, one.domain, one.covers) for one in catalogue.rotas.values()
    )
    services = sorted(catalogue.services.values(), key=lambda one: one.slug)
    return tuple(_subject(one, catalogue, rotas) for one in services)


def _subject(one: DeclaredService, catalogue: Catalogue, rotas: Rotas) -> Subject:
    team = catalogue.teams.get(one.owner)
    notes = one.entity.annotations
    return Subject(
        slug=one.slug,
        title=one.title,
        team=one.owner,
        team_title=team.title if team else one.owner,
        domain=one.domain,
        target_ppm=one.target_ppm,
        cover=one.cover,
        exposure_per_hour=one.exposure,
        runbook_url=one.runbook_url,
        dashboard_url=one.dashboard_url,
        rota=rotas.of(cover=one.cover, team=one.owner, domain=one.domain),
        needs=tuple(sorted(_needs(one))),
        scrape_job=shorts.scrape_job(notes),
        closures=shorts.closures(notes),
        cloudwatch=shorts.cloudwatch(notes),
        declared_at=one.entity.where,
    )


def _needs(one: DeclaredService) -> Iterable[str]:
    for (kind, slug), hardness in one.needs.items():
        if kind == "service" and hardness is Hardness.HARD:
            yield slug
