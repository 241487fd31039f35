"""Panels as SDK builders, with what each must have: title, description, unit, id, source."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from andon.integrations.grafana.sdk import (
    Builder,
    boards,
    common,
    common_builders,
    models,
    prometheus,
    prometheus_models,
    stat,
    statetimeline,
    table,
    text,
    text_models,
    timeseries,
)
from andon.integrations.grafana.template import ID, ROW, DrawnTemplate, Template

SOURCE = common.DataSourceRef(type_val="prometheus", uid="${datasource}")
RED, AMBER, GREEN, GREY = "red", "orange", "green", "text"
#: Signed, from what is overspent to what is untouched.
BUDGET_STEPS = ((None, RED), (0.0, AMBER), (0.25, GREEN))
#: Colours of something whose every occurrence is bad.
ANY_IS_BAD = ((None, GREEN), (1e-9, RED))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a panel stands: column and width of 24, row and height within its section."""

    column: int
    row: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL query and what its line is called."""

    expr: str
    legend: str = ""


class _Panel(Protocol):
    def title(self, title: str) -> Self: ...
    def description(self, description: str) -> Self: ...
    def id(self, id_val: int) -> Self: ...
    def grid_pos(self, grid_pos: models.GridPos) -> Self: ...
    def datasource(self, datasource: common.DataSourceRef) -> Self: ...
    def unit(self, unit: str) -> Self: ...
    def no_value(self, no_value: str) -> Self: ...
    def thresholds(self, thresholds: Builder[models.ThresholdsConfig]) -> Self: ...
    def build(self) -> models.Panel: ...


def drawn(
    panel: _Panel,
    place: Place,
    *,
    title: str,
    description: str,
    unit: str = "",
    no_value: str = "no data",
    steps: Sequence[tuple[float | None, str]] = ((None, GREEN),),
) -> DrawnTemplate:
    """Return a panel's template, with everything that every panel has."""
    panel.title(title).description(description).id(ID)
    panel.grid_pos(models.GridPos(h=place.height, w=place.width, x=place.column, y=ROW))
    if unit:
        panel.datasource(SOURCE).unit(unit).no_value(no_value).thresholds(_thresholds(steps))
    return DrawnTemplate(Template.of(panel.build(), indent="  "), place.row, place.height)


def number(query: str, *, decimals: int | None = None) -> stat.Panel:
    """Return a panel with one number, as it is now."""
    panel = stat.Panel().with_target(_target(Query(query), index=0, instant=True))
    panel.color_mode(common.BigValueColorMode.VALUE).graph_mode(common.BigValueGraphMode.NONE)
    panel.reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    return panel if decimals is None else panel.decimals(decimals)


def lines(*queries: Query, decimals: int | None = None) -> timeseries.Panel:
    """Return a panel with lines over time."""
    panel = timeseries.Panel()
    for index, query in enumerate(queries):
        panel.with_target(_target(query, index=index))
    panel.line_width(2).fill_opacity(8).show_points(common.VisibilityMode.NEVER)
    panel.tooltip(
        common_builders.VizTooltipOptions()
        .mode(common.TooltipDisplayMode.MULTI)
        .sort(common.SortOrder.DESCENDING)
    )
    panel.legend(_legend())
    return panel if decimals is None else panel.decimals(decimals)


def with_line(panel: timeseries.Panel) -> timeseries.Panel:
    """Draw the panel's thresholds as lines."""
    style = common_builders.GraphThresholdsStyleConfig()
    return panel.thresholds_style(style.mode(common.GraphThresholdsStyleMode.LINE))


def states(
    *queries: Query, mappings: Sequence[tuple[str, str, str]], merge: bool = True
) -> statetimeline.Panel:
    """Return a panel with states over time; a mapping is value, words, colour."""
    panel = statetimeline.Panel()
    for index, query in enumerate(queries):
        panel.with_target(_target(query, index=index))
    named = {
        value: models.ValueMappingResult(text=words, color=colour, index=index)
        for index, (value, words, colour) in enumerate(mappings)
    }
    panel.mappings([models.ValueMap(options=named)]).merge_values(merge).legend(_legend())
    return panel.show_value(common.VisibilityMode.AUTO).fill_opacity(80).row_height(0.8)


