"""People: who is there, in which teams, and by which kinds of address they can be reached."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from typing import Annotated

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field, WithJsonSchema

from andon.people import queries
from andon.people.types import CONTACT_KINDS
from andon.web.api.schemas import (
    Cursor,
    Lacking,
    Limit,
    Listed,
    Out,
    Ref,
    Search,
    Slug,
    answers,
    listed,
)

router = Router(tags=["Catalogue"])


class ReachOut(Out):
    """One way to reach somebody. What a message is sent to is shown to nobody here."""

    kind: Annotated[str, WithJsonSchema({"enum": CONTACT_KINDS.names(), "type": "string"})]
    address: str = Field(description="Masked.", examples=["a...@example.org"])
    works: Lacking = Field(
        validation_alias="fault", description="False once it was refused for good."
    )


class PersonOut(Out):
    """Somebody who may be on call, in a team, or both."""

    slug: str
    name: str
    timezone: str
    teams: list[Ref]
    reach: list[ReachOut] = Field(
        validation_alias="contacts", description="In the order in which they are tried."
    )


@router.get("/people", response=answers(Listed[PersonOut]), summary="List people")
def list_people(
    request: HttpRequest,
    search: Search = "",
    team: Search = "",
    limit: Limit = 50,
    after: Cursor = "",
) -> Listed[PersonOut]:
    """Sorted by slug, without those who have left. Search looks in name and slug."""
    found = queries.list_people(search=search, team=team, limit=limit + 1, after=after)
    return listed(PersonOut, found, limit=limit)


@router.get("/people/{slug}", response=answers(PersonOut, 404), summary="Read one person")
def get_person(request: HttpRequest, slug: Slug) -> PersonOut:
    """Whoever has left is not found."""
    found = queries.list_people(slug=slug, limit=1)
    if not found:
        raise Http404(f"There is nobody called {slug!r}.")
    return PersonOut.of(found[0])
