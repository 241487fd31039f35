"""Secrets in texts that are not ours to word: logs, errors, bodies that senders wrote.

Found by what they look like, so that a key in a mistyped path is masked too.
"""

import re

#: What is left of a secret, so that people can tell which one it was.
_KEPT = 4
_OURS = r"andon_(?:key|cal)_[A-Za-z0-9_-]{4,}"
_HEX = r"(?<![0-9A-Za-z])[0-9a-fA-F]{32,}(?![0-9A-Za-z])"
# A part of a path as long as our tokens, of upper and lower case: no name that people gave.
_PART = r"(?<=[/=])(?=[A-Za-z0-9_:-]*[a-z])(?=[A-Za-z0-9_:-]*[A-Z])[A-Za-z0-9_:-]{24,}"
_SECRET = re.compile(f"{_OURS}|{_HEX}|{_PART}")
_OURS_IN_BYTES = re.compile(_OURS.encode())
_PREFIX = re.compile(r"andon_(?:key|cal)_")


def mask_secrets(text: str) -> str:
    """Return a text in which whatever looks like one of Andon's secrets is cut to its beginning."""
    return _SECRET.sub(_masked, text)


def mask_keys(body: bytes) -> bytes:
    """Return a body without keys of ours, each as long as before; the same one if it has none."""
    if b"andon_" not in body:
        return body
    return _OURS_IN_BYTES.sub(_stars, body)


def mask_secret(body: bytes, secret: str) -> bytes:
    """Return a body in which one secret, as text of one or two bytes a character, is masked."""
    mask = secret[:_KEPT] + "*" * (len(secret) - _KEPT)
    for encoding in ("ascii", "utf-16-le"):
        body = body.replace(secret.encode(encoding, "ignore"), mask.encode(encoding, "ignore"))
    return body


def _masked(match: re.Match[str]) -> str:
    found = match.group()
    prefix = _PREFIX.match(found)
    return found[: (prefix.end() if prefix else 0) + _KEPT] + "…"


def _stars(match: re.Match[bytes]) -> bytes:
    found = match.group()
    shown = len(b"andon_key_") + _KEPT
    return found[:shown] + b"*" * (len(found) - shown)
