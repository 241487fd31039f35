"""What somebody meant by a text that cannot be read: the right text, or nothing to suggest.

People write `€50,000`, `5m`, `9am` and `Berlin`. A message that quotes the rule sends them to a
manual at best; one that says what to write is done with. Nothing here is ever applied unasked.
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from andon.core.documents.near import near_name
from andon.core.money import CURRENCIES

_COMMON = ("EUR", "GBP", "USD", "JPY", "CHF", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "INR")
_SYMBOLS = {
    "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "zł": "PLN", "kč": "CZK",
    "us$": "USD", "fr": "CHF", "sfr": "CHF", "euro": "EUR", "pound": "GBP", "pound sterling": "GBP",
    "sterling": "GBP", "dollar": "USD", "yen": "JPY", "franc": "CHF", "rupee": "INR",
}  # fmt: skip
#: What more than one currency is called: the organisation's, if it is one of them.
_SHARED = {
    "$": ("USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN", "TWD", "BRL", "ARS", "CLP", "COP"),
    "dollar": ("USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD"),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "¥": ("JPY", "CNY"),
    "franc": ("CHF", "XOF", "XAF"),
    "pound": ("GBP", "EGP"),
}
_TIMES = {"k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "million": 10**6, "bn": 10**9}
_AMOUNT = re.compile(
    r"(?P<before>[^\d.,+-]*?)\s*(?P<number>\d[\d.,_'\u2019 \u00a0\u202f]*)"
    r"\s*(?P<times>k|m|mn|bn|thousand|million)?\s*(?P<after>[^\d.,]*)",
    re.IGNORECASE,
)
_TWO_WAYS = re.compile(r"[A-Za-z]{3}\s+-?(?:\d+\.\d{3}|\d[\d,]*,(?!\d{3}(?:\D|$))\d+)")

_SPAN = re.compile(r"(?P<number>\d+)\s*(?P<unit>[a-z]+)", re.IGNORECASE)
_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_UNIT_WORDS = {
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "w"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
}
_ISO = re.compile(r"p?t?(\d+)([hms])", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h]?(\d{2}))?\s*(am|pm|h)?", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERED = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([a-z]{3})[a-z]*,?[ -](\d{4})", re.IGNORECASE)
#: What clocks show, which changes twice a year, and a place whose clocks show it.
_SHOWN = {
    "BST": "Europe/London", "CEST": "Europe/Berlin", "EEST": "Europe/Helsinki",
    "EDT": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago",
    "MDT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
    "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney", "NZST": "Pacific/Auckland", "NZDT": "Pacific/Auckland",
}  # fmt: skip
_NINES = {"two": "99.0", "three": "99.9", "four": "99.99", "five": "99.999"}
_ADDRESS = re.compile(r"[^\s<>:;,\"()]+@[^\s<>:;,\"()]+")


def money(text: str, *, currency: str) -> str:
    """Return `EUR 50000` for `€50,000` or `50k euros`; a number alone is in `currency`."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or (found["before"].strip() and found["after"].strip()):
        return ""
    code = _code(found["before"] or found["after"], currency)
    number = _number(found["number"])
    if not code or number is None:
        return ""
    amount = number * _TIMES.get((found["times"] or "").lower(), 1)
    return f"{code} {amount.normalize():f}"


def can_be_read_twice(text: str) -> bool:
    """Return whether an amount is one thing in London and another in Berlin: `EUR 50.000`."""
    return _TWO_WAYS.fullmatch(text.strip()) is not None


def currency(text: str) -> str:
    """Return the ISO 4217 code that a word is a slip of, or a name for."""
    word = text.strip().upper()
    swapped = (word[:n] + word[n : n + 2][::-1] + word[n + 2 :] for n in range(len(word) - 1))
    near = next((one for one in swapped if one in CURRENCIES), "")
    return (
        _code(text, "")
        or near
        or near_name(word, _COMMON, cutoff=0.6)
        or near_name(word, CURRENCIES, cutoff=0.6)
    )


def duration(text: str) -> str:
    """Return `PT5M` for `5m`, `5 minutes` or `P5M`."""
    written = text.strip().lower().replace(",", " ").replace(" and ", " ")
    if iso := _ISO.fullmatch(written):
        return f"PT{iso[1]}{iso[2].upper()}"
    pieces = list(_SPAN.finditer(written))
    units = [_UNIT_WORDS.get(piece["unit"]) for piece in pieces]
    if not pieces or _SPAN.sub("", written).strip() or not all(units):
        return ""
    seconds = sum(
        int(piece["number"]) * _UNITS[unit]
        for piece, unit in zip(pieces, units, strict=True)
        if unit
    )
    return _iso(seconds)


