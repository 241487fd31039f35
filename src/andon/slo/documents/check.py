"""The whole check of a folder: the catalogue's, and what the folder declares about telemetry."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from andon.catalogue.documents import check as catalogue
from andon.catalogue.documents.declared import Catalogue
from andon.catalogue.documents.source import Document, read_folder
from andon.catalogue.types import Problem
from andon.slo.documents import shorts
from andon.slo.documents.subjects import subjects
from andon.slo.types import Objective, OwnAlert, Subject


@dataclass(frozen=True, slots=True)
class Checked(catalogue.Checked):
    """What a folder declares, telemetry too, and what is wrong with it. Sorted by slug."""

    objectives: tuple[Objective, ...] = ()
    alerts: tuple[OwnAlert, ...] = ()
    subjects: tuple[Subject, ...] = ()


def check_folder(folder: Path) -> Checked:
    """Return what a folder declares and every problem in it, by file and line."""
    documents, problems = read_folder(folder)
    return check_documents(documents, problems, name=str(folder))


def check_documents(
    documents: Iterable[Document], found: Iterable[Problem] = (), *, name: str = "."
) -> Checked:
    """Return what documents declare and every problem in them."""
    problems: list[Problem] = []
    base = catalogue.check_documents(documents, found, name=name, into=problems)
    objectives: list[Objective] = []
    served: tuple[Subject, ...] = ()
    if base.catalogue is not None:
        objectives += _short_forms(base.catalogue)
        served = subjects(base.catalogue)
    return Checked(
        catalogue=base.catalogue,
        problems=catalogue.in_order(problems),
        foreign=base.foreign,
        alert_rules=base.alert_rules,
        objectives=tuple(sorted(objectives, key=lambda one: one.slug)),
        subjects=served,
    )


def _short_forms(held: Catalogue) -> Iterable[Objective]:
    for service in held.services.values():
        yield from shorts.objectives(service, held.organisation)
