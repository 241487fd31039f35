"""Typed access to one mapping of a document. What cannot be read is reported; reading goes on."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from andon.core.addresses import AddressForm
from andon.core.documents import fixes, forms, slips
from andon.core.documents.document import Document, Path_
from andon.core.documents.forms import Form, UnreadableForm
from andon.core.documents.near import near_name
from andon.core.documents.problems import DocumentProblem, Gravity
from andon.core.money import CURRENCIES, Money, UnreadableMoney

Report = Callable[[DocumentProblem], None]
E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

#: How long a text may be: a name or a title, and what may run to paragraphs.
SHORT, LONG = 200, 20_000
#: What every database keeps as a number.
MOST = 2**31 - 1

#: No slip is longer, and what is guessed from a text grows with it.
_LIKELY = 80


@dataclass(eq=False)
class Spot:
    """One mapping of a document: what it holds, where it stands, and who is told what is wrong."""

    document: Document
    path: Path_
    data: Mapping[str, Any]
    report: Report
    #: Which entity the problems are of, in Andon's words, and its slug.
    owner: tuple[str, str] = ("", "")

    @property
    def place(self) -> str:
        """Return `file:line`."""
        return f"{self.document.file}:{self.document.line_of(self.path)}"

    def refuse(
        self,
        rule: str,
        message: str,
        fix: str,
        *,
        key: str | None = None,
        gravity: Gravity = Gravity.ERROR,
        missing: str = "",
    ) -> None:
        """Report a problem of this mapping, or of one of its keys.

        `missing` names what would have to be declared for there to be none.
        """
        path = (*self.path, key) if key is not None else self.path
        line = self.document.line_of(path)
        kind, slug = self.owner
        where = (self.document.file, line)
        self.report(
            DocumentProblem(rule, message, fix, *where, gravity, kind, slug, missing=missing)
        )


@dataclass(eq=False)
class Fields(Spot):
    """The keys of one mapping."""

    _: KW_ONLY
    #: Keys that the file has and `data` has not, as what they hold was reported.
    reported: Collection[str] = ()

    def text(
        self, key: str, *, required: bool = False, default: str = "", longest: int = SHORT
    ) -> str:
        """Return a text."""
        value = self.data.get(key)
        if value is None or value == "":
            if required or key in self.data:
                self.refuse("required", f"`{key}` is missing or empty", f"Write `{key}`.", key=key)
            return default
        if not isinstance(value, str):
            shown = str(value).lower() if isinstance(value, bool) else value
            self.refuse(
                "type",
                f"`{key}` is {_name(value)}; text is wanted",
                f'Quote it: {key}: "{shown}"'
                if not isinstance(value, dict | list)
                else "Write one text.",
                key=key,
            )
            return default
        return value if self._fits(key, value, longest) else default

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of texts. A required list may be empty, but must be there."""
        value = self.data.get(key)
        if value is None:
            if required:
                self.refuse("required", f"`{key}` is missing", f"Write `{key}: []`.", key=key)
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            self.refuse(
                "type", f"`{key}` is not a list of texts", f"Write {key}: [one, two]", key=key
            )
            return ()
        return tuple(value)

    def comma_separated(self, key: str) -> tuple[str, ...]:
        """Return the parts of a text such as `one, two`."""
        return tuple(
            part.strip() for part in self.text(key, longest=LONG).split(",") if part.strip()
        )

    def integer(self, key: str, *, default: int, least: int = 0) -> int:
        """Return a whole number."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST:
            self.refuse(
                "type",
                f"`{key}` is {_cut(repr(value))}; a whole number from {least} to {MOST} is wanted",
                f"Write {key}: {max(default, least)}",
                key=key,
            )
            return default
        return value

    def number(self, key: str, *, most: Decimal) -> Decimal | None:
        """Return a number from 0 up to `most`, written as `0.5`, `"0.5"` or `"50%"`."""
        value = self.data.get(key)
        if value is None:
            return None
        text = str(value).strip() if not isinstance(value, bool | dict | list) else ""
        scale = Decimal(1)
        if text.endswith("%"):
            text, scale = text[:-1].strip(), Decimal("0.01")
        try:
            found = Decimal(text) * scale
        except ArithmeticError:
            found = Decimal("NaN")
        if not found.is_finite() or not 0 <= found <= most:
            message = f"`{key}` is {str(value)[:80]!r}; a number from 0 to {most} is wanted"
            self.refuse("number", message, f'Write {key}: "1".', key=key)
            return None
        return found

    def boolean(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            fix = f"Write {key}: {str(default).lower()}"
            self.refuse("type", f"`{key}` is neither true nor false", fix, key=key)
            return default
        return value

    def mapping(self, key: str, *, required: bool = False) -> "Fields | None":
        """Return a mapping inside this one."""
        value = self.data.get(key)
        if value is None:
            if required:
                self.refuse("required", f"`{key}` is missing", f"Write `{key}:`.", key=key)
            return None
        if not isinstance(value, dict):
            self.refuse("type", f"`{key}` is not a mapping", "Write keys below it.", key=key)
            return None
        return Fields(self.document, (*self.path, key), value, self.report, self.owner)

    def mappings(self, key: str) -> "tuple[Fields, ...]":
        """Return a list of mappings."""
        value = self.data.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.refuse("type", f"`{key}` is not a list of mappings", "Write `- key: ...`", key=key)
            return ()
        return tuple(
            Fields(self.document, (*self.path, key, str(i)), one, self.report, self.owner)
            for i, one in enumerate(value)
        )

    def choice(self, key: str, kind: type[E], *, default: E | None = None) -> E | None:
        """Return one of the words of an enumeration."""
        value = self.text(key)
        if not value:
            return default
        try:
            return kind(value)
        except ValueError:
            near = near_name(value, kind, cutoff=0.5)
            meant = f"Did you mean {near}? " if near else ""
            fix = f"{meant}Write one of: {', '.join(kind)}."
            self.refuse("choice", f"`{key}` is {_cut(repr(value))}", fix, key=key)
            return default

    def money(self, key: str, *, currency: str) -> Money | None:
        """Return an amount that is not negative, in the organisation's currency."""
        text = self._written(key)
        try:
            value = Money.parse(text) if text else None
        except UnreadableMoney as error:
            why = _cut(str(error).partition(";")[0])
            self.refuse("money", f"`{key}`: {why}", fixes.money(_likely(text), currency), key=key)
            return None
        if value is None:
            return None
        if value.currency not in CURRENCIES:
            near = slips.currency(value.currency)
            fix = f"Did you mean {near}?" if near else f"Write the amount in {currency}."
            message = f"`{key}`: {value.currency} is no currency of ISO 4217"
            self.refuse("money", message, fix, key=key)
        elif slips.can_be_read_twice(_likely(text)):
            meant = slips.money(text, currency=currency)
            fix = f'Write "{meant}", or the point before two decimals.'
            self.refuse("money", f"`{key}`: {_cut(repr(text))} means two things", fix, key=key)
        elif value.minor < 0:
            self.refuse("money-negative", f"`{key}` is negative", "Write 0 or more.", key=key)
        elif currency and value.currency != currency:
            self.refuse(
                "money-currency",
                f"`{key}` is in {value.currency}; the organisation's books are in {currency}",
                f"Convert it to {currency}.",
                key=key,
            )
        else:
            return value
        return None

    def read(self, key: str, form: Form[T]) -> T | None:
        """Return a text that has a form of its own, as what it says."""
        text = self._written(key)
        if not text:
            return None
        try:
            found = form.parse(text)
        except UnreadableForm as error:
            self.refuse(form.rule, f"`{key}`: {error}", form.fix(_likely(text)), key=key)
            return None
        except (ValueError, OverflowError):
            said = _cut(repr(self.data[key]))
            self.refuse(form.rule, f"`{key}` is {said}", form.fix(_likely(text)), key=key)
            return None
        if not isinstance(self.data[key], str):
            self.text(key)  # the right number, without its quotes: that is reported
            return None
        return found

    def duration(self, key: str, *, default: timedelta) -> timedelta:
        """Return an ISO 8601 duration of weeks, days, hours, minutes and seconds."""
        value = self.read(key, forms.DURATION)
        return default if value is None else value

    def clock(self, key: str, *, default: time) -> time:
        """Return a wall time such as `09:00`."""
        value = self.read(key, forms.CLOCK)
        return default if value is None else value

    def day(self, key: str) -> date | None:
        """Return a date such as `2026-01-05`."""
        return self.read(key, forms.DAY)

    def zone(self, key: str, *, default: str = "") -> str:
        """Return the name of an IANA time zone."""
        return self.read(key, forms.ZONE) or default

    def address(self, key: str, form: AddressForm) -> str:
        """Return an address that messages go to. It is a secret unless it is a mail address."""
        if form.rule == "email":
            return self.email(key)
        if form.rule == "url":
            return self.url(key, example=form.example)
        text = self._written(key)
        if text and not form.fits(text):
            self.refuse(form.rule, f"`{key}` is no such address", f"Write {form.example}", key=key)
            return ""
        return text

    def url(self, key: str, *, example: str = "https://HOST/...") -> str:
        """Return an absolute http or https address."""
        text = self.text(key, longest=LONG)
        try:
            return _url(text) if text else ""
        except ValueError:
            # An address may hold a password, and everybody reads what is wrong in the catalogue.
            why, fix = fixes.url(text, example=example)
            self.refuse("url", f"`{key}` is no such address: {why}", fix, key=key)
            return ""

    def email(self, key: str) -> str:
        """Return a mail address."""
        return self.read(key, forms.EMAIL) or ""

    def only(self, allowed: Collection[str], *, prefix: str = "") -> None:
        """Report keys that nobody reads, with the nearest one that somebody does."""
        for key in self.data:
            if key in allowed or not key.startswith(prefix):
                continue
            near = near_name(key, allowed, cutoff=0.6)
            known = f"Known: {', '.join(sorted(allowed))}." if allowed else "Remove it."
            fix = f"Did you mean `{near}`?" if near else known
            self.refuse("unknown-key", f"nobody reads `{key}`", fix, key=key)

    def needs(self, *keys: str) -> None:
        """Report keys that are not there: half an entry would be read over."""
        for key in keys:
            if key not in self.data:
                self.refuse("required", f"`{key}` is missing", f"Write `{key}`.")

    def _fits(self, key: str, value: str, longest: int) -> bool:
        if len(value) > longest or "\x00" in value:
            message = f"`{key}` is longer than {longest} characters, or holds a NUL"
            self.refuse("too-long", message, "Shorten it.", key=key)
            return False
        return True

    def _written(self, key: str) -> str:
        """Return a text that has a form of its own; a bare number as text, to say what to write."""
        value = self.data.get(key)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return str(value) if is_number else self.text(key, longest=LONG)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(text) > 500:
        raise ValueError(text)
    # Ports are read, and refused, when they are asked for.
    if fixes.BLANK.search(text) or parts.port == 0:
        raise ValueError(text)
    return text


def _likely(text: str) -> str:
    """Return a text that a person may have meant something by; nothing of what none writes."""
    return text if len(text) <= _LIKELY else ""


def _cut(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[:80]}..."


def _name(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "a mapping")
