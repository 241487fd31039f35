"""What all resources share: words, money, time, cursors, problems."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from ninja import Schema
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

from andon.catalogue import rules as catalogue_rules
from andon.core import money
from andon.incidents import queries as incidents
from andon.people import types as people

T = TypeVar("T")

Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$", max_length=200, examples=["checkout"])]
#: No NUL: PostgreSQL cannot store it.
Search = Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=200)]
Words = Annotated[
    str,
    Field(
        pattern=r"^[^\x00]*[^\x00\s][^\x00]*$",
        max_length=500,
        description="Plain words, not empty.",
    ),
]
Limit = Annotated[int, Field(ge=1, le=200, description="How many to return.")]
Cursor = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9._-]*$", max_length=200, description="`next` of the last answer."),
]


def _number(value: Any) -> Any:
    """Refuse `true` and `"5"`, which would be read as numbers though the document says integer."""
    if isinstance(value, bool | str):
        raise ValueError("must be a whole number")  # noqa: TRY004 - pydantic reports ValueError
    return value


#: Last, so that the bounds before it stay in the document.
WHOLE = BeforeValidator(_number)


def _reference(given: object) -> object:
    """Return the number in `INC-1042`, however people write it."""
    if not isinstance(given, str):
        return _number(given)
    number = incidents.parse_number(given)
    if number is None:
        raise ValueError("write INC-1042, or just 1042")
    return number


#: An incident as people call it; the schema says the plain forms, and more are understood.
Number = Annotated[
    int,
    BeforeValidator(_reference),
    Field(ge=1, lt=10**15),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 10**15 - 1},
                {"type": "string", "pattern": "^([Ii][Nn][Cc]-)?[1-9][0-9]{0,14}$"},
            ],
            "description": "Such as `INC-1042`, in any case, or `1042`.",
            "examples": ["INC-1042", 1042],
        }
    ),
]


def _reasonable(at: datetime) -> datetime:
    at = at.astimezone(UTC) if 1970 < at.year < 2200 else at
    if not 1970 < at.year < 2200:
        raise ValueError("must lie between 1971 and 2199")
    return at


At = Annotated[
    AwareDatetime,
    AfterValidator(_reasonable),
    Field(description="RFC 3339 with a zone, between 1971 and 2199; in an address, `+` is `%2B`."),
]


class Problem(Schema):
    """RFC 9457. `code` is stable; further members say more about the case."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(examples=["incident_state"])


class Body(Schema):
    """A request's body: unknown members are refused, because they are usually misspelt ones."""

    model_config = ConfigDict(extra="forbid")


class Listed(Schema, Generic[T]):
    """Part of a list. Ask again with `after` set to `next`; null means that was all."""

    items: list[T]
    next: str | None = None


class Money(Schema):
    """An amount of money in integer minor units, such as pence."""

    minor: int
    currency: str = Field(examples=["GBP"])
    text: str = Field(examples=["GBP 200,000.00"])

    @classmethod
    def of(cls, amount: money.Money | None) -> "Money | None":
        """Return an amount for the outside, or None."""
        return None if amount is None else cls.exactly(amount)

    @classmethod
    def exactly(cls, amount: money.Money) -> "Money":
        """Return an amount for the outside."""
        return cls(minor=amount.minor, currency=amount.currency, text=amount.exact)


class Target(Schema):
    """An availability target."""

    ppm: int = Field(description="Parts per million.", examples=[999000])
    text: str = Field(examples=["99.9%"])

    @classmethod
    def of(cls, ppm: int | None) -> "Target | None":
        """Return a target for the outside, or None."""
        return None if ppm is None else cls(ppm=ppm, text=catalogue_rules.format_target(ppm))


class Ref(Schema):
    """Something by its slug and title."""

    slug: str
    title: str

    @classmethod
    def of(cls, team: people.Team | None) -> "Ref | None":
        """Return a team for the outside, or None."""
        return None if team is None else cls(slug=team.slug, title=team.title)


class PersonRef(Schema):
    """A person by slug and name."""

    slug: str
    name: str


def seconds(length: timedelta | None) -> float | None:
    """Return a length in seconds."""
    return None if length is None else length.total_seconds()


def share(value: Decimal | None) -> float | None:
    """Return a share as a JSON number."""
    return None if value is None else float(value)


def person_ref(slug: str | None, names: dict[str, str]) -> PersonRef | None:
    """Return a person by slug, with the name if it is known."""
    return PersonRef(slug=slug, name=names.get(slug, slug)) if slug else None


def answers(ok: Any, *refusals: int, status: int = 200) -> dict[int, Any]:
    """Return what a route may answer. Every route can be asked wrongly or by nobody known."""
    return {status: ok, **dict.fromkeys(sorted({400, 401, 403, 422, *refusals}), Problem)}
