"""Where an alert goes: service, owner, cover, working hours, rota; each answer with its reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from andon.alerts.types import Severity
from andon.catalogue.rules import format_target
from andon.catalogue.types import Cover, CoverDecision, Service
from andon.oncall.types import Hours
from andon.paging.types import Candidates, Crew, Route, RouteVerdict

#: Alerts of these severities are recorded and shown; they page nobody.
SILENT_SEVERITIES = frozenset({Severity.INFO})

_COVER = {
    Cover.NONE: "no cover out of hours",
    Cover.DOMAIN: "domain cover out of hours",
    Cover.TEAM: "team cover out of hours",
}
_NOBODY = "nobody is left to ask: only the fallback contact"


@dataclass(frozen=True, slots=True)
class _Preference:
    """A crew that may answer, and what is said when there is none."""

    crew: Crew | None
    missing: str


def route(
    *,
    service: Service | None,
    ref: str,
    cover: CoverDecision | None,
    hours: Hours | None,
    candidates: Candidates,
    now: datetime,
    ticket: bool = False,
) -> Route:
    """Return where an alert of a service goes at an instant, and why.

    A ticket waits for working hours whatever the cover: nobody is woken for one.
    It never goes to the floor: a rota that is missing or has nobody on call gives way to the team's
    members, they to the catch-all rota, and that to the fallback contact.
    """
    if service is None or cover is None or hours is None:
        return _unknown(ref, candidates)
    target = f"{format_target(cover.target_ppm)} target"
    trace = (
        f"{service.title} is owned by {service.owner.title}",
        _sentence(cover.reason),
        hours.reason,
    )
    if hours.working:
        start = f"{target}, working hours"
        return _paged(service, start, trace, _in_hours(service, candidates), out_of_hours=False)
    start = f"{target}, {_COVER[cover.cover]}"
    waits = ticket or cover.cover is Cover.NONE
    if waits and hours.next_start > now:
        start = "a ticket, out of hours" if ticket else start
        return _held(service, _sentence(start), trace, hours, now)
    if waits:
        start = f"{start}, but working hours never begin"
    return _paged(
        service, start, trace, _out_of_hours(service, cover, candidates), out_of_hours=True
    )


def quiet_reason(*, severity: Severity, test: bool, hours: Hours | None) -> str:
    """Return why an alert is recorded without paging anybody, or an empty string."""
    if severity in SILENT_SEVERITIES:
        return f"Severity {severity}: recorded, pages nobody"
    if test and (hours is None or not hours.working):
        return "A test alert out of hours: recorded, pages nobody"
    return ""


def say_held_until(*, until: datetime, timezone: str, now: datetime) -> str:
    """Return when a held page goes out: `Mon 09:00 Europe/London`, with the date if a week away."""
    zone = ZoneInfo(timezone)
    local = until.astimezone(zone)
    near = local.date() - now.astimezone(zone).date() < timedelta(days=7)
    day = f"{local:%a}" if near else f"{local:%a} {local.day} {local:%b}"
    return f"{day} {local:%H:%M} {timezone}"


def _unknown(ref: str, candidates: Candidates) -> Route:
    start = f'No service is called "{ref}"' if ref else "The alert names no service"
    trace = (f"{start}: a gap in the catalogue",)
    if candidates.catch_all is None:
        return _to_fallback(f"{start}, and no catch-all rota has anybody on call", trace, team=None)
    crew = candidates.catch_all
    reason = f"{start}: paging the catch-all {crew.label}"
    return Route(RouteVerdict.PAGE, crew.rota, crew.team, None, (*trace, reason), reason)


def _held(
    service: Service, start: str, trace: tuple[str, ...], hours: Hours, now: datetime
) -> Route:
    zone = service.working_hours.timezone
    until = say_held_until(until=hours.next_start, timezone=zone, now=now)
    reason = f"{start}: held until {until}"
    return Route(
        verdict=RouteVerdict.HOLD,
        rota=None,
        team=service.owner.slug,
        until=hours.next_start,
        trace=(*trace, reason),
        reason=reason,
        out_of_hours=True,
    )


def _in_hours(service: Service, candidates: Candidates) -> list[_Preference]:
    own = f"{service.owner.title} has nobody on a rota in working hours"
    return [_Preference(candidates.team_rota, own), *_everybody_else(service, candidates)]


def _out_of_hours(
    service: Service, cover: CoverDecision, candidates: Candidates
) -> list[_Preference]:
    rest = _everybody_else(service, candidates)
    if cover.cover is Cover.DOMAIN:
        where = f"domain {service.domain}" if service.domain else "no domain"
        none = f"{service.title} is in {where}, which has nobody on a rota out of hours"
        return [_Preference(candidates.domain_rota, none), *rest]
    if cover.cover is Cover.TEAM:
        none = f"{service.owner.title} has nobody on a rota out of hours"
        return [_Preference(candidates.team_rota, none), *rest]
    return rest


def _everybody_else(service: Service, candidates: Candidates) -> list[_Preference]:
    return [
        _Preference(candidates.members, f"{service.owner.title} has no members"),
        _Preference(candidates.catch_all, "no catch-all rota has anybody on call"),
    ]


def _paged(
    service: Service,
    start: str,
    trace: tuple[str, ...],
    preferences: list[_Preference],
    *,
    out_of_hours: bool,
) -> Route:
    missing: list[str] = []
    for preference in preferences:
        crew = preference.crew
        if crew is None:
            missing.append(preference.missing)
            continue
        because = f" ({'; '.join(missing)})" if missing else ""
        reason = f"{start}: paging {crew.label}{because}"
        return Route(
            verdict=RouteVerdict.PAGE,
            rota=crew.rota,
            team=crew.team,
            until=None,
            trace=(*trace, *(_sentence(one) for one in missing), reason),
            reason=reason,
            out_of_hours=out_of_hours,
        )
    start = f"{start}, {'; '.join(missing)}"
    found = _to_fallback(start, trace, team=service.owner.slug)
    return Route(
        found.verdict, None, found.team, None, found.trace, found.reason, out_of_hours=out_of_hours
    )


def _to_fallback(start: str, trace: tuple[str, ...], *, team: str | None) -> Route:
    reason = f"{start}: {_NOBODY}"
    return Route(RouteVerdict.PAGE, None, team, None, (*trace, reason), reason)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
