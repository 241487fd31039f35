"""Bank holidays by calendar code, from the `holidays` library: offline, without a database."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from andon.core.errors import Refusal


class UnableToFindHolidays(Refusal):
    """No bank-holiday calendar has this code."""

    code = "unknown_holiday_calendar"
    status = 422


@lru_cache(maxsize=2048)
def bank_holidays(code: str, year: int) -> Mapping[date, str]:
    """Return the bank holidays of a year with their names; `GB-ENG`, `GB` or `DE-BY`.

    An empty code has none. Raises UnableToFindHolidays for a code the library does not know.
    """
    if not code:
        return MappingProxyType({})
    import holidays  # noqa: PLC0415 - a third of a second to import; many commands do without

    country, _, subdivision = code.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except (AttributeError, NotImplementedError, KeyError, TypeError, ValueError) as error:
        raise UnableToFindHolidays(
            f"{code!r} is not a bank-holiday calendar; write a country, or a country and its part, "
            "such as GB-ENG",
            code=code,
        ) from error
    return MappingProxyType(dict(found))


@lru_cache(maxsize=512)
def parts_of(country: str) -> tuple[str, ...] | None:
    """Return the parts of a country that have calendars, None where no country has this code."""
    import holidays  # noqa: PLC0415 - as above

    if country not in _codes():
        return None
    return tuple(holidays.country_holidays(country).subdivisions)


def regional_day(country: str, *, year: int) -> tuple[str, str]:
    """Return the first bank holiday that only a part has, with the part's code; empty for none."""
    everywhere = bank_holidays(country, year)
    for part in parts_of(country) or ():
        code = f"{country}-{part}"
        own = bank_holidays(code, year)
        extra = sorted(own.keys() - everywhere.keys())
        if extra:
            return own[extra[0]], code
    return "", ""


@lru_cache(maxsize=1)
def calendar_names() -> dict[str, str]:
    """Return what people call calendars, words apart and in lower case, with their codes.

    Codes, countries, and parts of countries by code and by name, where only one has it. It loads
    every country: a fifth of a second, for when somebody asks what was meant.
    """
    import holidays  # noqa: PLC0415 - as above
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - as above

    found: dict[str, str] = {}
    parts: dict[str, set[str]] = {}
    for name, (_, code, *_others) in COUNTRIES.items():
        found[name.replace("_", " ")] = found[code.lower()] = code
        country = holidays.country_holidays(code)
        named = {one: one for one in country.subdivisions}
        named |= getattr(country, "subdivisions_aliases", None) or {}
        for called, part in named.items():
            found[f"{code} {called}".lower()] = f"{code}-{part}"
            parts.setdefault(called.lower(), set()).add(f"{code}-{part}")
    alone = {called: codes.pop() for called, codes in parts.items() if len(codes) == 1}
    return {**alone, **found}


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - as above

    return frozenset(code for _, *codes in COUNTRIES.values() for code in codes if code.isupper())
