"""Texts as people look for them: without case or accents, a word at a time. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from heapq import nlargest
from itertools import pairwise

#: More words than this narrow nothing down any more.
MOST_WORDS = 6
LONGEST = 200
#: Names that share the most letters with a word are compared with it in full; the others never.
_COMPARED = 60
_NEAR = 0.7


def fold(text: str) -> str:
    """Return a text in small letters without accents: `Jörg` and `JORG` are one."""
    return text.lower() if text.isascii() else "".join(_fold(letter) for letter in text)


def words(query: str) -> tuple[str, ...]:
    """Return the words of what somebody typed, folded, each once."""
    found = fold(query[:LONGEST]).replace("\x00", " ").split()
    return tuple(dict.fromkeys(found))[:MOST_WORDS]


def parts(text: str, wanted: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield a text in pieces, each with whether it is one of the words looked for."""
    marked = _marked(text, wanted)
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or marked[at] != marked[start]:
            yield text[start:at], marked[start]
            start = at


def excerpt(text: str, wanted: Sequence[str], *, around: int = 60) -> str:
    """Return the part of a text in which the first of some words stands, cut between words."""
    marked = _marked(text, wanted)
    first = marked.index(True) if True in marked else 0
    start, end = max(first - around, 0), min(first + 2 * around, len(text))
    if start:
        start = text.find(" ", start, first) + 1 or start
    if end < len(text):
        end = max(text.rfind(" ", first, end), first + around)
    return ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")


def nearest(word: str, names: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """Return the names a word may be a slip of, the nearest first, out of thousands in no time."""
    text = fold(word[:LONGEST])
    pairs = set(pairwise(text))
    rough = nlargest(_COMPARED, names, key=lambda one: len(pairs.intersection(pairwise(fold(one)))))
    alike = sorted((-SequenceMatcher(None, text, fold(one)).ratio(), one) for one in rough)
    return tuple(one for ratio, one in alike if -ratio >= _NEAR)[:most]


def _fold(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter)
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold()


def _marked(text: str, wanted: Sequence[str]) -> list[bool]:
    """Return for each letter of a text whether it belongs to a word looked for."""
    folded = [_fold(letter) for letter in text]
    whole = "".join(folded)
    owner = [at for at, letters in enumerate(folded) for _ in letters]
    marked = [False] * len(text)
    for word in wanted:
        at = whole.find(word) if word else -1
        while at >= 0:
            for place in range(at, at + len(word)):
                marked[owner[place]] = True
            at = whole.find(word, at + len(word))
    return marked
