"""The dashboards of many services: a team's, a domain's, the organisation's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from andon.integrations.grafana import calendar, queries
from andon.integrations.grafana.frame import Frame, blanks, template
from andon.integrations.grafana.panels import (
    ANY_IS_BAD,
    BUDGET_STEPS,
    GREY,
    RED,
    Place,
    Query,
    column,
    drawn,
    heading,
    lines,
    linked,
    number,
    rows,
    with_line,
)
from andon.integrations.grafana.sdk import table
from andon.integrations.grafana.template import DrawnTemplate, Section, assemble, escaped
from andon.integrations.grafana.wording import currency_unit
from andon.slo.rules import promql
from andon.slo.types import Estate, Objective, Subject
from andon.telemetry.rules import dashboards
from andon.telemetry.types import Board

#: Lines of a graph: more cannot be told apart.
_MOST = 15
_CALENDAR = '{slo=~"%%slos%%"}'


@dataclass(frozen=True, slots=True)
class ServiceSelection:
    """What a dashboard of many services is about."""

    kind: Board
    slug: str
    title: str
    #: How the selection's series are found: by a label of `slo:info` and of alerts.
    label: str
    subjects: tuple[Subject, ...]
    objectives: tuple[Objective, ...]


def draw(*, selection: ServiceSelection, estate: Estate) -> str:
    """Return the text of a dashboard of many services."""
    tags, links = _tags(selection), _links(selection, estate)
    around = Frame(
        source=estate.rules.datasource_uid,
        links=tuple(title for title, _ in links),
        tags=len(tags),
        deployments=False,
        span="now-24h",
    )
    calendars = _calendars(selection)
    values = _values(selection, calendars) | blanks(tags=tags, links=links)
    filled = {name: escaped(value) for name, value in values.items()}
    drill = _drill(selection.subjects)
    sections: list[tuple[Section, Mapping[str, str]]] = [
        (_summary(estate.currency, _window(estate), drill), filled)
    ]
    if selection.kind is Board.ORGANISATION:
        sections.append((_parts(), filled))
    for (each, period), slugs in calendars.items():
        own = {"slos": escaped("|".join(slugs))}
        sections.append((_calendar(each, period, drill), filled | own))
    return assemble(frame=template(around), sections=sections, values=filled)


@lru_cache(maxsize=16)
def _summary(currency: str, window: str, drill: str) -> Section:
    return Section((*_counts(currency), *_objectives(window, drill), *_trouble(drill)))


def _counts(currency: str) -> tuple[DrawnTemplate, ...]:
    budget = queries.joined(queries.budget(of=""))
    return (
        _count(
            0,
            "Objectives",
            "count(slo:info{%%where%%})",
            "Objectives that rules are live for.",
            steps=((None, GREY),),
        ),
        _count(
            4,
            "Budgets overspent",
            f"count({budget} < 0)",
            "Objectives over a rolling period whose error budget is spent.",
        ),
        _count(
            8,
            "Pages",
            f"count({_alerts(severity='page')})",
            "Firing alerts that ask for somebody now.",
        ),
        _count(
            12,
            "Tickets",
            f"count({_alerts(severity='ticket')})",
            "Firing alerts that ask for somebody in working hours.",
            steps=((None, "green"), (1e-9, "orange")),
        ),
        _count(
            16,
            "Open incidents",
            f"sum({queries.INCIDENTS})",
            "Incidents that are not restored, as Andon knows them.",
        ),
        _count(
            20,
            "Money at risk per hour",
            f"sum({queries.at_risk(currency=currency)})",
            "Exposure per hour of the services with an open incident, each counted once.",
            unit=currency_unit(currency),
        ),
    )


def _count(
    at: int,
    title: str,
    query: str,
    description: str,
    *,
    unit: str = "none",
    steps: tuple[tuple[float | None, str], ...] = ANY_IS_BAD,
) -> DrawnTemplate:
    return drawn(
        number(f"{query} or on () vector(0)"),
        Place(at, 0, 4, 4),
        title=title,
        description=description,
        unit=unit,
        steps=steps,
    )


def _objectives(window: str, drill: str) -> tuple[DrawnTemplate, ...]:
    budget = queries.joined(queries.budget(of=""))
    burn = queries.joined(queries.burn(window, of=""))
    found = rows(
        Query(budget, "budget left"),
        Query(queries.joined(f"(1 - {queries.ratio('period', of='')})"), "availability"),
        Query(queries.joined("slo:target:ratio"), "target"),
        Query(burn, f"burn rate over {window}"),
        columns=("service", "slo", "team", "domain"),
        sort="budget left",
    )
    for name in ("availability", "target"):
        column(found, name, unit="percentunit", decimals=3)
    column(found, "budget left", unit="percentunit")
    return (
        drawn(
            _linked(found, drill),
            Place(0, 4, 24, 10),
            title="Objectives, least budget first",
            description="Every objective over a rolling period: what is left of its budget, its "
            "availability against the target, and how fast the budget goes now.",
            unit="short",
        ),
        drawn(
            with_line(lines(Query(f"bottomk({_MOST}, {budget})", "{{slo}}"), decimals=1)),
            Place(0, 14, 12, 9),
            title="Budget burn-down, the least left",
            description=f"The {_MOST} objectives with the least budget at each instant. The line "
            "is where a budget is spent.",
            unit="percentunit",
            steps=((None, RED), (0.0, "green")),
        ),
        drawn(
            with_line(lines(Query(f"topk({_MOST}, {burn})", "{{slo}}"), decimals=1)),
            Place(12, 14, 12, 9),
            title=f"Burn rate over {window}, the highest",
            description=f"The {_MOST} objectives that burn fastest at each instant. Above 1 the "
            "budget does not last the period.",
            unit="short",
            steps=((None, "green"), (1.0, "orange")),
        ),
    )


def _trouble(drill: str) -> tuple[DrawnTemplate, ...]:
    firing = rows(
        Query(_alerts(), "firing"),
        columns=("alertname", "severity", "service", "slo", "team"),
        sort="severity",
    )
    silent = rows(Query(queries.without_data(), "objective"), columns=("service", "slo", "team"))
    return (
        drawn(
            _linked(firing, drill),
            Place(0, 23, 12, 9),
            title="Firing alerts",
            description="Alerts that fire now, pages first.",
            unit="none",
            no_value="none",
        ),
        drawn(
            _linked(silent, drill),
            Place(12, 23, 12, 9),
            title="Objectives without data",
            description="Objectives that nothing is measured for: their services may be fine or "
            "not, nobody knows.",
            unit="none",
            no_value="none",
            steps=((None, RED),),
        ),
    )


@lru_cache(maxsize=4)
def _parts() -> Section:
    return Section((heading("By domain and by team"), _part("domain", 0), _part("team", 12)))


def _part(label: str, at: int) -> DrawnTemplate:
    budget = queries.joined(queries.budget(of=""))
    found = rows(
        Query(f"min by ({label}) ({budget})", "least budget left"),
        Query(f"count by ({label}) ({budget} < 0)", "overspent"),
        Query(f"count by ({label}) (slo:info)", "objectives"),
        Query(f'count by ({label}) (ALERTS{{alertstate="firing",severity="page"}})', "pages"),
        columns=(label,),
        sort="least budget left",
    )
    for name in ("overspent", "objectives", "pages"):
        column(found, name, unit="none", decimals=0)
    return drawn(
        found,
        Place(at, 1, 12, 10),
        title=f"By {label}",
        description=f"Each {label}'s least budget, how many budgets are overspent, how many "
        "objectives there are, and how many pages fire.",
        unit="percentunit",
        steps=BUDGET_STEPS,
    )


@lru_cache(maxsize=64)
def _calendar(since: str, period: timedelta, drill: str) -> Section:
    left = queries.budget_so_far(period=period, of=_CALENDAR)
    found = rows(
        Query(queries.joined(f"({left})"), "budget left"),
        Query(queries.joined(f"({queries.availability_so_far(of=_CALENDAR)})"), "availability"),
        Query(queries.joined(f"slo:target:ratio{_CALENDAR}"), "target"),
        columns=("service", "slo", "team", "domain"),
        sort="budget left",
    )
    for name in ("availability", "target"):
        column(found, name, unit="percentunit", decimals=3)
    panel = drawn(
        _linked(found, drill).time_from(since),
        Place(0, 0, 24, 8),
        title=f"Objectives over a calendar period, since {since}",
        description="Objectives whose budget starts anew: what is left of it so far, taking "
        "traffic to go on as it came.",
        unit="percentunit",
        steps=BUDGET_STEPS,
    )
    return Section((panel,))


def _calendars(selection: ServiceSelection) -> dict[tuple[str, timedelta], list[str]]:
    """Return the calendar objectives by where their period starts and how long it is."""
    found: dict[tuple[str, timedelta], list[str]] = {}
    for each in selection.objectives:
        since = calendar.since(each.calendar) if each.calendar else ""
        if since:
            found.setdefault((since, each.window), []).append(each.slug)
    return dict(sorted(found.items()))


def _values(selection: ServiceSelection, calendars: Iterable[object]) -> dict[str, str]:
    """Return what fills the blanks, not yet escaped."""
    zones = [each.calendar.timezone for each in selection.objectives if each.calendar]
    only = f'{selection.label}="{selection.slug}"' if selection.label else ""
    slugs = "|".join(subject.slug for subject in selection.subjects)
    among = f',service=~"{slugs}"' if selection.label else ""
    return {
        "alerts": f",{only}" if only else "",
        "deployments": "",
        "description": "Generated by Andon. Changes belong into the catalogue and the objectives.",
        "incidents": queries.INCIDENTS.replace("%%services%%", among),
        "name": selection.title,
        "services": among,
        "uid": dashboards.uid(kind=selection.kind, slug=selection.slug),
        "where": only,
        "zone": zones[0] if zones and calendars else "browser",
    }


def _tags(selection: ServiceSelection) -> list[str]:
    if selection.kind is Board.ORGANISATION:
        return ["organisation"]
    return [f"{selection.label}:{selection.slug}"]


def _links(selection: ServiceSelection, estate: Estate) -> list[tuple[str, str]]:
    andon = estate.andon_url.rstrip("/")
    rooms = {Board.TEAM: f"teams/{selection.slug}/", Board.DOMAIN: f"domains/{selection.slug}/"}
    room = rooms.get(selection.kind, "services/")
    found = []
    if andon:
        found = [("In Andon", f"{andon}/{room}"), ("Who is on call", f"{andon}/rotas/")]
    if selection.kind is not Board.ORGANISATION:
        grafana = estate.rules.grafana_url
        whole = dashboards.address(grafana_url=grafana, kind=Board.ORGANISATION)
        found.append(("The organisation", whole))
    return [(title, url) for title, url in found if url]


def _drill(subjects: Iterable[Subject]) -> str:
    """Return where a row's service leads: its dashboard, or a search when a uid had to be cut."""
    slugs = [subject.slug for subject in subjects]
    prefix = dashboards.uid(kind=Board.SERVICE, slug="x").removesuffix("x")
    if all(dashboards.uid(kind=Board.SERVICE, slug=slug) == prefix + slug for slug in slugs):
        return f"/d/{prefix}${{__data.fields.service}}"
    return "/dashboards?tag=service:${__data.fields.service}"


def _linked(found: table.Panel, drill: str) -> table.Panel:
    return linked(found, ("service", "Dashboard of the service", drill))


def _alerts(severity: str = "") -> str:
    only = f',severity="{severity}"' if severity else ""
    return f'ALERTS{{alertstate="firing"{only}%%alerts%%}}'


def _window(estate: Estate) -> str:
    own = estate.rules.tiers
    return promql.duration(own[0].long) if own else "1h"
