"""The section of a dashboard about one objective, drawn once per shape."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TypeVar

from andon.integrations.grafana import calendar, queries, tiers
from andon.integrations.grafana.panels import (
    BUDGET_STEPS,
    GREEN,
    GREY,
    RED,
    Place,
    Query,
    drawn,
    heading,
    lines,
    number,
    states,
    with_line,
    words,
)
from andon.integrations.grafana.sdk import stat, timeseries
from andon.integrations.grafana.template import DrawnTemplate, Section
from andon.slo.types import CalendarWindow, Estate, Objective

P = TypeVar("P", stat.Panel, timeseries.Panel)
#: Panels of tiers beside one another.
_ABREAST = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """All that makes one objective's panels differ from another's, but for the words in them."""

    period: timedelta
    calendar: CalendarWindow | None
    tiers: tuple[tiers.TierCurve, ...]

    @property
    def since(self) -> str:
        """Return the start of a calendar period as Grafana reckons it; empty for rolling ones."""
        return calendar.since(self.calendar) if self.calendar else ""

    @property
    def is_shown(self) -> bool:
        """Return whether Grafana can tell the period at all."""
        return self.calendar is None or bool(self.since)

    @property
    def rate(self) -> str:
        """Return the burn rate of now, over the first tier's long window."""
        return queries.burn(self.tiers[0].long if self.tiers else "5m")

    @property
    def left(self) -> str:
        """Return the share of the budget that is left."""
        if self.calendar is None:
            return queries.budget()
        return queries.budget_so_far(period=self.period)


def shape_of(*, objective: Objective, estate: Estate) -> Shape:
    """Return the shape of an objective's section."""
    return Shape(
        # A rehearsal shortens windows; a calendar's cannot be.
        period=objective.window / (1 if objective.calendar else estate.rules.scale),
        calendar=objective.calendar,
        tiers=tiers.of(objective=objective, rules=estate.rules),
    )


@lru_cache(maxsize=256)
def section(shape: Shape) -> Section:
    """Return the panels about one objective."""
    budget = _budget(shape) if shape.is_shown else (_unsayable(),)
    burns = _burns(shape, row=13)
    below = max((panel.row + panel.height for panel in burns), default=13)
    return Section((heading("%%title%%"), *budget, *burns, *_traffic(row=below)))


def _budget(shape: Shape) -> tuple[DrawnTemplate, ...]:
    return (*_figures(shape), *_curves(shape))


def _figures(shape: Shape) -> tuple[DrawnTemplate, ...]:
    over = _over(shape)
    return (
        drawn(
            _timed(number(shape.left, decimals=1), shape),
            Place(0, 1, 5, 4),
            title="Budget left",
            description=f"Share of the error budget that is left {over}; below zero, overspent.",
            unit="percentunit",
            steps=BUDGET_STEPS,
        ),
        drawn(
            _timed(number(queries.time_left(left=shape.left, period=shape.period)), shape),
            Place(5, 1, 5, 4),
            title="Budget left as downtime",
            description=f"How long everything may still fail {over}; below zero, overspent.",
            unit="s",
            steps=BUDGET_STEPS,
        ),
        drawn(
            _timed(
                number(
                    queries.exhaustion(left=shape.left, rate=shape.rate, period=shape.period),
                    decimals=1,
                ),
                shape,
            ),
            Place(10, 1, 5, 4),
            title="Budget runs out in",
            description="At the burn rate of now, while nothing old drops out of the period. "
            "Empty when nothing burns.",
            unit="s",
            no_value="not at this rate",
            steps=((None, RED), (86_400.0, "orange"), (604_800.0, GREEN)),
        ),
        drawn(
            _timed(number(_availability(shape), decimals=3), shape),
            Place(15, 1, 5, 4),
            title="Availability",
            description=f"Share of good events {over}.",
            unit="percentunit",
            steps=((None, GREY),),
        ),
        drawn(
            number(f"slo:target:ratio{queries.ONE}", decimals=3),
            Place(20, 1, 4, 4),
            title="Target",
            description="The availability target in force now, peaks included.",
            unit="percentunit",
            steps=((None, GREY),),
        ),
    )


