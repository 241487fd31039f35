"""Who answers for a service, in and out of hours: every service must reach somebody."""

from collections import defaultdict
from collections.abc import Iterable

from andon.catalogue.rules.cover import cover_for, needs_rota
from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import LOW_DEMAND, Cover, RotaCovers
from andon.catalogue.types.declared import Catalogue, DeclaredRota, DeclaredService, Peak
from andon.catalogue.types.entity import PREFIX
from andon.core.documents.near import near_name
from andon.core.documents.problems import Gravity

_RANK = {cover: rank for rank, cover in enumerate(Cover)}
Staffed = dict[tuple[str, str], list[DeclaredRota]]


def check_cover(catalogue: Catalogue) -> None:
    """Report services whose cover names a rota that is not there, now or in a peak window."""
    staffed = _staffed(catalogue)
    _check_overlaps(staffed)
    for service in catalogue.services.values():
        if not service.owner:
            continue
        if missing := _missing(service, service.cover, staffed):
            service.entity.annotations.refuse(
                "cover-rota",
                f"{format_target(service.target_ppm)} target needs {missing}",
                _fix(service, service.cover),
                key=PREFIX + "availability-target",
                missing=_owner_of(service, service.cover),
            )
        for peak in service.peaks:
            _check_peak(service, peak, catalogue, staffed)
    _check_teams(catalogue, staffed)
    _check_catch_all(catalogue)


def _check_peak(
    service: DeclaredService, peak: Peak, catalogue: Catalogue, staffed: Staffed
) -> None:
    cover = cover_for(
        ppm=peak.target_ppm,
        organisation=catalogue.organisation,
        high_demand=service.deployment_target not in LOW_DEMAND,
    ).cover
    cover = service.cover_override or cover
    missing = _missing(service, cover, staffed)
    if missing and _RANK[cover] > _RANK[service.cover]:
        first, after = peak.written
        service.entity.annotations.refuse(
            "peak-cover",
            f"the window {first}/{after} raises cover and needs {missing}",
            _fix(service, cover),
            key=PREFIX + "peak-windows",
            missing=_owner_of(service, cover),
        )


def _missing(service: DeclaredService, cover: Cover, staffed: Staffed) -> str:
    if cover is Cover.TEAM and not _answers(staffed["team", service.owner]):
        return f"an out-of-hours rota of team {service.owner}"
    if cover is Cover.DOMAIN and not service.domain:
        return "a domain with an out-of-hours rota, and this service is in no domain"
    if cover is Cover.DOMAIN and not _answers(staffed["domain", service.domain]):
        return f"an out-of-hours rota of domain {service.domain}"
    return ""


def _owner_of(service: DeclaredService, cover: Cover) -> str:
    return service.owner if cover is Cover.TEAM else service.domain or service.system


def _fix(service: DeclaredService, cover: Cover) -> str:
    if cover is Cover.TEAM:
        return f"Declare a Rota with `team: {service.owner}` and `covers: always`."
    if not service.domain:
        return f"Write {PREFIX}oncall-domain, or give its System a `domain`."
    return f"Declare a Rota with `domain: {service.domain}` and `covers: out-of-hours`."


def _staffed(catalogue: Catalogue) -> Staffed:
    found: Staffed = defaultdict(list)
    for rota in catalogue.rotas.values():
        if rota.participants and bool(rota.team) != bool(rota.domain):
            key = ("team", rota.team) if rota.team else ("domain", rota.domain)
            found[key].append(rota)
    return found


def _answers(rotas: Iterable[DeclaredRota]) -> bool:
    return any(needs_rota(rota.covers) for rota in rotas)


def _check_overlaps(staffed: Staffed) -> None:
    for (kind, owner), rotas in list(staffed.items()):
        taken: dict[RotaCovers, DeclaredRota] = {}
        for rota in rotas:
            for hours in _hours(rota.covers):
                first = taken.setdefault(hours, rota)
                if first is not rota:
                    rota.entity.spec.refuse(
                        "rota-overlap",
                        f"rota {first.slug} answers for {kind} {owner} in the same hours",
                        "Let one cover working hours and the other out of hours, or merge them.",
                        key="covers",
                    )
                    break


def _hours(covers: RotaCovers) -> tuple[RotaCovers, ...]:
    if covers is RotaCovers.ALWAYS:
        return (RotaCovers.WORKING_HOURS, RotaCovers.OUT_OF_HOURS)
    return (covers,)


def _check_teams(catalogue: Catalogue, staffed: Staffed) -> None:
    for slug in sorted({one.owner for one in catalogue.services.values() if one.owner}):
        team = catalogue.teams.get(slug)
        if team is None:
            continue
        rotas = staffed["team", slug]
        if any(rota.covers is not RotaCovers.OUT_OF_HOURS for rota in rotas):
            continue
        spec = team.entity.spec
        if not team.members:
            message = "the team owns services, and has neither a rota nor members"
            fix = "Name its people, or declare a Rota for it."
            spec.refuse("team-nobody", message, fix, key="type", missing=slug)
        else:
            message = "no rota in working hours: all members are paged at once"
            fix = f"Declare a Rota with `team: {slug}` and `covers: working-hours`."
            warning = Gravity.WARNING
            spec.refuse("team-rota", message, fix, key="type", gravity=warning, missing=slug)


def _check_catch_all(catalogue: Catalogue) -> None:
    name = catalogue.organisation.catch_all_rota
    spec = catalogue.organisation_entity.spec
    if not name:
        message = "alerts of services nobody has declared reach no rota"
        fix = "Write `catchAllRota: NAME`."
        spec.refuse("catch-all", message, fix, key="catchAllRota", gravity=Gravity.WARNING)
        return
    rota = catalogue.rotas.get(name)
    if rota is None:
        near = _called(name, catalogue) or near_name(name, catalogue.rotas)
        fix = f"Did you mean {near}?" if near else "Declare it, or name another."
        message = f"there is no rota {name!r}"
        spec.refuse("catch-all", message, fix, key="catchAllRota", missing=name)
    elif rota.covers is not RotaCovers.ALWAYS:
        message, fix = (
            f"rota {name!r} does not answer at all hours",
            "Write `covers: always` there.",
        )
        spec.refuse("catch-all", message, fix, key="catchAllRota", gravity=Gravity.WARNING)


def _called(title: str, catalogue: Catalogue) -> str:
    """Return the rota that people call so."""
    return next((slug for slug, one in catalogue.rotas.items() if one.title == title), "")
