"""The whole check of a folder: the catalogue's, and what the folder declares about telemetry."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from andon.catalogue.rules.documents import check as catalogue
from andon.catalogue.types import WORKBOOK, Organisation
from andon.catalogue.types import declared as types
from andon.catalogue.types.declared import Catalogue
from andon.core.documents.document import Document, ReadFolder
from andon.core.documents.problems import DocumentProblem, Gravity
from andon.slo.rules import refuse
from andon.slo.rules.documents import alerts, deployments, promql, shorts
from andon.slo.rules.documents.estate import estate_from
from andon.slo.rules.documents.openslo import bind
from andon.slo.rules.documents.openslo.read import read as read_openslo
from andon.slo.rules.documents.subjects import subjects
from andon.slo.types import Estate, Objective, OwnAlert, Subject

T = TypeVar("T", Objective, OwnAlert)


@dataclass(frozen=True, slots=True)
class CheckedTelemetry(types.Checked):
    """What a folder declares, telemetry too, and what is wrong with it. Sorted by slug."""

    objectives: tuple[Objective, ...] = ()
    alerts: tuple[OwnAlert, ...] = ()
    subjects: tuple[Subject, ...] = ()


def check_folder(folder: ReadFolder) -> CheckedTelemetry:
    """Return what a folder declares and every problem in it, by file and line."""
    return check_documents(folder.documents, folder.problems, name=folder.name)


def check_documents(
    documents: Iterable[Document], found: Iterable[DocumentProblem] = (), *, name: str = "."
) -> CheckedTelemetry:
    """Return what documents declare and every problem in them."""
    problems: list[DocumentProblem] = []
    base = catalogue.check_documents(documents, found, name=name, into=problems)
    openslo = read_openslo(base.foreign, problems.append)
    objectives: list[Objective] = []
    own: list[OwnAlert] = []
    served: tuple[Subject, ...] = ()
    if base.catalogue is not None:
        served = subjects(base.catalogue)
        objectives += _short_forms(base.catalogue)
        objectives += bind.objectives(openslo, base.catalogue)
        own += _own(base)
        _check_deployments(base.catalogue)
        for objective in objectives:
            _check_left_out(objective, base.catalogue.organisation, problems)
    checked = CheckedTelemetry(
        catalogue=base.catalogue,
        objectives=_unique(objectives, "SLO", problems),
        alerts=_unique(own, "alert", problems),
        subjects=served,
        foreign=base.foreign,
        alert_rules=base.alert_rules,
        problems=(),
    )
    if checked.catalogue is not None:
        problems += refuse.problems(estate=estate_of(checked))
    return replace(checked, problems=catalogue.in_order(problems))


def estate_of(checked: CheckedTelemetry, andon_url: str = "") -> Estate:
    """Return the estate a checked folder declares: what `slo.queries.estate` gives once applied.

    Raises ValueError when the folder has no organisation: then there are errors to be read.
    """
    if checked.catalogue is None:
        raise ValueError("there is no organisation, so there is nothing to generate")
    return estate_from(
        organisation=checked.catalogue.organisation,
        subjects=checked.subjects,
        objectives=checked.objectives,
        alerts=checked.alerts,
        andon_url=andon_url,
    )


def _short_forms(held: Catalogue) -> Iterable[Objective]:
    for service in held.services.values():
        yield from shorts.objectives(service, held.organisation)


def _own(base: types.Checked) -> Iterable[OwnAlert]:
    services = bind.by_name(base.catalogue) if base.catalogue else {}
    for entity in base.alert_rules:
        found = alerts.read_alert(entity, services)
        if found is not None:
            yield found


def _unique(found: Iterable[T], word: str, problems: list[DocumentProblem]) -> tuple[T, ...]:
    """Return things by slug; report a name that is taken."""
    kept: dict[str, T] = {}
    for one in found:
        first = kept.setdefault(one.slug, one)
        if first is not one:
            message = f"there is {word} {one.slug} already, at {first.declared_at}"
            fix = "Rename one of the two; the short form has the name of its service."
            problems.append(_problem(one, "slo-duplicate", message, fix))
    return tuple(kept[slug] for slug in sorted(kept))


def _check_deployments(held: Catalogue) -> None:
    """Report a query for deployments that cannot be asked for many services at once."""
    text = held.organisation.telemetry.deployments
    fields = held.organisation_entity.spec.mapping("telemetry")
    if not text or fields is None:
        return
    try:
        deployments.check(text)
    except promql.UnreadableQuery as error:
        fix = f"Write PromQL with $service as a label's value: {deployments.EXAMPLE}"
        fields.refuse("slo-query", f"`deployments` is no PromQL: {error}", fix, key="deployments")
    except deployments.UnableToTellApart as error:
        fields.refuse("slo-query", f"`deployments` {error}", error.fix, key="deployments")


def _check_left_out(one: Objective, rules: Organisation, problems: list[DocumentProblem]) -> None:
    """Report tiers that are left out and were never in: a misspelt name would silence nothing."""
    known = {tier.name for tier in one.tiers or rules.telemetry.tiers or WORKBOOK}
    for name in sorted(one.without - known):
        message = f"there is no tier {name!r} to be left out"
        fix = f"Write some of: {', '.join(sorted(known))}."
        problems.append(_problem(one, "slo-tier", message, fix))


def _problem(one: Objective | OwnAlert, rule: str, message: str, fix: str) -> DocumentProblem:
    file, _, line = one.declared_at.rpartition(":")
    kind = "slo" if isinstance(one, Objective) else "alert"
    return DocumentProblem(rule, message, fix, file, int(line), Gravity.ERROR, kind, one.slug)