def _curves(shape: Shape) -> tuple[DrawnTemplate, ...]:
    down = queries.budget()
    if shape.calendar is not None:
        down = queries.burn_down_so_far(period=shape.period)
    points = lines(Query(down, "budget left"), decimals=1).max_data_points(200)
    hour = shape.tiers[0].long if shape.tiers else "5m"
    return (
        drawn(
            with_line(_timed(points, shape)),
            Place(0, 5, 12, 8),
            title="Budget burn-down",
            description=f"Share of the error budget that is left {_over(shape)}, over time. "
            "The line is where it is spent.",
            unit="percentunit",
            steps=((None, RED), (0.0, GREEN)),
        ),
        drawn(
            lines(
                Query(f"1 - {queries.ratio(hour)}", f"availability over {hour}"),
                Query(f"slo:target:ratio{queries.ONE}", "target"),
                decimals=3,
            ),
            Place(12, 5, 12, 8),
            title="Availability against target",
            description=f"Share of good events over {hour}, and the target in force at the time.",
            unit="percentunit",
        ),
    )


def _burns(shape: Shape, *, row: int) -> tuple[DrawnTemplate, ...]:
    width = 24 // min(_ABREAST, max(1, len(shape.tiers)))
    return tuple(
        _burn(tier, Place(index % _ABREAST * width, row + index // _ABREAST * 7, width, 7))
        for index, tier in enumerate(shape.tiers)
    )


def _burn(tier: tiers.TierCurve, place: Place) -> DrawnTemplate:
    asks = "pages" if tier.severity == "page" else "opens a ticket"
    return drawn(
        with_line(
            lines(
                Query(queries.burn(tier.long), tier.long),
                Query(queries.burn(tier.short), tier.short),
                decimals=1,
            )
        ),
        place,
        title=f"Burn rate, {tier.name}",
        description=f"How many times faster than even the budget goes. It {asks} when both lines "
        f"are above {tier.factor_in_words}.",
        unit="short",
        steps=((None, GREEN), (float(tier.factor), RED)),
    )


def _traffic(*, row: int) -> tuple[DrawnTemplate, ...]:
    return (
        drawn(
            lines(Query(queries.traffic(), "events a second")),
            Place(0, row, 12, 6),
            title="Traffic",
            description="Events a second that the objective is measured by.",
            unit="cps",
        ),
        drawn(
            states(
                Query(queries.state(), "measurement"),
                mappings=(
                    ("1", "measured", "green"),
                    ("0", "no traffic", "blue"),
                    ("-1", "no data", "red"),
                ),
            ),
            Place(12, row, 12, 6),
            title="Measured or not",
            description="Without traffic nothing burns and nothing alerts. Without data nobody "
            "knows: that is an alert of its own.",
            unit="none",
        ),
    )


def _unsayable() -> DrawnTemplate:
    return drawn(
        words(
            "This objective's period cannot be said in Grafana's date arithmetic. Its budget "
            "stands on the service's page in Andon."
        ),
        Place(0, 1, 24, 3),
        title="Budget",
        description="Why there are no figures here.",
    )


def _availability(shape: Shape) -> str:
    if shape.calendar is None:
        return f"1 - {queries.ratio('period')}"
    return queries.availability_so_far()


def _timed(panel: P, shape: Shape) -> P:
    """Give a panel of a calendar objective the period so far as its range, whatever is picked."""
    return panel.time_from(shape.since) if shape.since else panel


def _over(shape: Shape) -> str:
    if shape.calendar is None:
        return "over %%period%%"
    return f"in this {calendar.in_words(shape.calendar)}, so far"
