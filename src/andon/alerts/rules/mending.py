"""Bodies that tools send and JSON forbids: read all the same, and said so.

Only for what a strict reader has refused. A monitor that writes half an emoji or a raw line feed
still has something to say, and a refusal is a page that nobody gets.
"""

import codecs
import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

import msgspec

from andon.alerts.rules.normalise import MAX_DEPTH, depth
from andon.alerts.types import UnreadableRequest

#: Lists and objects in one body: a group of 40,000 alerts, the largest taken, has 160,000.
MAX_PARTS = 500_000
#: Longer whole numbers become text: reading them takes time that grows with the square.
_MAX_DIGITS = 300
#: Documents one after the other in a body; more are left out.
_MAX_DOCUMENTS = 10_000
# A text between its quotes, or a comma before a closing bracket. Possessive, so that a text that
# never ends costs no second look.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|,(?=\s*+[}\]])', re.DOTALL)
_ODD = re.compile(
    r"(?P<good>\\[\"\\/bfnrt]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?P<bytes>(?:\\u[dD][cC][89a-fA-F][0-9a-fA-F])+)"
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|(?P<nul>\\u0000|\x00)"
    r"|(?P<plain>\\u[0-9a-fA-F]{4})"
    r"|(?P<escape>\\)"
    r"|(?P<control>[\x01-\x1f])"
)
_BETWEEN = re.compile(r"[\s,;\x00\x1e]*+")
_ESCAPED_BYTES = re.compile("[\udc80-\udcff]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNSTORABLE = re.compile("[\ud800-\udfff\x00]")
_HALF = "half a character"
_strict = msgspec.json.Decoder().decode


@dataclass(slots=True)
class MendedBody:
    """What a body says, and what had to be mended to read it, in words."""

    value: Any = None
    mended: dict[str, None] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """Return a sentence about the mending; empty when there was none."""
        if not self.mended:
            return ""
        return f"Andon mended this message to read it; it held {', '.join(self.mended)}."

    def mend(self, what: str) -> None:
        """Note what was mended."""
        self.mended[what] = None


def refuse_too_many_parts(body: bytes) -> None:
    """Raise UnreadableRequest if a body has more lists and objects than any sender's has.

    A few bytes each when they are empty, a hundred times that in memory: 30 kB of gzip would be a
    gigabyte. Counted in texts too, which costs nothing where there are few.
    """
    if body.count(b"[") + body.count(b"{") > MAX_PARTS:
        raise UnreadableRequest(
            "The body has too many parts", [("body", f"more than {MAX_PARTS:,} lists and objects")]
        )


def read_json(body: bytes) -> MendedBody:
    """Return the JSON document of a body, mended where that takes no guess about its meaning.

    Raises UnreadableRequest for what stays unreadable.
    """
    refuse_too_many_parts(body)
    document = MendedBody()
    try:
        # Text with NUL cannot be stored everywhere; the raw log keeps the body as it came.
        document.value = _strict(body.replace(b"\\u0000", b"\\ufffd"))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        document.value = _storable(_Mender(document).read(body, error), MAX_DEPTH + 1)
    except RecursionError as error:
        raise _too_deep() from error
    if depth(document.value) > MAX_DEPTH:
        document.mend(f"more than {MAX_DEPTH} levels of nesting")
        document.value = _storable(document.value, MAX_DEPTH)
    return document


def _decode_wide(body: bytes, encoding: str) -> str:
    """Return a text of two or four bytes a character; halves of UTF-16 may stand alone."""
    try:
        return body.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        return body.decode(encoding, "replace")


def _too_deep() -> UnreadableRequest:
    return UnreadableRequest("The body nests too deep", [("body", "too many levels to read")])


def _storable(value: Any, levels: int) -> Any:
    """Return a value cut at a number of levels, all its texts such as any database takes."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        return "…"
    if isinstance(value, list):
        return [_storable(one, levels - 1) for one in value]
    return {
        _UNSTORABLE.sub("\ufffd", name): _storable(one, levels - 1) for name, one in value.items()
    }


class _Mender:
    """Reads one body that a strict reader refused."""

    def __init__(self, document: MendedBody) -> None:
        self._note = document.mend
        self._decoder = json.JSONDecoder(
            strict=False,
            parse_int=self._whole_number,
            parse_float=self._number,
            parse_constant=self._constant,
        )

    def read(self, body: bytes, refused: Exception) -> Any:
        """Return what it says. Raises UnreadableRequest with the words of the strict reader."""
        text = _TOKEN.sub(self._token, self._text(body))
        for start in sorted({text.find(sign) for sign in "{["} - {-1}):
            try:
                value, end = self._decoder.raw_decode(text, start)
            except ValueError:
                continue
            except RecursionError as error:
                raise _too_deep() from error
            if text[:start].strip():
                self._note("something before its beginning")
            return self._with_rest(value, text, end)
        wrong = [("body", f"{refused}"[:200])]
        raise UnreadableRequest("The body is not JSON", wrong) from refused

    def _with_rest(self, value: Any, text: str, end: int) -> Any:
        """Return a document, or the list of those that stand one after the other."""
        found = [value]
        while (start := self._next(text, end)) < len(text):
            try:
                value, end = self._decoder.raw_decode(text, start)
            except (ValueError, RecursionError):
                break
            found.append(value)
            if len(found) == _MAX_DOCUMENTS:
                break
        if self._next(text, end) < len(text):
            self._note("something after its end")
        if len(found) == 1:
            return found[0]
        self._note("several documents")
        return found

    def _next(self, text: str, end: int) -> int:
        between = _BETWEEN.match(text, end)
        return between.end() if between else end

    def _text(self, body: bytes) -> str:
        encoding = json.detect_encoding(body)
        if encoding == "utf-8-sig" or body[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            self._note("a byte order mark")
        if encoding.startswith("utf-8"):
            text = body.decode(encoding, "surrogateescape")
            text = _ESCAPED_BYTES.sub(self._bytes, text)
        else:
            self._note(f"{encoding[:6].upper()} instead of UTF-8")
            text = _decode_wide(body, encoding)
        if _SURROGATE.search(text):
            self._note(_HALF)
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text

    def _bytes(self, match: re.Match[str]) -> str:
        """Return what bytes that are not UTF-8 most likely mean."""
        found = match.group().encode("ascii", "surrogateescape")
        try:
            return found.decode("utf-8", "surrogatepass")  # halves of characters, each for itself
        except UnicodeDecodeError:
            self._note("bytes that are not UTF-8")
        try:
            return found.decode("cp1252")
        except UnicodeDecodeError:
            return found.decode("latin-1")

    def _token(self, match: re.Match[str]) -> str:
        found = match.group()
        if found == ",":
            self._note("a comma before a closing bracket")
            return ""
        return _ODD.sub(self._odd, found)

    def _odd(self, match: re.Match[str]) -> str:
        """Return what stands for an escape or a control character within a text."""
        kind, found = match.lastgroup, match.group()
        if kind in ("good", "plain"):
            return found
        if kind == "nul":
            return "\ufffd"
        if kind == "escape":
            self._note("a backslash before what needs none")
            return "\\\\"
        if kind == "control":
            self._note("control characters in a text")
            return found
        self._note(_HALF)
        if kind == "bytes":
            # As Python writes bytes that are not text: `°` in UTF-8 is \udcc2\udcb0.
            read = bytes.fromhex("".join(part[2:] for part in found.split("\\u")[1:]))
            return read.decode("utf-8", "replace")
        return "\ufffd"

    def _whole_number(self, text: str) -> int | str:
        if len(text) > _MAX_DIGITS:
            self._note("a number too large")
            return text[:_MAX_DIGITS] + "…"
        return int(text)

    def _number(self, text: str) -> float | str:
        number = float(text)
        if math.isinf(number):
            self._note("a number too large")
            return text[:_MAX_DIGITS]
        return number

    def _constant(self, name: str) -> str:
        self._note("NaN or Infinity")
        return name
