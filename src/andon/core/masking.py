"""What may be shown of addresses and secrets. The one place that knows what they look like.

An address that messages go to is a secret as well: who knows an ntfy topic reads every page sent to
it, and a webhook's URL usually holds its password.
"""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

_SCHEME = r"\b[A-Za-z][A-Za-z0-9+.-]{1,30}://"
#: A URL in a text, up to what cannot belong to one; a stop or bracket behind it is the sentence's.
_URL = re.compile(_SCHEME + r"[^\s\"'<>\\\x1b]*[^\s\"'<>\\\x1b).,;:!?\]}]")
_MAIL = re.compile(r"([A-Za-z0-9_])[A-Za-z0-9_.+%-]*@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)")
#: (what a secret looks like, what is left of it).
_SECRETS = (
    # Without a boundary before it: in a mistyped path it may follow a letter.
    (re.compile(r"(andon_(?:key|api|cal|door)_)[A-Za-z0-9_-]{5,}"), r"\1..."),
    (re.compile(r"(/(?:a|look)/)[^\s/\"'<>\\]{10,}"), r"\1..."),
    (re.compile(r"\b(whsec_|tk_)[A-Za-z0-9+/=_-]{8,}"), r"\1..."),
    (re.compile(r"\b((?i:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{12,}"), r"\1..."),
    (
        re.compile(
            r"(?<![A-Za-z])((?i:password|passwd|secret|token|authorization"
            r"|(?:api|routing|access)[_-]?key)"
            r"[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&<>\\]{3,}"
        ),
        r"\1...",
    ),
    # Integration keys of PagerDuty's kind.
    (re.compile(r"\b[0-9A-Fa-f]{32}\b"), "..."),
    # Parts of paths, mistyped or not: with a key in them, or as long and mixed as a token.
    (re.compile(r"(/)[^\s/?#\"'<>\\]*[0-9A-Fa-f]{32}[^\s/?#\"'<>\\]*"), r"\1..."),
    (re.compile(r"(/)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{24,}"), r"\1..."),
)
_OUR_KEYS = re.compile(rb"(andon_(?:key|api|cal|door)_)([A-Za-z0-9_-]{5,})")
#: What a secret in a body begins with stays, so that people can tell which one it was.
_KEPT = 4
#: Shorter parts of an address are too common as words to be looked for.
_SHORTEST = 4


def url(address: str) -> str:
    """Return a URL as it may be shown: whose it is, and nothing of what opens it.

    Nothing at all where it cannot be told what is the host, such as after an unescaped password.
    """
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(not a URL)"
    if not parts.scheme or not parts.hostname or "@" in _behind_host(parts):
        return f"{parts.scheme}://..." if parts.scheme and parts.netloc else "(not a URL)"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    hides = parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc
    return f"{parts.scheme}://{host}{port}" + ("/..." if hides else "")


def mail(address: str) -> str:
    """Return a mail address as it may be shown: `a...@example.org`."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}...@{domain}" if at and name else "(not a mail address)"


def text(words: str) -> str:
    """Return a text for many readers without what looks like an address, a key or a password."""
    if "://" in words:
        words = _URL.sub(lambda found: url(found[0]), words)
    if "@" in words:
        words = _MAIL.sub(r"\1...@\2", words)
    for looks, left in _SECRETS:
        words = looks.sub(left, words)
    return words


def without(words: str, *, address: str) -> str:
    """Return a text without the parts of a URL that whoever answered there may have said again."""
    for part in sorted(set(_parts(address)), key=len, reverse=True):
        words = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "...", words)
    return text(words)


def body(whole: bytes) -> bytes:
    """Return what a sender wrote without Andon's own keys, each as long as before."""
    if b"andon_" not in whole:
        return whole
    return _OUR_KEYS.sub(lambda found: found[1] + b"*" * len(found[2]), whole)


def secret(whole: bytes, *, plain: str) -> bytes:
    """Return a body without one secret, in texts of one and of two bytes a character."""
    mask = plain[:_KEPT] + "*" * (len(plain) - _KEPT)
    for encoding in ("ascii", "utf-16-le"):
        whole = whole.replace(plain.encode(encoding, "ignore"), mask.encode(encoding, "ignore"))
    return whole


def _behind_host(parts: SplitResult) -> str:
    return parts.path + parts.query + parts.fragment


def _parts(address: str) -> Iterator[str]:
    """Yield what is secret in a URL, as it stands there and decoded."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if not parts.netloc:
        return
    found = [address, parts.username or "", parts.password or "", parts.query, parts.fragment]
    found += [parts.path, *parts.path.split("/")]
    found += [pair.partition("=")[2] for pair in parts.query.split("&")]
    for one in found:
        for part in (one, unquote(one)):
            if len(part) >= _SHORTEST:
                yield part
