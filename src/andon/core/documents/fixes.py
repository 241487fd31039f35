"""What to write instead of a value that cannot be read: one sentence for each kind of value."""

import re
from zoneinfo import available_timezones

from andon.core.documents import slips

BLANK = re.compile(r"[\s\x00-\x20]")
_OFFSET = re.compile(r"(utc|gmt)?\s*[+-]\s*[0-9].*", re.IGNORECASE)
#: Schemes that are no secret and that people take for addresses of pages.
_OTHER_SCHEMES = ("mailto", "tel", "ftp", "file", "ssh", "slack", "javascript", "data")


def money(text: str, currency: str) -> str:
    """Return how to write an amount that could not be read."""
    meant = slips.money(text, currency=currency)
    if not meant:
        return f'Write a currency and a number: "{currency or "GBP"} 50000".'
    if currency and not meant.startswith(currency):
        return f'That is {meant}; the books are in {currency}: convert it, "{currency} ...".'
    return f'Write "{meant}".'


def duration(text: str) -> str:
    """Return how to write a length of time."""
    if text.isdigit():
        return f"Write the unit: PT{text}M for minutes, PT{text}S for seconds, P{text}D for days."
    if meant := slips.duration(text):
        return f"Write {meant}; at most ten years."
    return "Write an ISO 8601 duration of at most ten years: PT15M, PT1H, P30D."


def clock(text: str) -> str:
    """Return how to write a wall time."""
    return f'Write hours and minutes: "{slips.clock(text) or "09:00"}".'


def day(text: str) -> str:
    """Return how to write a date."""
    meant = " or ".join(slips.days(text))
    return f"Write {meant}: year, month, day." if meant else "Write a date: 2026-01-05."


def zone(text: str) -> str:
    """Return the zone that was meant, or how zones are named."""
    if near := slips.zone(text, available_timezones()):
        return f"Did you mean {near}?"
    if _OFFSET.fullmatch(text.strip()):
        return "An offset knows no summer time: write the place, such as Europe/London."
    return "Write AREA/CITY from the IANA database, such as Europe/London."


def email(text: str) -> str:
    """Return how to write a mail address."""
    meant = slips.email(text)
    return f"Write the address alone: {meant}" if meant else "Write an address: ann@example.com."


def url(text: str, *, example: str) -> tuple[str, str]:
    """Return what is wrong with an address and what to write, without quoting it."""
    scheme = text.partition(":")[0].lower()
    if BLANK.search(text):
        return "it has a space in it", "Take the space out, or write it as %20."
    if len(text) > 500:
        return "it is longer than 500 characters", "Shorten it."
    if scheme in _OTHER_SCHEMES:
        return f"it begins with {scheme}:", "Write the address of a page: https://..."
    if scheme not in ("http", "https"):
        return "it does not begin with https:// or http://", f"Write the whole address: {example}"
    return "its host or its port cannot be read", "Write https://HOST[:PORT]/..."