def clock(text: str) -> str:
    """Return `09:00` for `9am`, `9:00` or `9`."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return ""
    hours, minutes, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half == "pm" and hours < 12:
        hours += 12
    elif half == "am" and hours == 12:
        hours = 0
    return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else ""


def days(text: str) -> tuple[str, ...]:
    """Return the dates a text may mean, as `2026-01-05`; two where day and month may change."""
    written = text.strip()
    try:
        return (date.fromisoformat(written).isoformat(),)
    except ValueError:
        pass
    if named := _NAMED.fullmatch(written):
        month = named[2].lower()
        parts = (
            [(int(named[3]), _MONTHS.index(month) + 1, int(named[1]))] if month in _MONTHS else []
        )
    elif found := _NUMBERED.fullmatch(written):
        first, middle, last = (int(found[n]) for n in (1, 2, 3))
        parts = (
            [(first, middle, last)]
            if first > 31
            else [(last, middle, first), (last, first, middle)]
        )
    else:
        parts = []
    return tuple(dict.fromkeys(day for one in parts if (day := _day(*one))))


def zone(text: str, known: Iterable[str]) -> str:
    """Return `Europe/Berlin` for `Berlin`, `europe/berlin` or `CEST`."""
    written = text.strip().replace(" ", "_")
    if written.upper() in _SHOWN:
        return _SHOWN[written.upper()]
    names = sorted(one for one in known if "/" in one and not one.startswith("Etc/"))
    lower = written.lower()
    for one in names:
        if lower in (one.lower(), one.lower().rpartition("/")[2]):
            return one
    by_city = {one.rpartition("/")[2]: one for one in names}
    return near_name(written, names) or by_city.get(near_name(written, by_city), "")


def target(text: str) -> str:
    """Return `99.9` for `99,9`, `99.9 percent` or `three nines`."""
    written = text.strip().lower().replace(",", ".")
    for word in ("percent", "per cent", "%"):
        written = written.removesuffix(word).strip()
    nines = written.partition(" ")
    if nines[2] == "nines":
        return _NINES.get(nines[0], "")
    return written if re.fullmatch(r"\d{1,2}(\.\d{1,4})?", written) else ""


def email(text: str) -> str:
    """Return the address inside `mailto:ann@example.com` or `Ann <ann@example.com>`."""
    found = _ADDRESS.findall(text)
    return str(found[0]) if len(found) == 1 and found[0] != text else ""


def _code(word: str, currency: str) -> str:
    text = word.strip().rstrip(".").lower()
    if not text:
        return currency
    if text.upper() in CURRENCIES:
        return text.upper()
    one = text.removesuffix("s") if len(text) > 3 else text
    if currency in _SHARED.get(one, ()):
        return currency
    return _SYMBOLS.get(one, "") or next(iter(_SHARED.get(one, ("",))), "")


def _number(text: str) -> Decimal | None:
    """Return a number, whichever of `.` and `,` stands before its decimals."""
    written = re.sub(r"[_'\u2019\s\u00a0\u202f]", "", text)
    marks = [one for one in written if one in ".,"]
    last = marks[-1] if marks else ""
    decimals = written.rpartition(last)[2] if last else ""
    is_decimal = last and marks.count(last) == 1 and (len(set(marks)) == 2 or len(decimals) != 3)
    if is_decimal:
        whole, _, rest = written.rpartition(last)
        written = f"{re.sub('[.,]', '', whole)}.{rest}"
    else:
        written = re.sub("[.,]", "", written)
    try:
        return Decimal(written)
    except InvalidOperation:
        return None


def _iso(seconds: int) -> str:
    if seconds and seconds % 86_400 == 0:
        return f"P{seconds // 86_400}D"
    parts = []
    for unit in "hms":
        count, seconds = divmod(seconds, _UNITS[unit])
        parts += [f"{count}{unit.upper()}"] if count else []
    return f"PT{''.join(parts) or '0S'}"


def _day(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat() if year > 999 else ""
    except ValueError:
        return ""
