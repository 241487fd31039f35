"""Text from outside, made fit to travel: no control characters, never more than fits."""

import re

#: Control characters except tab and newline, lone surrogates, marks that reverse what follows.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """Return text without control characters; lines end with a newline alone."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str, *, limit: int) -> str:
    """Return text as one line of at most `limit` characters, never empty."""
    line = _SPACE.sub(" ", clean(text)).strip() or "(no text)"
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def cut(text: str, *, limit: int) -> str:
    """Return text of at most `limit` bytes of UTF-8, never broken inside a character."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= limit:
        return raw.decode("utf-8")
    return raw[: limit - 3].decode("utf-8", "ignore").rstrip() + "…"
