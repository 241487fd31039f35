"""What stands around the panels: name, time range, variable, annotations, links."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from andon.integrations.grafana.panels import annotation
from andon.integrations.grafana.sdk import boards, models
from andon.integrations.grafana.template import Template, frame_of


@dataclass(frozen=True, slots=True)
class Frame:
    """The shape of what stands around; the words are blanks."""

    #: Uid of the data source that is chosen first.
    source: str
    #: Titles of links; each one's address is the blank `link_<n>`.
    links: tuple[str, ...]
    #: How many blanks `tag_<n>` there are.
    tags: int
    #: Whether there is a query for deployments.
    deployments: bool
    span: str = "now-6h"


@lru_cache(maxsize=256)
def template(frame: Frame) -> Template:
    """Return the template around a dashboard's panels."""
    board = (
        boards.Dashboard("%%name%%")
        .uid("%%uid%%")
        .description("%%description%%")
        .tags(["andon", *(f"%%tag_{_letter(index)}%%" for index in range(frame.tags))])
        .timezone("%%zone%%")
        .week_start("monday")
        .time(frame.span, "now")
        .refresh("1m")
        .readonly()
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .with_variable(_source(frame.source))
        .annotation(
            annotation(
                name="Incidents",
                expr="%%incidents%%",
                colour="red",
                title="Open incident",
                words="{{service}}",
            )
        )
    )
    if frame.deployments:
        board.annotation(
            annotation(
                name="Deployments", expr="%%deployments%%", colour="blue", title="Deployment"
            )
        )
    for index, title in enumerate(frame.links):
        board.link(
            boards.DashboardLink(title)
            .type(models.DashboardLinkType.LINK)
            .url(f"%%link_{_letter(index)}%%")
            .icon("external link")
            .tooltip(title)
            .target_blank(True)
        )
    return frame_of(board.build())


def blanks(*, tags: Sequence[str], links: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return what fills the tags and the links' addresses, not yet escaped."""
    filled = {f"tag_{_letter(index)}": tag for index, tag in enumerate(tags)}
    return filled | {f"link_{_letter(index)}": url for index, (_, url) in enumerate(links)}


def _source(uid: str) -> boards.DatasourceVariable:
    variable = boards.DatasourceVariable("datasource").label("Data source").type("prometheus")
    variable.description("Where the rules record what the panels show.")
    return variable.current(models.VariableOption(text=uid, value=uid))


def _letter(index: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[index]
