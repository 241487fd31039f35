"""Panels and dashboards drawn once by the SDK, then filled in for thousands of services.

The SDK takes some milliseconds for a dashboard; filling in a drawn one takes a fraction of one.
A blank is `%%name%%` inside a JSON string. Whatever goes in is escaped as JSON there, and is not
looked at again, so a title that looks like a blank stays a title.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from andon.integrations.grafana.sdk import JSONEncoder

#: Stand in the drawing for a panel's id and row, which the SDK's types want as numbers.
ID, ROW = 987_654_321, 987_654_322
_BLANK = re.compile(r"%%([a-z_]+)%%")
_NUMBERS = {f": {ID}": ": %%id%%", f": {ROW}": ": %%row%%"}


@dataclass(frozen=True, slots=True)
class Template:
    """Text with blanks: literal, name, literal, name, ..., literal."""

    pieces: tuple[str, ...]

    @classmethod
    def of(cls, drawing: object, *, indent: str = "") -> "Template":
        """Return the template of a drawing: a line for each field, sorted, so that it diffs."""
        text = _lines(json.loads(json.dumps(drawing, cls=JSONEncoder)), indent)
        for number, blank in _NUMBERS.items():
            text = text.replace(number, blank)
        return cls(tuple(_BLANK.split(text)))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with every blank filled by a value that is escaped already."""
        pieces = list(self.pieces)
        for index in range(1, len(pieces), 2):
            pieces[index] = values[pieces[index]]
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class DrawnTemplate:
    """A panel's template and where it stands within its section."""

    template: Template
    row: int
    height: int


@dataclass(frozen=True, slots=True)
class Section:
    """Panels that go together, one below or beside another."""

    panels: tuple[DrawnTemplate, ...]

    @property
    def height(self) -> int:
        """Return how many rows of the grid it takes."""
        return max((panel.row + panel.height for panel in self.panels), default=0)


def escaped(text: str) -> str:
    """Return a text as it stands inside a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def assemble(
    *, frame: Template, sections: list[tuple[Section, Mapping[str, str]]], values: Mapping[str, str]
) -> str:
    """Return a dashboard: its frame, and its sections one below the other, ids counted from 1."""
    number, top = 1, 0
    panels = []
    for section, filling in sections:
        for panel in section.panels:
            place = {"id": str(number), "row": str(top + panel.row)}
            panels.append(panel.template.fill({**filling, **place}))
            number += 1
        top += section.height
    return frame.fill({**values, "panels": ",\n".join(panels)}) + "\n"


def frame_of(dashboard: object) -> Template:
    """Return a dashboard's template with the blank `panels` where its panels go."""
    document: dict[str, Any] = json.loads(json.dumps(dashboard, cls=JSONEncoder))
    document["panels"] = ["%%panels%%"]
    template = Template.of(document)
    pieces = list(template.pieces)
    at = pieces.index("panels")
    pieces[at - 1] = pieces[at - 1].removesuffix('"') + "\n"
    pieces[at + 1] = "\n " + pieces[at + 1].removeprefix('"')
    return Template(tuple(pieces))


def _lines(document: dict[str, Any], indent: str) -> str:
    fields = (
        f"{indent} {json.dumps(key)}: {json.dumps(value, ensure_ascii=False, sort_keys=True)}"
        for key, value in sorted(document.items())
    )
    return f"{indent}{{\n" + ",\n".join(fields) + f"\n{indent}}}"
