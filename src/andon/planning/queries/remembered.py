"""The live portfolio and what follows from it, remembered while what it is read from is the same.

Reading a thousand services takes a fifth of a second, and longer when they need one another; the
portfolio is the same until something is applied, restored, or a person comes or goes.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.db.models import Count, Max

from andon.catalogue import queries as catalogue
from andon.incidents import queries as incidents
from andon.people import queries as people
from andon.planning.queries import answers
from andon.planning.queries.live import read
from andon.planning.rules.review import Proposal, review
from andon.planning.types import Portfolio


@dataclass(frozen=True, slots=True)
class ReadMark:
    """What a portfolio is read from. While it is the same, so is the portfolio."""

    revision: tuple[int, datetime, str]
    restored: tuple[int, datetime | None]
    people: int
    services: int
    #: Calibration counts the hours that were watched.
    hour: datetime
    now: datetime = field(compare=False)


def mark(*, now: datetime) -> ReadMark | None:
    """Return what the portfolio is read from now; None when nothing says that it changed."""
    last = catalogue.newest_mark()
    if last is None:
        return None
    over = incidents.real().filter(restored_at__isnull=False)
    restored = over.aggregate(count=Count("pk"), last=Max("restored_at"))
    hour = now.replace(minute=0, second=0, microsecond=0)
    return ReadMark(
        revision=last,
        restored=(restored["count"], restored["last"]),
        people=people.count_memberships(),
        services=catalogue.count_services(),
        hour=hour,
        now=now,
    )


def portfolio(*, now: datetime) -> Portfolio:
    """Return the portfolio as it is, calibrated by the incidents that are over."""
    found = mark(now=now)
    # Without a revision nothing was applied, so nothing says when the rows change.
    return _portfolio(found) if found else read(now=now, measured=True)


def today(*, now: datetime) -> answers.Today:
    """Return the portfolio as it is with its rotas and signals."""
    found = mark(now=now)
    return _today(found) if found else answers.today(portfolio=portfolio(now=now))


def proposals(*, now: datetime) -> tuple[Proposal, ...]:
    """Return what the quarterly review proposes for every service."""
    found = mark(now=now)
    return _proposals(found) if found else review(portfolio=portfolio(now=now), today=now.date())


@lru_cache(maxsize=2)
def _portfolio(found: ReadMark) -> Portfolio:
    return read(now=found.now, measured=True)


@lru_cache(maxsize=2)
def _today(found: ReadMark) -> answers.Today:
    return answers.today(portfolio=_portfolio(found))


@lru_cache(maxsize=2)
def _proposals(found: ReadMark) -> tuple[Proposal, ...]:
    return review(portfolio=_portfolio(found), today=found.now.date())
