"""How `--help` names what options take: as people do, not as Python does."""

import re
from typing import Any

from typer import core

_WORDS = {"str": "TEXT", "int": "NUMBER", "float": "NUMBER", "path": "PATH", "decimal": "NUMBER"}
_BARE = re.compile(r"<(?:list\[)?(\w+)(?: range)?\]?>")


def say_types_in_words() -> None:
    """Let help show `TEXT` for `<str>`, and nothing for a flag, which takes nothing.

    Typer has one method for it and no setting.
    """
    core.TyperOption.display_type_rich = _of_option  # type: ignore[method-assign]
    core.TyperArgument.display_type_rich = _of_argument  # type: ignore[method-assign, assignment]


def _of_option(self: core.TyperOption, ctx: Any) -> str | None:
    if self.metavar is not None:
        return self.metavar
    return None if self.is_flag else _words(self.display_type(ctx))


def _of_argument(self: core.TyperArgument, ctx: Any) -> str | None:
    """Return the choices of an argument; its name says the rest."""
    words = _words(self.display_type(ctx))
    return None if words.isupper() else words


def _words(shown: str) -> str:
    bare = _BARE.sub(lambda found: _WORDS.get(found[1].lower(), found[1].upper()), shown)
    return bare.strip("<>")
