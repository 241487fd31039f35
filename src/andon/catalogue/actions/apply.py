"""Apply: the folder's catalogue becomes the database's, in one transaction, or nothing changes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from django.db import transaction

from andon.catalogue import models
from andon.catalogue.actions import declared, standing
from andon.catalogue.actions.findings import record_problems
from andon.catalogue.actions.said import write_said
from andon.catalogue.actions.write import EntityWork, carry_out
from andon.catalogue.rules.documents.check import check_folder
from andon.catalogue.rules.plan import EntityAct, Facts, Foreseen, Foresight, PlanLine, compare
from andon.catalogue.types.declared import Catalogue, Checked
from andon.core import audit, claims, rows
from andon.core.documents.problems import DocumentProblem
from andon.core.documents.source import read_folder
from andon.core.errors import Refusal

#: The plan is written down whole up to this many changes; beyond it, only the counts.
MOST_KEPT = 2_000


class UnableToApply(Refusal):
    """The files have errors, so nothing was applied. Each is shown on its entity's page."""

    code = "catalogue_has_errors"
    status = 422

    def __init__(self, message: str, problems: tuple[DocumentProblem, ...]) -> None:
        super().__init__(message, problems=[f"{one.where} {one.rule}" for one in problems])
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Plan:
    """What an apply does, or did."""

    changes: tuple[PlanLine, ...]
    problems: tuple[DocumentProblem, ...]
    #: The number of the revision that was written; None for a dry run, or when nothing changed.
    revision: int | None = None
    #: What it does to who is on call, rota by rota, as whoever keeps the rotas said it.
    on_call: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to change."""
        return not self.changes

    def counts(self) -> dict[str, int]:
        """Return how many entities are added, changed, removed and so on."""
        found = dict.fromkeys(map(str, EntityAct), 0)
        for change in self.changes:
            found[str(change.act)] += 1
        return {act: count for act, count in found.items() if count}

    def as_json(self) -> dict[str, Any]:
        """Return the plan in plain values."""
        kept = self.changes[:MOST_KEPT]
        return {
            "counts": self.counts(),
            "changes": [change.as_json() for change in kept],
            "left_out": len(self.changes) - len(kept),
            "on_call": list(self.on_call[:MOST_KEPT]),
        }


class Beside(Protocol):
    """What else a folder declares, kept by a package above: planned and written with the rest.

    It has one plan, one transaction and one revision with the catalogue, so that neither is ever
    in force without the other.
    """

    def plan(self) -> tuple[PlanLine, ...]:
        """Return what has to change so that the database says what the files say."""

    def carry_out(self, changes: tuple[PlanLine, ...], *, now: datetime) -> None:
        """Write those changes, once the catalogue's are written. The caller holds the lock."""


def apply_folder(*, path: Path | str, by: str, now: datetime, dry_run: bool = False) -> Plan:
    """Check a folder and apply it; with `dry_run` return the plan and write nothing.

    Raises UnableToApply when there is any error; then the errors are recorded, and nothing else.
    """
    return apply_checked(
        checked=check_folder(read_folder(Path(path))), by=by, now=now, dry_run=dry_run
    )


def apply_checked(
    *,
    checked: Checked,
    by: str,
    now: datetime,
    dry_run: bool = False,
    beside: Beside | None = None,
    foresee: Foresight | None = None,
) -> Plan:
    """Apply what a check has read, and what stands `beside` it; see `apply_folder`.

    `foresee` says what the plan does to who is on call, just before it is written. It may refuse.
    """
    if checked.errors or checked.catalogue is None:
        if not dry_run:
            record_problems(problems=checked.problems, now=now)
        count = len(checked.errors)
        message = f"nothing was applied: the files have {count} error{'s' * (count != 1)}"
        raise UnableToApply(message, checked.problems)
    if dry_run:
        found = _plan(checked.catalogue, now)[0]
        foreseen = foresee(found, now) if foresee else Foreseen()
        found += beside.plan() if beside else ()
        return Plan(found, checked.problems + foreseen.problems, on_call=foreseen.said)
    # Ten thousand services are compared and written in one transaction, for minutes.
    with claims.unhurried():
        return _apply(checked, checked.catalogue, by=by, now=now, beside=beside, foresee=foresee)


@transaction.atomic
def _apply(
    checked: Checked,
    catalogue: Catalogue,
    *,
    by: str,
    now: datetime,
    beside: Beside | None,
    foresee: Foresight | None,
) -> Plan:
    # Two at once would plan against the same rows: the second waits here, then sees the first's.
    claims.alone("catalogue")
    changes, facts = _plan(catalogue, now)
    others = beside.plan() if beside else ()
    foreseen = foresee(changes, now) if foresee else Foreseen()
    plan = Plan(changes + others, checked.problems + foreseen.problems, on_call=foreseen.said)
    record_problems(problems=plan.problems, now=now)
    _move(catalogue)
    write_said(catalogue)
    if plan.is_empty:
        if beside:
            beside.carry_out((), now=now)
        return plan
    digests = {slug: _digest(one) for slug, one in facts["service"].items()}
    carry_out(EntityWork(catalogue, changes, digests, now))
    if beside:
        beside.carry_out(others, now=now)
    revision = models.Revision.objects.create(
        applied_at=now, applied_by=by, digest=_digest(facts), plan=plan.as_json()
    )
    audit.record(
        actor=by, verb="applied", subject=f"catalogue:{revision.pk}", now=now, **plan.counts()
    )
    return replace(plan, revision=revision.pk)


def _plan(
    catalogue: Catalogue, now: datetime
) -> tuple[tuple[PlanLine, ...], Mapping[str, Mapping[str, Facts]]]:
    wanted, known = declared.facts(catalogue, now), standing.facts(now)
    former = declared.former(catalogue)
    changes = [
        change
        for kind, facts in wanted.items()
        for change in compare(
            kind, declared=facts, standing=known[kind], former=former.get(kind, {})
        )
    ]
    back = {change.slug for change in changes if change.kind == "service"}
    changes += _lapsing(catalogue, back, now)
    return tuple(changes), wanted


def _lapsing(catalogue: Catalogue, touched: set[str], now: datetime) -> Iterator[PlanLine]:
    before = now - catalogue.organisation.retirement_grace
    over = models.Service.objects.filter(retired_at__lte=before, lapsed_at__isnull=True)
    for slug in over.order_by("slug").values_list("slug", flat=True):
        if slug not in touched:
            yield PlanLine(EntityAct.LAPSED, "service", slug, {})


def _move(catalogue: Catalogue) -> None:
    """Follow entities that moved inside the files. Where they stand is no change of theirs."""
    known = dict(models.Service.objects.values_list("slug", "declared_at"))
    moved = [
        models.Service(slug=slug, declared_at=one.entity.where)
        for slug, one in catalogue.services.items()
        if known.get(slug, one.entity.where) != one.entity.where
    ]
    ids = rows.ids(models.Service) if moved else {}
    for row in moved:
        row.pk = ids[row.slug]
    models.Service.objects.bulk_update(moved, ["declared_at"], batch_size=rows.BATCH)


def _digest(facts: Mapping[str, Any]) -> str:
    return sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
