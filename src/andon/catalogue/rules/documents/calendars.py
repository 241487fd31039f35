"""Bank-holiday calendars: each one named in the files exists, and leaves no day out unnoticed."""

from andon.catalogue.types.declared import Catalogue
from andon.core.calendars import calendar_names, parts_of, regional_day
from andon.core.documents.fields import Fields
from andon.core.documents.near import near_calendar
from andon.core.documents.problems import Gravity

KEY = "bankHolidays"
#: Which days are regional is the same in any year; one with few of them on Sundays is asked.
_YEAR = 2026


def check_calendars(catalogue: Catalogue) -> None:
    """Report calendars of the organisation and of teams that nobody has, or that lack days.

    The library of calendars is loaded only where the files name one.
    """
    entities = [one.entity for one in catalogue.teams.values()]
    for entity in (catalogue.organisation_entity, *entities):
        hours = entity.spec.data.get("workingHours")
        code = hours.get(KEY) if isinstance(hours, dict) else None
        if isinstance(code, str) and code:
            fields = entity.spec.mapping("workingHours")
            assert fields is not None  # noqa: S101 - it is a mapping
            _check(fields, code)


def _check(fields: Fields, code: str) -> None:
    country, dash, part = code.partition("-")
    known = parts_of(country)
    if known is None or (dash and part not in known):
        message = f"no calendar of bank holidays is called {code[:80]!r}: none would be observed"
        fields.refuse("bank-holidays", message, _fix(code), key=KEY)
        return
    day, where = ("", "") if part else regional_day(country, year=_YEAR)
    if day:
        message = f"{code} alone leaves regional days out, such as {day} ({where})"
        fix = f"Write the part too: {_codes(country)}; or keep it if people work on those days."
        fields.refuse("bank-holidays", message, fix, key=KEY, gravity=Gravity.WARNING)


def _fix(code: str) -> str:
    near = near_calendar(code, calendar_names())
    if not near:
        return 'Write a country by its code, or a country and its part: GB-ENG, DE-BY; "" for none.'
    if "-" in near or not regional_day(near, year=_YEAR)[0]:
        return f"Did you mean `{near}`?"
    return f"Did you mean `{near}`? With its part, regional days count too: {_codes(near)}."


def _codes(country: str, most: int = 4) -> str:
    codes = [f"{country}-{part}" for part in parts_of(country) or ()]
    return ", ".join(codes[:most]) + (", ..." if len(codes) > most else "")
