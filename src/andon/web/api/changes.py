"""What changed about services: deployments that metrics tell, and changes that senders tell."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from andon.slo import queries
from andon.slo.types import KnownChange
from andon.web.api.schemas import Limit, Listed, Out, Ref, Slug, answers, pair

router = Router(tags=["Services"])

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: When the last of a list happened, in microseconds, and how many of that instant were listed.
After = Annotated[
    str,
    Field(pattern=r"^([0-9]{1,16}\.[0-9]{1,6})?$", description="`next` of the last answer."),
]


class ChangeLinkOut(Out):
    """Where to read more about a change."""

    text: str
    href: str


class ChangeOut(Out):
    """A change of a service, of which nobody is paged."""

    at: datetime
    summary: str
    source: str = Field(description="What changed it, such as a pipeline; empty: not told.")
    told_by: str = Field(description="The integration key that brought it; empty: read in metrics.")
    service: Annotated[Ref, pair("slug", "title")] | None = Field(
        description="Null: a service nobody declared."
    )
    service_ref: str = Field(description="The text that names the service.")
    links: list[Annotated[ChangeLinkOut, pair("text", "href")]]


@router.get("/changes", response=answers(Listed[ChangeOut]), summary="List changes, newest first")
def list_changes(
    request: HttpRequest, service: Slug | Literal[""] = "", limit: Limit = 50, after: After = ""
) -> Listed[ChangeOut]:
    """Of one service, or of all."""
    until, skip = _read(after)
    found = queries.list_changes(service=service.lower(), until=until, skip=skip, limit=limit + 1)
    shown = found[:limit]
    return Listed[ChangeOut](
        items=[ChangeOut.of(one) for one in shown],
        next=_cursor(shown, until, skip) if len(found) > limit else None,
    )


def _read(after: str) -> tuple[datetime | None, int]:
    micros, _, skip = after.partition(".")
    return (_EPOCH + int(micros) * _MICROSECOND, int(skip)) if after else (None, 0)


def _cursor(shown: Sequence[KnownChange], until: datetime | None, skip: int) -> str:
    last = shown[-1].at
    listed = sum(one.at == last for one in shown) + (skip if last == until else 0)
    return f"{(last - _EPOCH) // _MICROSECOND}.{listed}"
