"""One mapping of an OpenSLO document. Problems name the field by its path, as `oslo` does."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from andon.core.documents.fields import LONG, Spot
from andon.core.documents.near import near_name
from andon.core.documents.problems import Gravity

#: Specification, "General schema" and its notes.
LONGEST_NAME, LONGEST_DISPLAY, LONGEST_DESCRIPTION = 63, 63, 1050
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DURATION = re.compile(r"([0-9]{1,6})([mhdwMQY])")
#: The specification leaves the length of months to implementers: these are the Go SDK's.
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "M": timedelta(days=30),
    "Q": timedelta(days=90),
    "Y": timedelta(days=365),
}


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration shorthand such as `4w`: a number and what it counts."""

    number: int
    unit: str

    @property
    def length(self) -> timedelta:
        """Return the nominal length."""
        return self.number * _UNITS[self.unit]


@dataclass(eq=False)
class Mapped(Spot):
    """A mapping of OpenSLO's: its words, its rules, and its problems by the path of the field."""

    #: It is not there, which was said: what follows from that is not said again.
    absent: bool = False

    def named(self, key: str | None = None) -> str:
        """Return the path of a field as people write it: `spec.objectives[0].op`."""
        path = self.path if key is None else (*self.path, key)
        text = "".join(f"[{one}]" if one.isdigit() else f".{one}" for one in path)
        return text.removeprefix(".")

    def of(self, name: str) -> "Mapped":
        """Return the same node, its problems counted among an object's."""
        return replace(self, owner=("slo", name))

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
        """Report a problem of this mapping or one of its keys, by its path."""
        if self.absent:
            return
        named = self.named(key)
        text = f"`{named}` {message}" if named else message
        Spot.refuse(self, rule, text, fix, key=key, gravity=gravity, missing=missing)

    def has(self, key: str) -> bool:
        """Return whether a field is there; null is as good as absent."""
        return self.data.get(key) is not None

    def only(self, *allowed: str) -> None:
        """Report fields that OpenSLO does not have, with the nearest one that it has."""
        for key in self.data:
            if key in allowed:
                continue
            near = near_name(str(key), allowed, cutoff=0.6)
            known = ", ".join(allowed) or "nothing"
            fix = f"Did you mean `{near}`?" if near else f"Known here: {known}."
            self.refuse("openslo-unknown", "is no field of openslo/v1", fix, key=str(key))

    def text(self, key: str, *, required: bool = False, longest: int = LONG) -> str:
        """Return a text, empty when it is missing or reported."""
        value = self.data.get(key)
        if value is None or value == "":
            if required:
                self.refuse("openslo-required", "is missing", f"Write `{key}:`.", key=key)
            return ""
        if not isinstance(value, str):
            self.refuse("openslo-type", f"is {said(value)}, not text", "Quote it.", key=key)
            return ""
        if len(value) > longest or "\x00" in value:
            fix = "Shorten it."
            self.refuse("openslo-value", f"is longer than {longest}, or holds a NUL", fix, key=key)
            return ""
        return value

    def description(self) -> str:
        """Return the description."""
        return self.text("description", longest=LONGEST_DESCRIPTION)

    def name(self, key: str, *, required: bool = False) -> str:
        """Return a name by RFC 1123."""
        value = self.text(key, required=required)
        if value and not (_NAME.fullmatch(value) and len(value) <= LONGEST_NAME):
            fix = "Use at most 63 lower-case letters, digits and `-`, none of them `-` at the ends."
            self.refuse("openslo-value", f"is {value[:80]!r}, no name", fix, key=key)
            return ""
        return value

    def choice(self, key: str, words: Collection[str], *, required: bool = False) -> str:
        """Return one of some words."""
        value = self.text(key, required=required)
        if value and value not in words:
            fix = f"Write one of: {', '.join(words)}."
            self.refuse("openslo-value", f"is {value[:80]!r}", fix, key=key)
            return ""
        return value

    def boolean(self, key: str) -> bool:
        """Return true or false; absent is false."""
        value = self.data.get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.refuse("openslo-type", f"is {said(value)}", "Write true or false.", key=key)
        return False

    def number(self, key: str, *, required: bool = False) -> Decimal | None:
        """Return a number, None when it is missing or reported."""
        value = self.data.get(key)
        if value is None:
            if required:
                self.refuse("openslo-required", "is missing", f"Write `{key}:`.", key=key)
            return None
        found = decimal(value)
        if found is None:
            fix = "Write a plain number, without quotes."
            self.refuse("openslo-type", f"is {said(value)}, no number", fix, key=key)
        return found

    def duration(
        self, key: str, *, required: bool = False, minutes: bool = False
    ) -> Duration | None:
        """Return a duration shorthand; with `minutes` a bare number counts minutes."""
        value = self.data.get(key)
        if minutes and isinstance(value, int) and not isinstance(value, bool):
            value = f"{value}m" if abs(value) < 10**6 else "too long"
        elif value is None or not isinstance(value, str):
            self.text(key, required=required)
            return None
        match = _DURATION.fullmatch(value)
        if match is None or int(match[1]) == 0:
            fix = "Write a positive whole number and one of m, h, d, w, M, Q, Y: 4w"
            self.refuse("openslo-value", f"is {value[:80]!r}, no duration", fix, key=key)
            return None
        return Duration(int(match[1]), match[2])

    def node(self, key: str, *, required: bool = False) -> "Mapped | None":
        """Return a mapping inside this one."""
        value = self.data.get(key)
        if value is None:
            if required:
                self.refuse("openslo-required", "is missing", f"Write `{key}:`.", key=key)
            return None
        if not isinstance(value, dict):
            fix = "Write keys below it."
            self.refuse("openslo-type", f"is {said(value)}, no mapping", fix, key=key)
            return None
        return replace(self, path=(*self.path, key), data=value)

    def spec(self, *, required: bool) -> "Mapped":
        """Return `spec`, an empty one where there is none."""
        return self.node("spec", required=required) or replace(
            self, path=(*self.path, "spec"), data={}, absent=True
        )

    def nodes(self, key: str) -> "tuple[Mapped, ...]":
        """Return a list of mappings."""
        value = self.data.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.refuse("openslo-type", f"is {said(value)}, no list", "Write `- ...`.", key=key)
            return ()
        found = []
        for index, one in enumerate(value):
            path = (*self.path, key, str(index))
            node = replace(self, path=path, data=one if isinstance(one, dict) else {})
            if not isinstance(one, dict):
                node.refuse("openslo-type", f"is {said(one)}, no mapping", "Write keys below it.")
                continue
            found.append(node)
        return tuple(found)

    def exactly_one(self, keys: Collection[str]) -> str:
        """Return which one of some fields is there; empty when reported."""
        there = [key for key in keys if key in self.data and self.data[key] is not None]
        if len(there) == 1:
            return there[0]
        names = " and ".join(f"`{key}`" for key in (there or keys))
        message = f"has {names}: it must be one" if there else f"has none of {names}"
        self.refuse("openslo-exclusive", message, f"Keep exactly one of {', '.join(keys)}.")
        return ""


def decimal(value: object) -> Decimal | None:
    """Return a number of a file in decimals, None when it is none or beyond all sense."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int) and abs(value) >= 10**18:
        return None
    found = Decimal(str(value))
    return found if found.is_finite() and abs(found.adjusted()) < 30 else None


def said(value: object) -> str:
    """Return what a value is, in words."""
    words = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    words |= {str: "text", dict: "a mapping", type(None): "nothing"}
    return words.get(type(value), "something else")
