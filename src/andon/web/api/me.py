"""Who the caller is."""

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from andon.people import queries as people
from andon.web.api.access import caller
from andon.web.api.schemas import Out, PersonRef, Ref, answers

router = Router(tags=["You"])


class MeOut(Out):
    """Who acts when this caller acts."""

    name: str
    person: PersonRef | None = Field(description="Null: a key of the organisation.")
    is_staff: bool
    timezone: str | None = Field(None, validation_alias="person.timezone")
    teams: list[Ref]


@router.get("/me", response=answers(MeOut), summary="Who am I")
def me(request: HttpRequest) -> MeOut:
    """The person a key acts for, or who is signed in."""
    who = caller(request)
    teams = people.teams_of(person_id=who.person.id) if who.person else ()
    return MeOut.of({"teams": teams}, who)
