"""Rotas in one line."""

from datetime import UTC, date, datetime, time

from andon.catalogue.types import RotaCovers, RotationUnit
from andon.catalogue.types.rotas import Asked
from andon.core.periods import FOREVER, Period
from andon.oncall import rules
from andon.oncall.types import Attendance, Departure, Override, Rota, Rotation, RotaVersion

BEGINNING = datetime(1990, 1, 1, tzinfo=UTC)


def utc(text):
    """Read `2027-05-01 03:00` as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(start, end):
    return Period(utc(start), utc(end))


def version(
    zone="Europe/London",
    *,
    unit="week",
    every=1,
    handover="09:00",
    starts_on="2026-01-05",
    people="ann ben cat",
    since=BEGINNING,
    until=FOREVER,
    asked=None,
):
    return RotaVersion(
        Period(since, until),
        zone,
        Rotation(
            RotationUnit(unit),
            every,
            time.fromisoformat(handover),
            date.fromisoformat(starts_on),
            tuple(people.split()),
            asked,
        ),
    )


def asked(days="mon tue wed thu fri", starts="09:00", ends="17:00", *, working=True):
    """The hours of a week in which a rota is asked."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    found = frozenset(names.index(day) for day in days.split())
    return Asked(found, time.fromisoformat(starts), time.fromisoformat(ends), working)


def rota(*versions, overrides=(), gone=(), slug="checkout", covers="always", hours=None, **of):
    """A rota; with `hours`, those whom it answers for are at work then, without bank holidays."""
    owner = {"team": "checkout", "domain": None} | of
    made = Rota(
        id=1,
        slug=slug,
        title=slug.title(),
        covers=RotaCovers(covers),
        versions=versions or (version(),),
        overrides=tuple(overrides),
        departures=tuple(gone),
        **owner,
    )
    return made if hours is None else answering(made, hours=hours)[slug]


def answering(*rotas, hours, holidays=rules.no_holidays, catch_all=""):
    """Rotas, all there are of their owners, that know when they are asked."""
    at_work = {one.slug: [Attendance(hours, holidays)] for one in rotas}
    return rules.placed(
        rotas={one.slug: one for one in rotas}, at_work=at_work, catch_all=catch_all
    )


def override(person, start, end, *, replaces=None, made="2026-01-01 00:00", number=1):
    return Override(number, span(start, end), person, replaces, "holiday", utc(made))


def gone(person, at=None):
    return Departure(person, utc(at) if at else None)


def told(shifts):
    """Shifts as text: `ann 2027-05-03 08:00..2027-05-10 08:00`."""
    return [
        f"{s.person} {s.period.starts_at:%Y-%m-%d %H:%M}..{s.period.ends_at:%Y-%m-%d %H:%M}"
        for s in shifts
    ]


def edit(found, at, *, left=(), **changes):
    """Edit a rota as `andon apply` does; who is in `left` leaves the organisation."""
    last = found.versions[-1]
    written = {
        "zone": last.timezone,
        "unit": last.rotation.unit,
        "every": last.rotation.every,
        "handover": f"{last.rotation.handover:%H:%M}",
        "starts_on": last.rotation.starts_on.isoformat(),
        "people": " ".join(last.rotation.participants),
        "asked": last.rotation.asked,
    }
    zone = changes.pop("zone", written.pop("zone"))
    found = rules.departed(rota=found, left=left, back=(), at=at)
    return rules.edited(rota=found, version=version(zone, **(written | changes), since=at))
