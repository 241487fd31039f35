"""A folder of files as an estate, with everything that is wrong in it: no database, no network."""

from dataclasses import dataclass, replace
from pathlib import Path

import typer

from andon.core.documents.problems import DocumentProblem, Gravity
from andon.core.documents.source import read_folder
from andon.core.words import say_count
from andon.slo.rules import documents, refuse
from andon.slo.types import Estate, Evaluator
from andon.telemetry.rules import notes
from andon.telemetry.types import File

#: Whose files each engine reads; what stands under no such folder is for both.
_ONLY = {Evaluator.VMALERT: ("vmalert/", "vmalert-logs/"), Evaluator.PROMETHEUS: ("prometheus/",)}


@dataclass(frozen=True, slots=True)
class FolderRead:
    """What a folder declares; objectives and alerts with errors are not in the estate."""

    #: None when the files are so wrong that there is no catalogue at all.
    estate: Estate | None
    problems: tuple[DocumentProblem, ...]
    #: `slo checkout`, `alert queue-age`, `service search`: whose errors left something out.
    left_out: tuple[str, ...]

    @property
    def errors(self) -> int:
        """Return how many problems are errors."""
        return sum(one.gravity is Gravity.ERROR for one in self.problems)

    @property
    def warnings(self) -> int:
        """Return how many problems are warnings."""
        return len(self.problems) - self.errors

    @property
    def words(self) -> str:
        """Return the whole in one line."""
        counts = f"{say_count(self.errors, 'error')}, {say_count(self.warnings, 'warning')}"
        if self.estate is None:
            return counts
        found = (
            f"{say_count(len(self.estate.subjects), 'service')}, "
            f"{say_count(len(self.estate.objectives), 'SLO')}, "
            f"{say_count(len(self.estate.alerts), 'alert')} of teams' own"
        )
        left = f"; left out: {', '.join(self.left_out)}" if self.left_out else ""
        alone = f"; for vmalert alone: {', '.join(self.only_vmalert)}" if self.only_vmalert else ""
        return f"{found}: {counts}{left}{alone}"

    @property
    def only_vmalert(self) -> list[str]:
        """Return the objectives in MetricsQL, which are left out of the rules for Prometheus."""
        return notes.only_vmalert(self.estate.objectives) if self.estate else []


def read(folder: Path, *, url: str) -> FolderRead:
    """Return what a folder declares. `url` is Andon's address, for links in what is generated."""
    checked = documents.check_folder(read_folder(folder))
    if checked.catalogue is None:
        return FolderRead(None, checked.problems, ())
    estate = documents.estate_of(checked, andon_url=url)
    found = dict.fromkeys((*checked.problems, *estate.problems, *refuse.problems(estate=estate)))
    bad = {(one.kind, one.slug) for one in found if one.gravity is Gravity.ERROR}
    estate = replace(
        estate,
        objectives=tuple(one for one in estate.objectives if ("slo", one.slug) not in bad),
        alerts=tuple(one for one in estate.alerts if ("alert", one.slug) not in bad),
    )
    left_out = sorted({f"{one.kind} {one.slug}" for one in found if _leaves_out(one)})
    return FolderRead(estate, tuple(found), tuple(left_out))


def _leaves_out(one: DocumentProblem) -> bool:
    """Return whether a problem keeps an objective or an alert from being generated.

    The short form stands on a service: then the problem is the service's.
    """
    is_telemetry = one.kind in ("slo", "alert") or one.rule.startswith(("slo-", "alert-"))
    return one.gravity is Gravity.ERROR and is_telemetry and bool(one.slug)


def of_engine(files: list[File], engine: Evaluator | None) -> list[File]:
    """Return the files without those that are only for the other engine."""
    others = tuple(path for one, paths in _ONLY.items() if one is not engine for path in paths)
    return files if engine is None else [one for one in files if not one.path.startswith(others)]


def show_problems(read: FolderRead) -> None:
    """Say what is wrong, with file, line and fix, on the error stream."""
    for one in read.problems:
        colour = "red" if one.gravity is Gravity.ERROR else "yellow"
        typer.secho(f"{one.where}  {one.gravity} {one.rule}  {one.message}", fg=colour, err=True)
        typer.echo(f"    {one.fix}", err=True)


def problems_json(read: FolderRead) -> dict[str, object]:
    """Return what is wrong as JSON knows it, as `andon check --json` does."""
    return {
        "errors": read.errors,
        "warnings": read.warnings,
        "left_out": list(read.left_out),
        "only_vmalert": read.only_vmalert,
        "problems": [
            {
                "file": one.file,
                "line": one.line,
                "level": str(one.gravity),
                "rule": one.rule,
                "message": one.message,
                "fix": one.fix,
                "kind": one.kind,
                "slug": one.slug,
            }
            for one in read.problems
        ],
    }
