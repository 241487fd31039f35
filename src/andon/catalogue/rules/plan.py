"""What has to change so that the database says what the files say."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from andon.core.documents.problems import DocumentProblem
from andon.people import rules as people

#: What an entity says, in plain values that compare and print.
Facts = dict[str, Any]


class EntityAct(StrEnum):
    """What happens to an entity."""

    ADDED = "added"
    CHANGED = "changed"
    RENAMED = "renamed"
    RESTORED = "restored"
    REMOVED = "removed"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class StandingEntity:
    """An entity as the database has it."""

    pk: int
    facts: Facts
    retired: bool = False
    #: Whether the files may retire it; people made by hand are their own.
    ours: bool = True


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line of a plan. `fields` holds (before, after) of what differs, addresses masked.

    Plans are printed, kept in revisions and read by everybody.
    """

    act: EntityAct
    kind: str
    slug: str
    fields: Mapping[str, tuple[Any, Any]]
    #: The former slug of something renamed.
    was: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the change in plain values."""
        fields = {name: list(pair) for name, pair in self.fields.items()}
        found = {"act": str(self.act), "kind": self.kind, "slug": self.slug, "fields": fields}
        return {**found, "was": self.was} if self.was else found


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a plan does to what a package above keeps, in plain values, and what it leaves wrong."""

    said: tuple[Mapping[str, Any], ...] = ()
    problems: tuple[DocumentProblem, ...] = ()


#: Looks at the changes of a plan at an instant, before anything is written.
Foresight = Callable[[tuple[PlanLine, ...], datetime], Foreseen]


def compare(
    kind: str,
    *,
    declared: Mapping[str, Facts],
    standing: Mapping[str, StandingEntity],
    former: Mapping[str, tuple[str, ...]],
) -> Iterator[PlanLine]:
    """Yield what has to change for entities of one kind, by slug.

    A declared entity that is new and was known by a former name, which no file declares any more,
    is the same entity under a new name: it keeps its history.
    """
    renamed: set[str] = set()
    for slug in sorted(declared):
        known = standing.get(slug)
        was = "" if known else _former(former.get(slug, ()), declared, standing, renamed)
        if was:
            renamed.add(was)
            fields = shown(kind, difference(standing[was].facts, declared[slug]))
            yield PlanLine(EntityAct.RENAMED, kind, slug, fields, was)
        elif known is None:
            yield PlanLine(EntityAct.ADDED, kind, slug, shown(kind, difference({}, declared[slug])))
        else:
            fields = shown(kind, difference(known.facts, declared[slug]))
            if known.retired:
                yield PlanLine(EntityAct.RESTORED, kind, slug, fields)
            elif fields:
                yield PlanLine(EntityAct.CHANGED, kind, slug, fields)
    for slug in sorted(standing.keys() - declared.keys() - renamed):
        if standing[slug].ours and not standing[slug].retired:
            yield PlanLine(EntityAct.REMOVED, kind, slug, {})


def difference(before: Facts, after: Facts) -> dict[str, tuple[Any, Any]]:
    """Return the facts that differ, as (before, after); facts only `before` has are left alone."""
    return {
        name: (before.get(name), value)
        for name, value in after.items()
        if before.get(name) != value and not (name not in before and value in ("", [], {}, None))
    }


def shown(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a change without the addresses that messages go to."""
    found = dict(fields)
    if kind == "person" and "contacts" in found:
        found["contacts"] = tuple(_masked(one) for one in found["contacts"])
    if kind == "organisation" and "document" in found:
        found["document"] = tuple(without_addresses(one) for one in found["document"])
    return found


def shown_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan that was kept, without addresses: those kept by older versions hold them."""
    changes = [
        {**one, "fields": shown(str(one.get("kind")), one.get("fields", {}))}
        for one in plan.get("changes", ())
    ]
    return {**plan, "changes": changes} if changes else dict(plan)


def _masked(contacts: list[str] | None) -> list[str]:
    pairs = (one.partition(":") for one in contacts or ())
    return [f"{kind}:{people.masked(kind=kind, address=address)}" for kind, _, address in pairs]


def without_addresses(document: Facts | None) -> Facts | None:
    """Return the organisation's document with the addresses of its fallback contacts masked."""
    if not document or "fallback" not in document:
        return document
    contacts = [
        {kind: people.masked(kind=kind, address=str(address)) for kind, address in one.items()}
        for one in document["fallback"]
    ]
    return {**document, "fallback": contacts}


def _former(
    names: tuple[str, ...],
    declared: Mapping[str, Facts],
    standing: Mapping[str, StandingEntity],
    renamed: set[str],
) -> str:
    free = (
        name for name in names if name in standing and name not in declared and name not in renamed
    )
    return next(free, "")
