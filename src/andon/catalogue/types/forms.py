"""Forms that values of the catalogue have in files."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from andon.core.documents import slips, writing
from andon.core.documents.fields import Fields
from andon.core.documents.forms import Form, UnreadableForm
from andon.core.documents.writing import Writing
from andon.core.money import Money

WHOLE = 1_000_000
_TARGET = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")


class UnreadableTarget(UnreadableForm):
    """The text is not an availability target such as `99.9`."""


def parse_target(text: str) -> int:
    """Read `99.9` or `99.9%` as parts per million. Raises UnreadableTarget."""
    digits = text.strip().removesuffix("%").strip()
    if not _TARGET.fullmatch(digits):
        raise UnreadableTarget(f'{text!r} is not an availability target; write one like "99.9"')
    ppm = int(Decimal(digits) * 10_000)
    if not 0 < ppm < WHOLE:
        raise UnreadableTarget(f"{text!r} is not possible; a target lies between 0 and 100")
    return ppm


def _fix(text: str) -> str:
    return f'Write "{slips.target(text) or "99.9"}".'


#: A target in a file.
TARGET = Form("target", parse_target, _fix)
TARGET_KEY = writing.formed(TARGET, r"^[0-9]{1,3}(\.[0-9]{1,4})?%?$")

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _days(fields: Fields, key: str, default: Any, _: str) -> frozenset[int]:
    found = fields.texts(key)
    wrong = [name for name in found if name not in DAYS]
    fix = f"Write some of: {', '.join(DAYS)}."
    if wrong:
        meant = [name[:3].lower() for name in wrong if name[:3].lower() in DAYS]
        better = f"Write {meant[0]}. {fix}" if meant else fix
        fields.refuse("working-hours", f"{wrong[0]!r} is not a day", better, key=key)
    if fields.data.get(key) == []:
        fields.refuse("working-hours", f"`{key}` names no day", fix, key=key)
    return frozenset(DAYS.index(name) for name in found if name in DAYS) or default


def _calendar(fields: Fields, key: str, default: Any, _: str) -> str:
    found = fields.data.get(key, default)
    if isinstance(found, str):
        return found
    fields.refuse("type", f"`{key}` is not text", 'Write "GB-ENG", or "" for none.', key=key)
    return str(default)


WORKING_DAYS = Writing({"type": "array", "items": {"enum": list(DAYS)}, "minItems": 1}, _days)
CALENDAR = Writing({"type": "string"}, _calendar)


def _sum_or_nothing(fields: Fields, key: str, default: Any, currency: str) -> Money:
    return fields.money(key, currency=currency) or default or Money.zero(currency)


SUM_OR_NOTHING = Writing(writing.SUM.schema, _sum_or_nothing, writing.SUM.hint)

CURRENCY = Writing({"type": "string", "pattern": "^[A-Z]{3}$"})
#: One address of each kind of contact, several in one entry; read by hand.
CONTACTS = Writing({"type": "array"}, is_list=True)
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=30)


def _restoring(fields: Fields, key: str, default: Any, _: str) -> timedelta | None:
    if key not in fields.data:
        return default if isinstance(default, timedelta) else None
    found = fields.duration(key, default=_SHORTEST)
    if _SHORTEST <= found <= _LONGEST:
        return found
    message = f"`{key}` is {fields.data[key]!r}; from a minute to 30 days is wanted"
    fields.refuse("duration", message, "Write PT20M.", key=key)
    return None


RESTORING = Writing(writing.span().schema, _restoring)
