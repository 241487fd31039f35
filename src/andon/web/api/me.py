"""Who the caller is."""

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from andon.people import queries as people
from andon.web.api.access import caller
from andon.web.api.schemas import PersonRef, Ref, answers

router = Router(tags=["You"])


class MeOut(Schema):
    """Who acts when this caller acts."""

    name: str
    person: PersonRef | None = Field(description="Null: a key of the organisation.")
    is_staff: bool
    timezone: str | None
    teams: list[Ref]


@router.get("/me", response=answers(MeOut), summary="Who am I")
def me(request: HttpRequest) -> MeOut:
    """The person a key acts for, or who is signed in."""
    who = caller(request)
    teams = people.teams_of(person_id=who.person.id) if who.person else ()
    return MeOut(
        name=who.name,
        person=PersonRef(slug=who.person.slug, name=who.person.name) if who.person else None,
        is_staff=who.is_staff,
        timezone=who.person.timezone if who.person else None,
        teams=[Ref(slug=team.slug, title=team.title) for team in teams],
    )
