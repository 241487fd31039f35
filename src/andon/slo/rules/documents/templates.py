"""Templates in the texts of a team's own alerts, checked before an engine refuses a whole file.

Prometheus reloads all of its rules or none, so one bracket that a team forgot would keep everybody
else's out of force. What is checked is what both engines refuse to parse, not what a template says.
"""

import re
from collections.abc import Iterator

_QUOTED = r'"(?:\\.|[^"\\\n])*"|`[^`]*`|\'(?:\\.|[^\'\\\n])*\''
_ACTION = re.compile(rf"\{{\{{((?:{_QUOTED}|(?!\}}\}})[^\"`'])*)\}}\}}", re.DOTALL)
_COMMENT = re.compile(r"\{\{(?:- )?/\*.*?\*/(?: -)?\}\}", re.DOTALL)
_STRING = re.compile(_QUOTED)
_WORD = re.compile(r"(?<![\w.$])[A-Za-z_]\w*")
_VARIABLE = re.compile(r"\$(\w+)")
_OPENS = frozenset({"if", "range", "with"})
_KEYWORDS = _OPENS | {"else", "end", "break", "continue", "true", "false", "nil"}
#: What Prometheus 2.42 and vmalert 1.79 both know; a rule is rendered for both.
FUNCTIONS = frozenset(
    {
        "and", "args", "call", "eq", "externalURL", "first", "ge", "gt", "html", "humanize",
        "humanize1024", "humanizeDuration", "humanizePercentage", "humanizeTimestamp", "index",
        "js", "label", "le", "len", "lt", "match", "ne", "not", "or", "parseDuration",
        "pathPrefix", "print", "printf", "println", "query", "reReplaceAll", "safeHtml",
        "slice", "sortByLabel", "stripDomain", "stripPort", "strvalue", "title", "toLower",
        "toUpper", "urlquery", "value",
    }
)  # fmt: skip
VARIABLES = frozenset({"labels", "value", "externalLabels", "externalURL"})


def fault(text: str, *, is_for_both: bool) -> str:
    """Return what keeps engines from reading a template, or nothing.

    Alerts on logs are for vmalert alone, which knows more functions as it grows: theirs are not
    looked at.
    """
    bare = _COMMENT.sub("", text)
    if "{{" in _ACTION.sub("", bare):
        return "`{{` is never closed by `}}`"
    actions = [_STRING.sub('""', one.group(1)).strip("- \t\r\n") for one in _ACTION.finditer(bare)]
    return next(_faults(actions, is_for_both), "")


def _faults(actions: list[str], is_for_both: bool) -> Iterator[str]:
    depth, declared = 0, set(VARIABLES)
    for action in actions:
        if not action:
            yield "`{{ }}` is empty"
        if action.count("(") != action.count(")"):
            yield f"a bracket of `{{{{ {action[:60]} }}}}` has no partner"
        first = (action.split() or [""])[0]
        depth += (first in _OPENS) - (first == "end")
        if depth < 0:
            yield "there is an `{{ end }}` too many"
        declared |= set(re.findall(r"\$(\w+)\s*(?:,|:=)", action))
        if is_for_both:
            yield from _unknown(action, declared)
    if depth > 0:
        yield "an `{{ end }}` is missing"


def _unknown(action: str, declared: set[str]) -> Iterator[str]:
    for name in _VARIABLE.findall(action):
        if name not in declared:
            yield f"`${name}` is no variable there"
    for word in _WORD.findall(action):
        if word not in FUNCTIONS and word not in _KEYWORDS:
            yield f"`{word}` is no function that Prometheus and vmalert both know"
