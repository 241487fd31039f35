"""Integration keys: what lets senders in. Only staff may see or change them."""

from datetime import datetime
from typing import Annotated

from django.http import Http404, HttpRequest
from ninja import Router, Status
from pydantic import AfterValidator, Field, WithJsonSchema

from andon.alerts import actions, queries
from andon.alerts.types import KEY_KINDS
from andon.core import clock
from andon.web.api.access import only_staff
from andon.web.api.schemas import WHOLE, Body, Out, Slug, Words, answers

router = Router(tags=["Integration keys"])

Kind = Annotated[str, WithJsonSchema({"enum": KEY_KINDS.names(), "type": "string"})]


class KeyOut(Out):
    """A key without its secret, of which only a hash is kept."""

    id: int
    name: str
    kind: Kind
    hint: str = Field(description="How the key begins.")
    service: str | None = Field(description="Null: for the whole organisation.")
    per_minute: int = Field(description="Requests a minute, twice as many at once; 0: no limit.")
    created_at: datetime
    created_by: str
    last_used_at: datetime | None
    revoked_at: datetime | None
    rejected_at: datetime | None = Field(
        description="When something was last wrong with what it sent."
    )
    rejected_why: str
    lost_at: datetime | None = Field(
        description="When alerts of it were last lost, and will be lost again until it is mended."
    )
    lost_why: str


class KeyIn(Body):
    """What the key is for."""

    name: Annotated[Words, Field(max_length=120)]
    kind: Annotated[Kind, AfterValidator(lambda kind: KEY_KINDS.of(kind).name)]
    service: Slug | None = None
    per_minute: Annotated[
        int | None,
        Field(
            ge=0,
            le=1_000_000,
            description="Requests a minute; 0: no limit. Left out: no limit for an Alertmanager, "
            "1,200 for others.",
        ),
        WHOLE,
    ] = None


class NewKeyOut(Out):
    """The key, shown this once."""

    key: str = Field(validation_alias="plain")
    hint: str


@router.get("/integration-keys", response=answers(list[KeyOut]), summary="List integration keys")
def list_keys(request: HttpRequest) -> list[KeyOut]:
    """Live ones first."""
    only_staff(request)
    return [KeyOut.of(one) for one in queries.list_keys()]


@router.post(
    "/integration-keys",
    response=answers(NewKeyOut, 404, status=201),
    summary="Make an integration key",
)
def create_key(request: HttpRequest, body: KeyIn) -> Status[NewKeyOut]:
    """The answer holds the key in plain; it cannot be read again."""
    who = only_staff(request)
    try:
        secret = actions.create_key(
            name=body.name,
            kind=body.kind,
            service_slug=body.service,
            by=who.actor,
            now=clock.now(),
            per_minute=body.per_minute,
        )
    except actions.UnableToCreateKey as refusal:
        raise Http404(refusal.message) from refusal
    return Status(201, NewKeyOut.of(secret))


@router.delete(
    "/integration-keys/{key}",
    response=answers(None, 404, status=204),
    summary="Revoke an integration key",
)
def revoke_key(request: HttpRequest, key: Annotated[int, Field(ge=1, le=10**15)]) -> Status[None]:
    """At once and for good."""
    who = only_staff(request)
    actions.revoke_key(key=str(key), by=who.actor, now=clock.now())
    return Status(204, None)
