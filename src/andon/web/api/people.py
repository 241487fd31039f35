"""People: who is there, in which teams, and by which kinds of address they can be reached."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from andon.people import queries, types
from andon.people.types import ContactKind
from andon.web.api.schemas import Cursor, Limit, Listed, Ref, Search, Slug, answers

router = Router(tags=["Catalogue"])


class ReachOut(Schema):
    """One way to reach somebody. What a message is sent to is shown to nobody here."""

    kind: ContactKind
    address: str = Field(description="Masked.", examples=["a...@example.org"])
    works: bool = Field(description="False once it was refused for good.")


class PersonOut(Schema):
    """Somebody who may be on call, in a team, or both."""

    slug: str
    name: str
    timezone: str
    teams: list[Ref]
    reach: list[ReachOut] = Field(description="In the order in which they are tried.")


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
    shown = found[:limit]
    return Listed[PersonOut](
        items=[_out(one) for one in shown], next=shown[-1].slug if len(found) > limit else None
    )


@router.get("/people/{slug}", response=answers(PersonOut, 404), summary="Read one person")
def get_person(request: HttpRequest, slug: Slug) -> PersonOut:
    """Whoever has left is not found."""
    found = queries.list_people(slug=slug, limit=1)
    if not found:
        raise Http404(f"There is nobody called {slug!r}.")
    return _out(found[0])


def _out(row: types.Listed) -> PersonOut:
    return PersonOut(
        slug=row.slug,
        name=row.name,
        timezone=row.timezone,
        teams=[Ref(slug=team.slug, title=team.title) for team in row.teams],
        reach=[
            ReachOut(kind=one.kind, address=one.address, works=not one.fault)
            for one in row.contacts
        ],
    )
