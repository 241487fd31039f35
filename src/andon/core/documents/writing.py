"""How the values of keys are written: how one is read, and what an editor is told of it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from andon.core.documents import forms
from andon.core.documents.fields import LONG, SHORT, Fields
from andon.core.documents.forms import Form
from andon.core.money import Money

Schema = Mapping[str, Any]

_SPAN = r"^P(?=.)([0-9]+W)?([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$"
_NUMBER = r"^[0-9]*\.?[0-9]+\s*%?$"
_ENTITY = r"([a-zA-Z0-9][-a-zA-Z0-9]*/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$"
_DAY, _HOUR = 86_400, 3_600


@dataclass(frozen=True, slots=True, eq=False)
class Writing:
    """How a value is written: `read` gives it, or reports why not and gives the default.

    Without `read` it is read by hand: it needs more than its own text.
    """

    schema: Schema
    read: Callable[[Fields, str, Any, str], Any] | None = None
    #: What is said to editors after a key's own sentence.
    hint: str = ""
    #: The class of what is inside, or of each entry.
    of: type[Any] | None = None
    is_list: bool = False
    #: It reports itself where it is missing.
    is_required: bool = False


def text(longest: int = SHORT, *, pattern: str = "", required: bool = False) -> Writing:
    """Return a text."""
    schema: dict[str, Any] = {"type": "string", "minLength": 1}
    schema |= {"pattern": pattern} if pattern else {}
    schema |= {"maxLength": longest} if longest not in (SHORT, LONG) else {}

    def read(fields: Fields, key: str, default: Any, _: str) -> str:
        return fields.text(key, default=default or "", longest=longest, required=required)

    return Writing(schema, read, is_required=required)


def formed(form: Form[Any], pattern: str, hint: str = "") -> Writing:
    """Return a text that has a form of its own."""

    def read(fields: Fields, key: str, default: Any, _: str) -> Any:
        found = fields.read(key, form)
        return default if found is None else found

    return Writing({"type": "string", "pattern": pattern}, read, hint)


def span(least: timedelta = timedelta(0), most: timedelta = forms.LONGEST_SPAN) -> Writing:
    """Return a length of time between two bounds."""

    def read(fields: Fields, key: str, default: Any, _: str) -> Any:
        value = fields.duration(key, default=default)
        if value is None or least <= value <= most:
            return value
        wanted = f"{iso(least)} to {iso(most)} is sensible"
        message, fix = f"`{key}` is {fields.data[key]!r}; {wanted}", iso(max(default, least))
        fields.refuse("duration", message, f"Write {key}: {fix}", key=key)
        return default

    return Writing({"type": "string", "pattern": _SPAN}, read, "ISO 8601: PT15M, PT1H, P30D.")


def whole(least: int = 0, most: int = 0) -> Writing:
    """Return a whole number."""
    schema = {"type": "integer", "minimum": least} | ({"maximum": most} if most else {})

    def read(fields: Fields, key: str, default: Any, _: str) -> Any:
        if default is None and key not in fields.data:
            return None
        return fields.integer(key, default=least if default is None else default, least=least)

    return Writing(schema, read)


def number(most: int) -> Writing:
    """Return a number from 0 up to `most`, written as `0.5`, `"0.5"` or `"50%"`."""
    schema = {"oneOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": _NUMBER}]}

    def read(fields: Fields, key: str, default: Any, _: str) -> Decimal | None:
        found = fields.number(key, most=Decimal(most))
        return default if found is None else found

    return Writing(schema, read)


def word(kind: type[StrEnum]) -> Writing:
    """Return one of the words of an enumeration."""

    def read(fields: Fields, key: str, default: Any, _: str) -> Any:
        return fields.choice(key, kind, default=default)

    return Writing({"enum": [str(one) for one in kind]}, read)


def reference(to: str, *, said: bool = True) -> Writing:
    """Return a reference to an entity, followed by hand; `said` where its kind goes unwritten."""
    form = "^([a-zA-Z][a-z0-9A-Z]*:)?" if said else "^[a-zA-Z][a-z0-9A-Z]*:"
    return Writing(
        {"type": "string", "pattern": form + _ENTITY}, hint="" if to else "As kind:name."
    )


def references(to: str, *, least: int = 0) -> Writing:
    """Return a list of references."""
    one = dict(reference(to, said=bool(to)).schema)
    schema = {"type": "array", "items": one} | ({"minItems": least} if least else {})
    return Writing(schema, is_list=True)


def several(pattern: str) -> Writing:
    """Return a text of parts between commas, read by hand."""
    whole_text = rf"^\s*{pattern}(\s*,\s*{pattern})*\s*$"
    return Writing({"type": "string", "pattern": whole_text})


def inside(of: type[Any]) -> Writing:
    """Return a mapping of declared keys."""
    return Writing({}, of=of)


def each(of: type[Any], most: int = 0) -> Writing:
    """Return a list of mappings of declared keys."""
    return Writing({"maxItems": most} if most else {}, of=of, is_list=True)


def iso(length: timedelta) -> str:
    """Return a length of time as files write it."""
    seconds = int(length.total_seconds())
    for size, before, unit in ((_DAY, "P", "D"), (_HOUR, "PT", "H")):
        if seconds and seconds % size == 0:
            return f"{before}{seconds // size}{unit}"
    return f"PT{seconds}S"


def _boolean(fields: Fields, key: str, default: Any, _: str) -> bool:
    return fields.boolean(key, default=bool(default))


def _sum(fields: Fields, key: str, default: Any, currency: str) -> Money | None:
    found = fields.money(key, currency=currency)
    return default if found is None else found


def _url(fields: Fields, key: str, default: Any, _: str) -> str:
    return fields.url(key) or default or ""


TRUTH = Writing({"type": "boolean"}, _boolean)
SUM = Writing(
    {"type": "string", "pattern": r"^[A-Za-z]{3}\s+[0-9][0-9_,]*(\.[0-9]+)?$"},
    _sum,
    "A currency and a number: GBP 200000.",
)
URL = Writing({"type": "string", "pattern": r"^https?://[^\s/]+.*$", "maxLength": 500}, _url)
EMAIL = formed(forms.EMAIL, r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)*$")
CLOCK = formed(forms.CLOCK, "^([01][0-9]|2[0-3]):[0-5][0-9]$")
DAY = formed(forms.DAY, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
ZONE = formed(forms.ZONE, "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$", "A name of the IANA database.")
#: Texts that are read by hand: as a part of something larger, or by somebody else.
HAND = Writing({"type": "string"})
HAND_TEXT = Writing({"type": "string", "minLength": 1})
HAND_URL = Writing(dict(URL.schema))
