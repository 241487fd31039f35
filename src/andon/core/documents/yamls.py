"""YAML's own errors in words that say what to do."""

import re

_TAB = re.compile(r"[ ]*\t")
_STARTS = re.compile(r"(?:^\s*(?:- )?|:\s+|\[\s*|,\s*)([@`%*&!|>])")
#: What the reader says, and the words for it: what happened, and what to do.
_WORDS = (
    (
        "mapping values are not allowed",
        "a second `: ` on one line, or a line that is indented too far",
        "Put a text that holds `: ` between quotes, or line this up with the keys above.",
    ),
    (
        "did not find expected key",
        "a key was expected here, at the indentation of the keys above",
        "Line this up with the keys above, and close every quote and bracket before it.",
    ),
    (
        "did not find expected '-' indicator",
        "an entry of the list was expected here",
        "Begin it with `- `, lined up with the entries above.",
    ),
    (
        "could not find expected ':'",
        "a key without its `:`, or a quote that was not closed above",
        "Write `key: value`, and close every quote.",
    ),
)


def explained(message: str, line: str) -> tuple[str, str]:
    """Return what is wrong at a line, and what to do about it."""
    if _TAB.match(line):
        fix = "Write spaces for every tab, two for each level, here and below."
        return "a tab indents this line: YAML knows only spaces", fix
    mark = _STARTS.search(line)
    if mark is not None and ("cannot start any token" in message or "alias" in message):
        fix = "Put the text between quotes."
        return f"a text without quotes begins with `{mark[1]}`, which means something in YAML", fix
    for said, meaning, fix in _WORDS:
        if said in message:
            return meaning, fix
    return message, "Mend the YAML; an editor with the schema shows where."
