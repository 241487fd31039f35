"""What somebody may have meant by a word that leads nowhere."""

import difflib
import re
from collections.abc import Iterable, Mapping

_LONGEST = 80
_NUMBER = re.compile(r"[0-9]+")
_SEPARATORS = str.maketrans("_-/.,", "     ")


def near_name(word: str, known: Iterable[str], *, cutoff: float = 0.8) -> str:
    """Return the known name that a word is a slip of, whatever their case; empty for none."""
    return next(iter(near_names(word, known, cutoff=cutoff, most=1)), "")


def near_names(
    word: str, known: Iterable[str], *, cutoff: float = 0.7, most: int = 3
) -> tuple[str, ...]:
    """Return the known names that a word may be a slip of, the nearest first.

    `shop-3` is no slip of `shop-2`: what differs by its number alone is something else.
    """
    text = word[:_LONGEST].lower()
    by_lower = {one.lower(): one for one in known}
    numbered = _NUMBER.sub("", text)
    likely = [one for one in by_lower if one == text or _NUMBER.sub("", one) != numbered]
    found = difflib.get_close_matches(text, likely, n=most, cutoff=cutoff)
    return tuple(by_lower[one] for one in found)


def near_calendar(word: str, named: Mapping[str, str]) -> str:
    """Return the code of the bank-holiday calendar that a word names or nearly names, or nothing.

    `named` leads from what calendars are called (`plain`) to their codes.
    """
    text = plain(word[:_LONGEST])
    return named.get(text) or named.get(near_name(text, named), "")


def plain(word: str) -> str:
    """Return a name in lower case with single spaces: `GB_ENG` and `gb-eng` are one."""
    return " ".join(word.lower().translate(_SEPARATORS).split())
