"""How to use a key, ready to be copied: for each kind of key, the lines its holder needs."""

import shlex

from andon.alerts.types import KEY_KINDS, KeyUse

#: Stands where the rest of a key would, once only its beginning is known.
_REST = "..."


def uses(*, kind: str, url: str, key: str) -> tuple[KeyUse, ...]:
    """Return how a key of a kind is used; `key` is the key, or how it begins."""
    if kind == "api":
        return _api(url, key)
    found = KEY_KINDS.get(kind)
    return found.uses(url, key) if found else ()


def shown(hint: str) -> str:
    """Return what stands for a key of which only the beginning is known."""
    return f"{hint}{_REST}"


def _api(url: str, key: str) -> tuple[KeyUse, ...]:
    bearer = shlex.quote(f"Authorization: Bearer {key}")
    return (
        KeyUse("Who the key acts for", f"curl -H {bearer} {url}/api/v1/me"),
        KeyUse("From the command line", f"ANDON_URL={url} ANDON_KEY={key} andon incidents"),
    )
