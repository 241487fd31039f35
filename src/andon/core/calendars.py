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
    except (NotImplementedError, KeyError, ValueError) as error:
        raise UnableToFindHolidays(
            f"{code!r} is not a bank-holiday calendar; write a country, or a country and its part, "
            "such as GB-ENG",
            code=code,
        ) from error
    return MappingProxyType(dict(found))
