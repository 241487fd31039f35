"""What somebody may have meant by a word that leads nowhere."""

import difflib
from collections.abc import Iterable, Mapping

_LONGEST = 80
_SEPARATORS = str.maketrans("_-/.,", "     ")


def near_name(word: str, known: Iterable[str], *, cutoff: float = 0.8) -> str:
    """Return the known name that a word is a slip of, whatever their case; empty for none."""
    by_lower = {one.lower(): one for one in known}
    found = difflib.get_close_matches(word[:_LONGEST].lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else ""


def near_calendar(word: str, named: Mapping[str, str]) -> str:
    """Return the code of the bank-holiday calendar that a word names or nearly names, or nothing.

    `named` leads from what calendars are called (`plain`) to their codes.
    """
    text = plain(word[:_LONGEST])
    return named.get(text) or named.get(near_name(text, named), "")


def plain(word: str) -> str:
    """Return a name in lower case with single spaces: `GB_ENG` and `gb-eng` are one."""
    return " ".join(word.lower().translate(_SEPARATORS).split())
