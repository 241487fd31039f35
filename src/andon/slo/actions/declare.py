"""Apply: a folder's declarations become the database's, with its catalogue or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from andon.catalogue import actions as catalogue
from andon.catalogue import queries as catalogue_queries
from andon.catalogue.actions import Plan
from andon.catalogue.rules.plan import (
    EntityAct,
    Facts,
    Foresight,
    PlanLine,
    StandingEntity,
    compare,
)
from andon.core import rows
from andon.core.documents.source import read_folder
from andon.slo.models import Declaration
from andon.slo.rules.documents.check import CheckedTelemetry, check_folder
from andon.slo.rules.documents.stored import alert_document, objective_document

SLO, ALERT = "slo", "alert"
_WRITTEN = frozenset({EntityAct.ADDED, EntityAct.CHANGED, EntityAct.RENAMED, EntityAct.RESTORED})


@dataclass(frozen=True, slots=True)
class DeclaredRow:
    """What the files say of one objective or alert."""

    facts: Facts
    service: str
    declared_at: str
    #: Former slugs: a service's short form follows the service's name.
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declarations:
    """A folder's objectives and alerts, to be planned and written beside its catalogue."""

    declared: Mapping[str, Mapping[str, DeclaredRow]] = field(default_factory=dict)

    def plan(self) -> tuple[PlanLine, ...]:
        """Return what has to change so that the database says what the files say."""
        standing = _standing()
        return tuple(
            change
            for kind, found in self.declared.items()
            for change in compare(
                kind,
                declared={slug: one.facts for slug, one in found.items()},
                standing=standing[kind],
                former={slug: one.former for slug, one in found.items() if one.former},
            )
        )

    def carry_out(self, changes: tuple[PlanLine, ...], *, now: datetime) -> None:
        """Write the changes; the caller holds the transaction, and the services are written."""
        for kind, found in self.declared.items():
            mine = [change for change in changes if change.kind == kind]
            for change in mine:
                if change.act is EntityAct.RENAMED:
                    of_kind = Declaration.objects.filter(kind=kind)
                    of_kind.filter(slug=change.was).update(slug=change.slug)
            written = sorted(change.slug for change in mine if change.act in _WRITTEN)
            _write(kind, {slug: found[slug] for slug in written}, now)
            _retire(kind, [change.slug for change in mine if change.act is EntityAct.REMOVED], now)
            _follow(kind, found)


def apply_folder(*, path: Path | str, by: str, now: datetime, dry_run: bool = False) -> Plan:
    """Check a folder and apply it, catalogue and declarations in one transaction.

    With `dry_run` return the plan and write nothing. Raises `catalogue.actions.UnableToApply` when
    there is any error; then the errors are recorded, and nothing else.
    """
    return apply_checked(
        checked=check_folder(read_folder(Path(path))), by=by, now=now, dry_run=dry_run
    )


def apply_checked(
    *,
    checked: CheckedTelemetry,
    by: str,
    now: datetime,
    dry_run: bool = False,
    foresee: Foresight | None = None,
) -> Plan:
    """Apply what a check has read; see `apply_folder` and the catalogue's `apply_checked`."""
    return catalogue.apply_checked(
        checked=checked,
        by=by,
        now=now,
        dry_run=dry_run,
        beside=declarations(checked),
        foresee=foresee,
    )


def declarations(checked: CheckedTelemetry) -> Declarations:
    """Return a checked folder's objectives and alerts as they are kept."""
    held = checked.catalogue.services if checked.catalogue else {}
    slos = {
        one.slug: DeclaredRow(
            objective_document(one),
            one.service,
            one.declared_at,
            _former(one.slug, one.service, held[one.service].aliases),
        )
        for one in checked.objectives
    }
    alerts = {
        one.slug: DeclaredRow(alert_document(one), one.service, one.declared_at)
        for one in checked.alerts
    }
    return Declarations({SLO: slos, ALERT: alerts})


def _former(slug: str, service: str, aliases: Iterable[str]) -> tuple[str, ...]:
    if not slug.startswith(service):
        return ()
    return tuple(alias + slug.removeprefix(service) for alias in aliases)


def _standing() -> dict[str, dict[str, StandingEntity]]:
    found: dict[str, dict[str, StandingEntity]] = {SLO: {}, ALERT: {}}
    columns = ("kind", "slug", "pk", "document", "retired_at")
    for kind, slug, pk, document, retired_at in Declaration.objects.values_list(*columns):
        found[kind][slug] = StandingEntity(pk, document, retired=retired_at is not None)
    return found


def _write(kind: str, declared: Mapping[str, DeclaredRow], now: datetime) -> None:
    if not declared:
        return
    services = catalogue_queries.service_ids()
    made = [
        Declaration(
            kind=kind,
            slug=slug,
            service_id=services[one.service],
            document=one.facts,
            declared_at=one.declared_at[:500],
            created_at=now,
        )
        for slug, one in declared.items()
    ]
    Declaration.objects.bulk_create(
        made,
        batch_size=rows.BATCH,
        update_conflicts=True,
        unique_fields=["kind", "slug"],
        update_fields=["service", "document", "declared_at", "retired_at"],
    )


def _retire(kind: str, slugs: list[str], now: datetime) -> None:
    for part in rows.chunks(slugs):
        Declaration.objects.filter(kind=kind, slug__in=part).update(retired_at=now)


def _follow(kind: str, found: Mapping[str, DeclaredRow]) -> None:
    """Follow declarations that moved inside the files. Where they stand is no change of theirs."""
    moved = []
    for row in Declaration.objects.filter(kind=kind, retired_at=None).only("slug", "declared_at"):
        place = found[row.slug].declared_at[:500] if row.slug in found else row.declared_at
        if place != row.declared_at:
            row.declared_at = place
            moved.append(row)
    Declaration.objects.bulk_update(moved, ["declared_at"], batch_size=rows.BATCH)
