"""How a sender's words, times and sizes become ours. Shared by all receivers."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from andon.alerts.types import AlertKind, Link, Severity

#: A missing or unknown severity must never fall below what pages.
DEFAULT_SEVERITY = Severity.ERROR

MAX_DEDUP_KEY = 512
MAX_SUMMARY = 1024
MAX_DESCRIPTION = 15_000
MAX_LABELS = 100
MAX_LABEL_NAME = 255
MAX_LABEL_VALUE = 4096
MAX_LINKS = 20
MAX_HREF = 2048
#: A body that nests deeper is an attack on a parser, not an alert.
MAX_DEPTH = 64
TRUNCATED = "andon_truncated"
#: The label for what people must know about an alert beside what it says: parts that were left out,
#: or mended.
NOTE = "andon_note"

_SPELLINGS = {
    Severity.CRITICAL: "critical crit page fatal emergency emerg disaster p1 sev1 1 blocker",
    Severity.ERROR: "error err major high alert p2 sev2 2",
    Severity.WARNING: "warning warn minor medium moderate p3 sev3 3 average",
    Severity.TICKET: "ticket",
    Severity.INFO: "info information informational notice none ok low debug p4 p5 4 5",
}
_SEVERITIES = {word: ours for ours, words in _SPELLINGS.items() for word in words.split()}

#: The label that says of an alert that it is an exercise or a test; `andon drill` sends it.
KIND = "andon_kind"
#: How the summary of an exercise begins where its sender has no labels to say so.
_EXERCISE = "EXERCISE:"
#: Grafana's button "Test" of a contact point, as its PagerDuty contact point words it.
_GRAFANA_TEST = re.compile(r"\[(?:FIRING:1|RESOLVED)\]\s*\(?TestAlert Grafana\b")

#: Epoch numbers from here on are milliseconds.
_MILLIS_FROM = 10**11
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
#: Control characters except tab and newline, for texts of several lines.
_BLOCK_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]+")
#: Marks that reorder text on screen; a hostile summary could show a different word than it is.
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")


class UnreadableTime(ValueError):
    """The text is not a time in any form a sender is known to use."""


def read_kind(
    *, summary: str, labels: Mapping[str, str], test: bool = False
) -> tuple[AlertKind, str]:
    """Return what stands behind an alert, and its summary without the word that says so.

    Real unless it says otherwise itself. `test` is a sender's own word. Grafana's test button sends
    an alert of this name and instance.
    """
    said = labels.get(KIND)
    if test or said == AlertKind.TEST or _is_grafana_test(summary, labels):
        return AlertKind.TEST, summary
    if summary.startswith(_EXERCISE):
        return AlertKind.EXERCISE, summary.removeprefix(_EXERCISE).lstrip() or summary
    return AlertKind.EXERCISE if said == AlertKind.EXERCISE else AlertKind.INCIDENT, summary


def marked(*, kind: AlertKind, text: str) -> str:
    """Return a text with what it is an exercise or a test of: nobody should have to read on."""
    return text if kind.is_real else f"{kind.upper()}: {text}"


def _is_grafana_test(summary: str, labels: Mapping[str, str]) -> bool:
    if labels.get("alertname") == "TestAlert":
        return labels.get("instance") == "Grafana"
    return labels.get("client") == "Grafana" and _GRAFANA_TEST.match(summary) is not None


def read_severity(text: object) -> Severity | None:
    """Return our severity for a sender's word, or None when the word is missing or unknown."""
    if type(text) is str and text in _SEVERITIES:
        return _SEVERITIES[text]
    if isinstance(text, bool) or not isinstance(text, str | int):
        return None
    word = str(text)
    return _SEVERITIES.get(word) or _SEVERITIES.get(word.strip().lower())


