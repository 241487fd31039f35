"""YAML as Andon writes it: block style, JSON's scalars, the same text for the same value always.

A writer of its own, since a general one takes twenty times as long for what is all maps, lists and
quoted strings; JSON's strings are YAML's, once what YAML does not print is escaped.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
#: Words that YAML 1.1 takes for something else than text.
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def dump(value: object) -> str:
    """Return a value of maps, sequences, text, numbers, booleans and None as a YAML document."""
    return "".join(_block(value, "")).lstrip("\n")


#: Return a quoted string whose characters may still have to be made printable().
quoted = encode_basestring


def text(value: str) -> str:
    """Return a quoted YAML (and, where all is printable, JSON) string."""
    return printable(quoted(value))


def printable(document: str) -> str:
    """Return quoted strings, or a document of them, with what YAML does not print escaped.

    Once for a document instead of once for each of its strings.
    """
    if document.replace("\n", "").isprintable():
        return document
    return "".join(map(_escaped, document))


def comment(value: str) -> str:
    """Return a text as comment lines."""
    return "".join(f"# {line}\n" for line in value.splitlines())


@lru_cache(maxsize=4096)
def key(value: str) -> str:
    """Return a key: bare where nobody can misread it."""
    is_plain = _PLAIN_KEY.fullmatch(value) and value.lower() not in _WORDS
    return value if is_plain else text(value)


def _block(value: object, indent: str) -> Iterator[str]:
    """Yield a value that follows a key or stands alone, led by a line feed or a space."""
    # Nearly everything is text, and asking for an abstract class takes ten times as long.
    if isinstance(value, str):
        yield f" {text(value)}\n"
    elif isinstance(value, dict) or isinstance(value, Mapping):  # noqa: SIM101
        yield from _map(value, indent) if value else (" {}\n",)
    elif isinstance(value, list | tuple) or isinstance(value, Sequence):  # noqa: SIM101
        yield from _list(value, indent) if value else (" []\n",)
    else:
        yield f" {_scalar(value)}\n"


def _map(value: Mapping[object, object], indent: str) -> Iterator[str]:
    yield "\n"
    for name, inner in value.items():
        yield f"{indent}{key(str(name))}:"
        yield from _block(inner, indent + "  ")


def _list(value: Sequence[object], indent: str) -> Iterator[str]:
    yield "\n"
    for inner in value:
        yield f"{indent}-"
        body = "".join(_block(inner, indent + "  "))
        # The first key of a map stands on the dash's own line.
        yield f" {body[len(indent) + 3 :]}" if body.startswith("\n") else body


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return text(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float):
        return repr(value)
    raise TypeError(f"{value!r} has no place in YAML")


def _escaped(one: str) -> str:
    if one.isprintable() or one == "\n":
        return one
    code = ord(one)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