def rows(
    *queries: Query, columns: Sequence[str], sort: str = "", descending: bool = False
) -> table.Panel:
    """Return a table with a row per series as it is now: these labels, then the values."""
    panel = table.Panel()
    for index, query in enumerate(queries):
        panel.with_target(_target(query, index=index, instant=True, as_table=True))
    if len(queries) > 1:
        panel.with_transformation(models.DataTransformerConfig(id_val="merge", options={}))
    values = [f"Value #{_ref(i)}" for i in range(len(queries))] if len(queries) > 1 else ["Value"]
    names = [query.legend for query in queries]
    keep = [*columns, *values]
    organise = {
        "indexByName": {name: index for index, name in enumerate(keep)},
        "renameByName": dict(zip(values, names, strict=True)),
        "includeByName": dict.fromkeys(keep, True),
        "excludeByName": {},
    }
    panel.with_transformation(models.DataTransformerConfig(id_val="organize", options=organise))
    if sort:
        order = common_builders.TableSortByFieldState().display_name(sort).desc(descending)
        panel.sort_by([order])
    return panel.show_header(True).filterable(True)


def column(panel: table.Panel, name: str, *, unit: str, decimals: int = 1) -> table.Panel:
    """Say the unit of a column."""
    values = [("unit", unit), ("decimals", decimals)]
    properties = [models.DynamicConfigValue(id_val=key, value=value) for key, value in values]
    return panel.override_by_name(name, properties)


def linked(panel: table.Panel, *links: tuple[str, str, str]) -> table.Panel:
    """Make a column's cells lead somewhere: column, title, address."""
    for name, title, url in links:
        value = [{"title": title, "url": url, "targetBlank": False}]
        panel.override_by_name(name, [models.DynamicConfigValue(id_val="links", value=value)])
    return panel


def words(content: str) -> text.Panel:
    """Return a panel of Markdown."""
    return text.Panel().mode(text_models.TextMode.MARKDOWN).content(content)


def heading(title: str, *, row: int = 0) -> DrawnTemplate:
    """Return the line that starts a section."""
    place = models.GridPos(h=1, w=24, x=0, y=ROW)
    panel = boards.Row(title).id(ID).grid_pos(place)
    return DrawnTemplate(Template.of(panel.build(), indent="  "), row, 1)


def annotation(
    *, name: str, expr: str, colour: str, title: str, words: str = ""
) -> boards.AnnotationQuery:
    """Return marks on every graph while a query is above 0."""
    target = prometheus.Dataquery().expr(expr).ref_id("Anno").interval("60s").datasource(SOURCE)
    query = boards.AnnotationQuery().name(name).datasource(SOURCE).target(target)
    return query.enable(True).icon_color(colour).title_format(title).text_format(words)


def _target(
    query: Query, *, index: int, instant: bool = False, as_table: bool = False
) -> prometheus.Dataquery:
    target = prometheus.Dataquery().expr(query.expr).ref_id(_ref(index)).datasource(SOURCE)
    target.legend_format(query.legend or "__auto")
    target = target.instant() if instant else target.range()
    if as_table:
        target.format(prometheus_models.PromQueryFormat.TABLE)
    return target


def _ref(index: int) -> str:
    return "ABCDEFGHIJ"[index]


def _legend() -> common_builders.VizLegendOptions:
    legend = common_builders.VizLegendOptions().show_legend(True)
    legend.display_mode(common.LegendDisplayMode.LIST)
    return legend.placement(common.LegendPlacement.BOTTOM)


def _thresholds(steps: Sequence[tuple[float | None, str]]) -> boards.ThresholdsConfig:
    config = boards.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE)
    return config.steps([models.Threshold(value=value, color=colour) for value, colour in steps])
