"""What a plan of the catalogue does to who is on call, before it is carried out.

Nothing is compared field by field: every rota is made as the plan leaves it, and the rules that
page say who is on call before and after. So a change nobody thought of is said as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from andon.catalogue import queries as catalogue
from andon.catalogue.rules.documents import organisation as documents
from andon.catalogue.rules.documents.rotations import UnreadableDocument, read_version
from andon.catalogue.rules.plan import EntityAct, Foreseen, PlanLine
from andon.catalogue.types import RotaCovers
from andon.catalogue.types.rotas import RotaName
from andon.core.documents.problems import DocumentProblem, Gravity
from andon.core.periods import FOREVER, Period
from andon.oncall import rules
from andon.oncall.queries.attendance import Attendances
from andon.oncall.queries.rotas import load_rotas
from andon.oncall.types import Rota, RotaChange
from andon.people import queries as people

#: Overrides that begin later than this are looked at by a later plan.
_AHEAD = timedelta(weeks=52)


def foresee(changes: tuple[PlanLine, ...], now: datetime) -> Foreseen:
    """Return what changes do to who is on call at an instant, rota by rota, in words and values.

    Overrides that take nobody's shift are problems, whether or not these changes are the reason.
    """
    found = rota_changes(changes=changes, now=now)
    names = _names(changes, found)
    said = tuple(
        rules.change_document(one, names)
        for one, named in ((each, _touches(each, changes)) for each in found)
        if named or one.matters
    )
    problems = tuple(
        DocumentProblem(
            rule="override-idle",
            message=rules.say_idle(idle, one.timezone, names),
            fix="Cancel the override on the rota's page, or make one for the right time.",
            file="overrides",
            line=idle.override.id,
            gravity=Gravity.WARNING,
            kind="rota",
            slug=one.slug,
        )
        for one in found
        for idle in one.idle
    )
    return Foreseen(said, problems)


def rota_changes(*, changes: tuple[PlanLine, ...], now: datetime) -> list[RotaChange]:
    """Return every rota in force before or after some changes, compared."""
    rotas = load_rotas(period=Period(now, now + _AHEAD))
    planned = {one.slug: one for one in changes if one.kind == "rota"}
    left = {one.slug for one in changes if one.kind == "person" and one.act is EntityAct.REMOVED}
    back = {one.slug for one in changes if one.kind == "person" and one.act is EntityAct.RESTORED}
    renamed = {one.was for one in planned.values() if one.was}
    standing, coming = {}, {}
    for slug in sorted((rotas.keys() | planned.keys()) - renamed):
        change = planned.get(slug)
        standing[slug] = before = rotas.get(change.was or slug if change else slug)
        after = rules.departed(rota=before or _unknown(slug), left=left, back=back, at=now)
        coming[slug] = _as_planned(after, change, now) if change else after
    coming = _attendances(coming.values(), changes, now).placed(rotas=coming)
    found = []
    for slug, after in coming.items():
        before = standing[slug]
        compared = rules.compare(before=before, after=after, at=now)
        if compared.before or compared.after or slug in planned:
            found.append(replace(compared, owners=_owners(before, after, changes)))
    return found


def _as_planned(rota: Rota, change: PlanLine, now: datetime) -> Rota:
    if change.act is EntityAct.REMOVED:
        return rules.closed(rota=rota, at=now)
    written = {name: after for name, (_, after) in change.fields.items()}
    rota = replace(
        rota,
        slug=change.slug,
        title=written.get("title", rota.title),
        covers=RotaCovers(written.get("covers", rota.covers)),
        team=written.get("team", rota.team) or None,
        domain=written.get("domain", rota.domain) or None,
    )
    if "document" not in written:
        return rota
    try:
        version = read_version(document=written["document"], period=Period(now, FOREVER))
    except UnreadableDocument:
        return rota
    return rules.edited(rota=rota, version=version)


def _owners(before: Rota | None, after: Rota, changes: Iterable[PlanLine]) -> tuple[str, str]:
    """Return for whom a rota answers before and after; another name is no other owner."""
    known = {(one.kind, one.was): one.slug for one in changes if one.was}
    found = []
    for rota in (before or after, after):
        kind, slug = ("team", rota.team) if rota.team else ("domain", rota.domain or "")
        found.append(f"{kind} {known.get((kind, slug), slug)}")
    return found[0], found[1]


def _unknown(slug: str) -> Rota:
    """Return a rota that is not in force: a new one, or one that was retired long ago."""
    known = catalogue.find_rota(slug=slug, retired=True) or RotaName(
        0, slug, slug, RotaCovers.ALWAYS
    )
    return Rota(known.id, slug, known.title, known.covers, None, None, ())


def _attendances(rotas: Iterable[Rota], changes: Iterable[PlanLine], now: datetime) -> Attendances:
    """Return the working hours that decide when rotas are asked, as changes leave them."""
    found = list(rotas)
    known = Attendances.load(
        teams={one.team for one in found if one.team},
        domains={one.domain for one in found if one.domain},
        organisation=catalogue.organisation(),
        at=now,
    )
    teams, domains = dict(known.teams), {slug: list(of) for slug, of in known.domains.items()}
    for one in changes:
        written = {name: after for name, (_, after) in one.fields.items()}
        if one.kind == "organisation" and written.get("document"):
            stored = documents.stored(slug="", title="", document=written["document"])
            known = replace(known, default=stored.working_hours, catch_all=stored.catch_all_rota)
        elif one.kind == "team":
            teams[one.slug] = written.get("working_hours", teams.get(one.was or one.slug, {}))
        elif one.kind == "domain" and one.was:
            domains[one.slug] = domains.get(one.was, [])
        elif one.kind == "service" and written.get("domain") and written.get("owner"):
            domains.setdefault(written["domain"], []).append(written["owner"])
    return replace(known, teams=teams, domains=domains)


def _touches(change: RotaChange, changes: Iterable[PlanLine]) -> bool:
    return any(one.kind == "rota" and one.slug == change.slug for one in changes)


def _names(changes: Iterable[PlanLine], found: Iterable[RotaChange]) -> Mapping[str, str]:
    slugs: set[str | None] = set()
    for one in found:
        slugs |= {shift.person for shift in (one.before, one.after) if shift}
        turns = (*one.turns, one.first) if one.first else one.turns
        slugs |= {slug for turn in turns for slug in (turn.before, turn.after)}
        for idle in one.idle:
            slugs |= {idle.override.person, idle.override.replaces, *idle.took, *idle.takes}
    written: dict[str, Any] = {
        one.slug: one.fields["name"][1]
        for one in changes
        if one.kind == "person" and "name" in one.fields
    }
    return people.names(slugs={slug for slug in slugs if slug}) | written
