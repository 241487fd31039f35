"""Writes: an accepted proposal becomes a patch to the catalogue's files, or the change itself.

The catalogue is code: nobody edits its rows. What is accepted is a unified diff for a review, and
with `write=True` the file. Only the annotations named change; comments and layout stay.
"""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from andon.core import files
from andon.core.errors import Refusal
from andon.planning.rules.review import WINDOWS, Proposal
from andon.planning.types import Insured

_KIND = re.compile(r"kind:\s*[\"']?component[\"']?\s*(#.*)?$", re.IGNORECASE)


class UnableToPatch(Refusal):
    """The proposal changes nothing that stands in a file, or the file is not as it was read."""

    code = "nothing_to_patch"
    status = 409


@dataclass(frozen=True, slots=True)
class Patch:
    """A change to one file, as a unified diff that `git apply` takes inside the folder."""

    file: str
    diff: str
    text: str


def accept(*, proposal: Proposal, service: Insured, folder: Path, write: bool = False) -> Patch:
    """Return the patch that carries a proposal out; with `write` change the file as well.

    Raises UnableToPatch. Applying the catalogue afterwards is a step of its own: `andon apply`.
    """
    if not proposal.annotations:
        raise UnableToPatch(f"{proposal.words}: this is for a person to decide and to write")
    file, _, line = service.declared_at.rpartition(":")
    path = folder / file if folder.is_dir() else folder
    if not line.isdigit() or not path.is_file():
        raise UnableToPatch(f"{service.slug} stands in no file of {folder}", at=service.declared_at)
    before = _text(path)
    after = before
    for key, said in proposal.annotations:
        value = said if key != WINDOWS else _added(after, int(line), key, said)
        after = annotate(text=after, line=int(line), key=key, value=value)
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    diff = "".join(difflib.unified_diff(old, new, fromfile=f"a/{file}", tofile=f"b/{file}"))
    if not diff:
        raise UnableToPatch(f"{path} says so already")
    if write:
        files.write_whole(path, after.encode("utf-8"))
    return Patch(file, diff, after)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnableToPatch(f"{path} cannot be read; was it changed since?") from error


def annotate(*, text: str, line: int, key: str, value: str | None) -> str:
    """Return a file with one annotation of the document that holds a line set, or removed.

    Raises UnableToPatch when there is no plain `annotations:` block to put it in.
    """
    lines = text.splitlines(keepends=True)
    first, last = _document(lines, line - 1)
    if not any(_KIND.match(one.rstrip()) for one in lines[first:last]):
        raise UnableToPatch(f"line {line} is not in a Component; was the file changed since?")
    start, stop, indent = _block(lines, first, last)
    for number in range(start, stop):
        if lines[number].strip().startswith(f"{key}:"):
            if number + 1 < stop and _inside(lines[number + 1].rstrip() or indent, len(indent)):
                raise UnableToPatch(f"{key} is not written on one line; change it by hand")
            new = [] if value is None else [f'{indent}{key}: "{value}"\n']
            return "".join([*lines[:number], *new, *lines[number + 1 :]])
    if value is None:
        return text
    return "".join([*lines[:start], f'{indent}{key}: "{value}"\n', *lines[start:]])


def _added(text: str, line: int, key: str, value: str | None) -> str:
    """Return the list an annotation holds with one more entry."""
    lines = text.splitlines(keepends=True)
    start, stop, _ = _block(lines, *_document(lines, line - 1))
    standing = next((one for one in lines[start:stop] if one.strip().startswith(f"{key}:")), "")
    try:
        before = (yaml.safe_load(standing) or {}).get(key, "")
    except yaml.YAMLError as error:
        raise UnableToPatch(f"{key} is not written on one line; add {value} by hand") from error
    return ", ".join(one for one in (before, value) if one)


def _document(lines: list[str], at: int) -> tuple[int, int]:
    """Return the first line and the line after the document that holds a line."""
    if not 0 <= at < len(lines):
        raise UnableToPatch(f"the file has no line {at + 1} any more; was it changed since?")
    first = at
    while first > 0 and not lines[first - 1].startswith("---"):
        first -= 1
    last = at
    while last < len(lines) and not (lines[last].startswith("---") and last > at):
        last += 1
    return first, last


def _block(lines: list[str], first: int, last: int) -> tuple[int, int, str]:
    """Return where the annotations begin and end, and how they are indented."""
    for number in range(first, last):
        if lines[number].strip().split("#")[0].strip() == "annotations:":
            outer = len(lines[number]) - len(lines[number].lstrip())
            stop = number + 1
            while stop < last and _inside(lines[stop], outer):
                stop += 1
            inner = next((one for one in lines[number + 1 : stop] if one.strip()), "")
            width = len(inner) - len(inner.lstrip()) if inner else outer + 2
            return number + 1, stop, " " * width
    raise UnableToPatch("the Component has no `annotations:` block; write one first")


def _inside(line: str, outer: int) -> bool:
    return not line.strip() or len(line) - len(line.lstrip()) > outer
