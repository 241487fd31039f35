"""Declared values: a dataclass whose fields say under which key they are written, and how.

From the one declaration come the reader, what editors are told, and the tables of the docs.
"""

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from andon.core.documents import writing
from andon.core.documents.fields import Fields
from andon.core.documents.writing import Writing
from andon.core.money import Money

T = TypeVar("T")

_BY_TYPE: Mapping[type[Any], Writing] = {
    str: writing.text(),
    int: writing.whole(),
    bool: writing.TRUTH,
    timedelta: writing.span(),
    time: writing.CLOCK,
    date: writing.DAY,
    Decimal: writing.number(100),
    Money: writing.SUM,
}


@dataclass(frozen=True, slots=True, eq=False)
class FileKey:
    """What a field is in a file: stands in `Annotated[type, FileKey(...)]` of a dataclass."""

    doc: str = ""
    #: How it is written, where the field's type does not say.
    kind: Writing | None = None
    _: KW_ONLY
    #: The key in the file: the field's name in camel case unless said.
    name: str = ""
    required: bool = False
    #: What to write, for instance: where it is missing, and in the docs.
    example: str = ""
    #: The mapping it stands in, where it is not the value's own.
    within: str = ""
    #: A column of the field's name keeps it as it is.
    kept: bool = False


class DeclaredKey(NamedTuple):
    """One key of a declared value."""

    field: str
    name: str
    kind: Writing
    key: FileKey
    default: Any


_KNOWN: dict[type[Any], tuple[DeclaredKey, ...]] = {}


def keys(of: type[Any]) -> tuple[DeclaredKey, ...]:
    """Return the keys a dataclass declares, in order."""
    if of not in _KNOWN:
        hints = typing.get_type_hints(of, include_extras=True)
        _KNOWN[of] = tuple(_declared(hints, dataclasses.fields(of)))
    return _KNOWN[of]


def names(of: type[Any], within: str = "") -> tuple[str, ...]:
    """Return what the keys of a mapping are called in files."""
    if within:
        return tuple(one.name for one in keys(of) if one.key.within == within)
    return tuple(dict.fromkeys(one.key.within or one.name for one in keys(of)))


_KEPT: dict[type[Any], tuple[str, ...]] = {}


def kept(of: type[Any]) -> tuple[str, ...]:
    """Return the fields that a column of the same name keeps."""
    if of not in _KEPT:
        _KEPT[of] = tuple(one.field for one in keys(of) if one.key.kept)
    return _KEPT[of]


def stored(value: object) -> dict[str, Any]:
    """Return the fields of a value that columns keep, as they keep them."""
    found = {name: getattr(value, name) for name in kept(type(value))}
    return {name: _plain(one) for name, one in found.items()}


def read(of: type[T], fields: Fields, *, books: str = "", base: T | None = None, **given: Any) -> T:
    """Return a declared value that has no required keys; see `read_whole`."""
    found = read_whole(of, fields, books=books, base=base, **given)
    assert found is not None, of  # noqa: S101 - nothing of it is required
    return found


def read_whole(
    of: type[T], fields: Fields, *, books: str = "", base: T | None = None, **given: Any
) -> T | None:
    """Return a declared value; None where something it must have cannot be read (reported).

    What is missing is as in `base`, or has the class's default. `given` was read by hand, and
    `books` is the currency of sums.
    """
    fields.only(names(of))
    values = dict(given)
    whole = True
    for one in keys(of):
        if one.field in given:
            continue
        default = getattr(base, one.field) if base is not None else one.default
        values[one.field] = _value(one, fields, default, books)
        whole = whole and not (one.key.required and values[one.field] is None)
    return of(**values) if whole else None


_READ: dict[tuple[type[Any], str], tuple[DeclaredKey, ...]] = {}


def values(of: type[Any], fields: Fields, *, within: str, books: str = "") -> dict[str, Any]:
    """Return what stands in one mapping of a value, by field; what is read by hand is left out."""
    if (of, within) not in _READ:
        every = (one for one in keys(of) if one.key.within == within)
        _READ[of, within] = tuple(one for one in every if one.kind.read is not None)
    return {
        one.field: one.kind.read(fields, one.name, one.default, books)  # type: ignore[misc]
        for one in _READ[of, within]
    }


def entries(
    of: type[T], fields: Fields, key: str, *, books: str = ""
) -> Iterator[tuple[Fields, T]]:
    """Yield the entries of a list that can be read, each with its place."""
    for one in fields.mappings(key):
        found = read_whole(of, one, books=books)
        if found is not None:
            yield one, found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [dict(one) if isinstance(one, dict) else one for one in value]
    return str(value or "") if isinstance(value, StrEnum | None) else value


def _value(one: DeclaredKey, fields: Fields, default: Any, books: str) -> Any:
    if one.key.required and one.name not in fields.data:
        written = f"{one.name}: {one.key.example}" if one.key.example else f"`{one.name}`."
        fields.refuse("required", f"`{one.name}` is missing", f"Write {written}")
        return None
    if one.kind.of is None:
        assert one.kind.read is not None, one.name  # noqa: S101 - else it is given
        return one.kind.read(fields, one.name, default, books)
    if one.kind.is_list:
        pairs = entries(one.kind.of, fields, one.name, books=books)
        return tuple(value for _, value in pairs) or default
    within = fields.mapping(one.name)
    if within is None:
        return default
    return read_whole(one.kind.of, within, books=books, base=default)


def _declared(
    hints: Mapping[str, Any], fields: tuple[dataclasses.Field[Any], ...]
) -> Iterator[DeclaredKey]:
    for field in fields:
        key = next((one for one in _extras(hints[field.name]) if isinstance(one, FileKey)), None)
        if key is not None:
            name = key.name or _camel(field.name)
            yield DeclaredKey(
                field.name, name, key.kind or _kind(hints[field.name]), key, _of(field)
            )


def _of(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    return field.default_factory() if callable(field.default_factory) else None


def _kind(hint: Any) -> Writing:
    """Return how a value of a type is written."""
    if typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        [hint] = [one for one in typing.get_args(hint) if one is not type(None)]
    if typing.get_origin(hint) is tuple:
        return writing.each(typing.get_args(hint)[0])
    if dataclasses.is_dataclass(hint) and hint not in _BY_TYPE:
        return writing.inside(typing.cast("type[Any]", hint))
    return writing.word(hint) if issubclass(hint, StrEnum) else _BY_TYPE[hint]


def _extras(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint)[1:] if typing.get_origin(hint) is typing.Annotated else ()


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(one.capitalize() for one in others)
