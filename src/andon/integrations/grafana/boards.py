"""All dashboards of an estate."""

from collections import defaultdict
from collections.abc import Iterator

from andon.integrations.grafana import overview, service
from andon.integrations.grafana.overview import ServiceSelection
from andon.slo.types import Estate, Objective, Subject
from andon.telemetry.types import Board, File

_FOLDER = "grafana/dashboards"


def draw_all(*, estate: Estate) -> Iterator[File]:
    """Yield every dashboard: services, teams, domains, the organisation."""
    objectives: dict[str, list[Objective]] = defaultdict(list)
    for each in sorted(estate.objectives, key=lambda objective: objective.slug):
        objectives[each.service].append(each)
    for subject in sorted(estate.subjects, key=lambda subject: subject.slug):
        text = service.draw(subject=subject, objectives=objectives[subject.slug], estate=estate)
        yield File(f"{_FOLDER}/services/{subject.slug}.json", text)
    for selection in _selections(estate, objectives):
        text = overview.draw(selection=selection, estate=estate)
        yield File(f"{_FOLDER}/{_path(selection)}.json", text)


def _selections(
    estate: Estate, objectives: dict[str, list[Objective]]
) -> Iterator[ServiceSelection]:
    teams: dict[str, list[Subject]] = defaultdict(list)
    domains: dict[str, list[Subject]] = defaultdict(list)
    subjects = sorted(estate.subjects, key=lambda subject: subject.slug)
    for subject in subjects:
        if subject.team:
            teams[subject.team].append(subject)
        if subject.domain:
            domains[subject.domain].append(subject)

    def about(
        kind: Board, slug: str, title: str, label: str, among: list[Subject]
    ) -> ServiceSelection:
        of = tuple(each for subject in among for each in objectives[subject.slug])
        return ServiceSelection(kind, slug, title, label, tuple(among), of)

    for slug, among in sorted(teams.items()):
        title = f"{among[0].team_title or slug} (team)"
        yield about(Board.TEAM, slug, title, "team", among)
    for slug, among in sorted(domains.items()):
        yield about(Board.DOMAIN, slug, f"{slug} (domain)", "domain", among)
    yield about(Board.ORGANISATION, "", f"{estate.title} (all services)", "", subjects)


def _path(selection: ServiceSelection) -> str:
    folders = {Board.TEAM: "teams", Board.DOMAIN: "domains"}
    folder = folders.get(selection.kind)
    return f"{folder}/{selection.slug}" if folder else "organisation"
