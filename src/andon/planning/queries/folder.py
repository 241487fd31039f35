"""A portfolio from a folder of YAML: offline, and as much of it as can be read."""

from pathlib import Path

from andon.catalogue.rules.documents.check import check_folder
from andon.catalogue.types import Hardness
from andon.catalogue.types.declared import Catalogue, Checked, DeclaredService
from andon.core.documents.problems import DocumentProblem, Gravity
from andon.core.documents.source import read_folder
from andon.core.errors import Refusal
from andon.planning.queries import build
from andon.planning.types import PeakDays, Portfolio

#: A service with one of these is left out: its figures would be somebody else's guess.
SPOILS = frozenset(
    {
        "choice",
        "duration",
        "money",
        "money-currency",
        "money-negative",
        "number",
        "seasons",
        "target",
        "target-preset",
        "trading-week",
        "type",
    }
)


class UnableToReadPortfolio(Refusal):
    """There is nothing to plan: no organisation, or files that cannot be read."""

    code = "nothing_to_plan"
    status = 422

    def __init__(self, message: str, problems: tuple[DocumentProblem, ...]) -> None:
        super().__init__(message, problems=[f"{one.where} {one.rule}" for one in problems])
        self.problems = problems


def portfolio_from_folder(path: Path | str) -> Portfolio:
    """Return the portfolio a folder declares; what is wrong with the rest stands in its problems.

    Raises UnableToReadPortfolio when the folder has no organisation.
    """
    return from_checked(check_folder(read_folder(Path(path))))


def from_checked(checked: Checked) -> Portfolio:
    """Return the portfolio of a folder that was checked."""
    catalogue = checked.catalogue
    if catalogue is None:
        raise UnableToReadPortfolio("there is no Organisation to plan for", checked.problems)
    spoiled = {one.slug for one in checked.errors if one.kind == "service" and one.rule in SPOILS}
    return build.portfolio(
        organisation=catalogue.organisation,
        declared=[
            _declared(one, catalogue)
            for slug, one in catalogue.services.items()
            if slug not in spoiled and one.owner
        ],
        people={slug: len(team.members) for slug, team in catalogue.teams.items()},
        problems=_relevant(checked),
    )


def _relevant(checked: Checked) -> tuple[DocumentProblem, ...]:
    """Return the errors; what is merely worth mending is the check's business."""
    return tuple(one for one in checked.problems if one.gravity is Gravity.ERROR)


def _declared(one: DeclaredService, catalogue: Catalogue) -> build.Insurable:
    team, domain = catalogue.teams.get(one.owner), catalogue.domains.get(one.domain)
    hours = team.working_hours if team else None
    needs = {
        slug
        for (kind, slug), hardness in one.needs.items()
        if kind == "service" and hardness is Hardness.HARD
    }
    return build.Insurable(
        slug=one.slug,
        title=one.title,
        team=one.owner,
        domain=domain.slug if domain else None,
        domain_kind=domain.kind if domain else None,
        exposure=one.exposure,
        target_ppm=one.target_ppm,
        cover=one.cover,
        deployment_target=str(one.deployment_target),
        working_hours=hours or catalogue.organisation.working_hours,
        insurance=one.insurance,
        depends_on=tuple(sorted(needs)),
        declared_at=one.entity.where,
        windows=tuple(PeakDays(*peak.written, peak.target_ppm) for peak in one.peaks),
    )