def read_time(value: object) -> datetime | None:
    """Return an aware UTC instant, or None for what senders write when they have none.

    Raises Unreadable for anything else.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _read_text(value.strip())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _read_epoch(value)
    raise UnreadableTime(f"{value!r:.80} is not a time")


@lru_cache(maxsize=4096)
def _read_text(text: str) -> datetime | None:
    if text.isascii() and text.isdigit():
        return _read_epoch(int(text[:20]))
    if text.endswith("Z") and "+" in text:
        text = text[:-1]  # offset and Z together, seen in the wild
    try:
        found = datetime.fromisoformat(text)
        if found.year <= 1:  # the zero value of Go's time
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableTime(f"{text!r:.80} is not a time") from error


def _read_epoch(number: float) -> datetime | None:
    if number <= 0:
        return None
    try:
        return _EPOCH + timedelta(seconds=number / 1000 if number >= _MILLIS_FROM else number)
    except (OverflowError, ValueError) as error:
        raise UnreadableTime(f"{number!r:.80} is not a time") from error


def cut_line(text: str, *, limit: int = MAX_SUMMARY) -> str:
    """Return one readable line of at most `limit` characters, without control characters."""
    if not text.isprintable():
        text = _CONTROLS.sub(" ", _BIDI.sub("", text))
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def cut_description(text: str) -> str:
    """Return a text of several lines within our limit, without NUL and other control characters."""
    if not text.isprintable():
        text = _BLOCK_CONTROLS.sub("", _BIDI.sub("", text))
    return text if len(text) <= MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 1] + "…"


def cut_dedup_key(key: str) -> str:
    """Return the identity to store; a longer one becomes a hash of it all, so none are merged."""
    if len(key) <= MAX_DEDUP_KEY and "\x00" not in key:
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def cut_labels(labels: dict[str, str]) -> dict[str, str]:
    """Return the labels within our limits, the same object when nothing had to go."""
    if len(labels) <= MAX_LABELS:
        for name, value in labels.items():
            if len(name) > MAX_LABEL_NAME or len(value) > MAX_LABEL_VALUE:
                break
        else:
            return labels
    kept = {
        name: value
        for name, value in labels.items()
        if len(name) <= MAX_LABEL_NAME and len(value) <= MAX_LABEL_VALUE
    }
    kept = dict(list(kept.items())[: MAX_LABELS - 1])
    kept[TRUNCATED] = "true"
    return kept


def http_link(href: object, text: str, kind: str) -> Link | None:
    """Return a link if it leads to a web page; never a `javascript:` or `file:` one."""
    if not isinstance(href, str) or len(href) > MAX_HREF:
        return None
    return _link(href, text[:MAX_HREF], kind)


@lru_cache(maxsize=2048)
def _link(href: str, text: str, kind: str) -> Link | None:
    if not href.startswith(("http://", "https://")) or not href.isprintable() or " " in href:
        return None
    return Link(href=href, text=cut_line(text, limit=200) or kind, kind=kind)


def tidy_links(links: list[Link | None]) -> list[Link]:
    """Return the usable links, at most twenty, the first of each address."""
    found: dict[str, Link] = {}
    for link in links:
        if link is not None:
            found.setdefault(link.href, link)
    return list(found.values())[:MAX_LINKS]


def depth(value: object, *, limit: int = MAX_DEPTH) -> int:
    """Return how deep a decoded JSON value nests; stops counting just past `limit`."""
    level, deepest = [value], 0
    while level and deepest <= limit:
        nested: list[object] = []
        for item in level:
            if isinstance(item, dict):
                nested.extend(item.values())
            elif isinstance(item, list):
                nested.extend(item)
        if not any(isinstance(item, dict | list) for item in level):
            break
        deepest += 1
        level = nested
    return deepest


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return Alertmanager's identity of a label set: FNV-1a, 64 bit, names in byte order."""
    value = 14695981039346656037
    for name in sorted(labels, key=lambda name: name.encode()):
        if not labels[name]:
            continue
        for byte in name.encode() + b"\xff" + labels[name].encode() + b"\xff":
            value = ((value ^ byte) * 1099511628211) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"
