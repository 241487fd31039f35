"""What all resources share: words, money, time, cursors, problems."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Generic, Self, TypeVar

from ninja import Schema
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from typing_extensions import TypeAliasType

from andon.core import money, wire
from andon.incidents import queries as incidents

T = TypeVar("T")
S = TypeVar("S", bound="Out")

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


class _Together:
    """Several values read as one: of a member the first that has it."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        for value in self._values:
            if isinstance(value, Mapping):
                if name in value:
                    return value[name]
            elif hasattr(value, name):
                return getattr(value, name)
        raise AttributeError(name)


class Out(Schema):
    """A resource: its members are attributes of values of ours, by their names or an alias."""

    model_config = ConfigDict(
        populate_by_name=True, json_schema_serialization_defaults_required=True
    )

    @classmethod
    def of(cls, *values: Any, **context: Any) -> Self:
        """Return the resource of a value, or of several that are read as one, the first first.

        `names` in the context are what people are called whom the value has by their slugs.
        """
        one = values[0] if len(values) == 1 else _Together(values)
        return cls.model_validate(one, context=context)


class Listed(Schema, Generic[T]):
    """Part of a list. Ask again with `after` set to `next`; null means that was all."""

    items: list[T]
    next: str | None = None


class MoneyOut(BaseModel):
    """An amount of money in integer minor units, such as pence."""

    minor: int
    currency: str = Field(examples=["GBP"])
    text: str = Field(examples=["GBP 200,000.00"])

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        return wire.money(value) if isinstance(value, money.Money) else value


class ShareOut(BaseModel):
    """A share, such as a target or what is left of a budget, in parts per million of all."""

    ppm: int = Field(examples=[999000])
    text: str = Field(examples=["99.9%"])

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        return wire.share(value) if isinstance(value, Decimal | Fraction | float) else value


def _target(value: Any) -> Any:
    return wire.ppm(value) if isinstance(value, int) else value


#: Of a value that is kept in parts per million.
Target = Annotated[ShareOut, BeforeValidator(_target)]


def _seconds(value: Any) -> Any:
    return wire.span(value) if isinstance(value, timedelta) else value


Span = TypeAliasType(
    "Span",
    Annotated[float, BeforeValidator(_seconds), Field(description="A length of time in seconds.")],
)


class PeriodOut(Out):
    """From an instant up to another, which is not part of it."""

    starts_at: datetime
    ends_at: datetime


class Ref(Out):
    """Something by its slug and title."""

    slug: str
    title: str


class PersonRef(BaseModel):
    """A person by slug and name."""

    model_config = ConfigDict(from_attributes=True)

    slug: str
    name: str

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str):
            return value
        return {"slug": value, "name": (info.context or {}).get("names", {}).get(value, value)}


def _nothing(value: Any) -> Any:
    return None if value in ("", ()) else value


#: Null where values of ours have an empty text.
OrNull = BeforeValidator(_nothing)


def _lacking(value: Any) -> bool:
    return value if isinstance(value, bool) else not value


#: Whether a value is there, and whether it is empty.
Given = Annotated[bool, BeforeValidator(bool)]
Lacking = Annotated[bool, BeforeValidator(_lacking)]


def pair(*names: str) -> BeforeValidator:
    """Return what reads a pair as a resource whose members are called so."""
    return BeforeValidator(
        lambda value: dict(zip(names, value, strict=True)) if isinstance(value, tuple) else value
    )


def _incident(value: Any) -> Any:
    return f"INC-{value}" if isinstance(value, int) else value


#: An incident by the name people say, of its number.
Incident = Annotated[str, BeforeValidator(_incident), Field(examples=["INC-1042"])]


def listed(
    of: type[S], found: Sequence[Any], *, limit: int, key: str = "slug", **context: Any
) -> Listed[S]:
    """Return the first `limit` of what was found as resources, and where the next begins.

    One more than `limit` was asked for, so that it is known whether there are more.
    """
    shown = found[:limit]
    following = str(getattr(shown[-1], key)) if len(found) > limit else None
    return Listed[of](items=[of.of(one, **context) for one in shown], next=following)  # type: ignore[valid-type]


def answers(ok: Any, *refusals: int, status: int = 200) -> dict[int, Any]:
    """Return what a route may answer. Every route can be asked wrongly or by nobody known."""
    return {status: ok, **dict.fromkeys(sorted({400, 401, 403, 422, *refusals}), Problem)}
