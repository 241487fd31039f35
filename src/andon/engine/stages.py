"""The engine's table of contents: what happens to an alert, in order.

A stage finds its own work in the database, does a bounded amount of it and says how much that was.
It knows the stages before it by their rows and never calls one after it. Delivery is not in the
list: messages leave by lanes with threads of their own (`engine.lanes`), so that no stage waits for
a mail server. Work on rows is claimed or locked, so any number of engines may run the same stage.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from andon.alerts import actions as alerts
from andon.alerts import queries as alerts_queries
from andon.engine import housekeeping, ledger
from andon.incidents import actions as incidents
from andon.paging import actions as paging
from andon.paging import queries as paging_queries

#: The name under which the lanes' health is shown; it is not a stage.
DELIVERY = "deliver"


class StageWork(Protocol):
    """Does up to `limit` pieces of what is due at `now`; returns how many there were."""

    def __call__(self, *, now: datetime, limit: int) -> int:
        """Do it."""
        ...


class OneByOne(Protocol):
    """The same, for named rows only or without some."""

    def __call__(
        self,
        *,
        now: datetime,
        limit: int,
        only: list[int] | None = None,
        avoid: frozenset[int] = ...,
    ) -> int:
        """Do it."""
        ...


class Rescue(Protocol):
    """Sees to it that somebody hears of what a broken row is about, by another way."""

    def __call__(self, *, row: int, why: str, now: datetime) -> str:
        """Do it and return who hears of it, or why nobody needs to; empty if nobody does."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the engine."""

    name: str
    run: StageWork | OneByOne
    limit: int = 500
    #: Seconds after which the stage lets the next one have its turn, though more is waiting.
    budget: float = 2.0
    #: Whether what it wrote may have to be sent: the lanes are woken.
    sends: bool = False
    #: Whether its batches of one turn share what they read of that instant (`paging.Memory`).
    remembers: bool = False
    #: Finds the rows a batch would take, so that one broken row does not hold up the others.
    find_due: Callable[..., list[int]] | None = None
    #: What its rows are called, and what one of them says.
    rows: str = "row"
    describe: Callable[[int], str] | None = None
    #: Ways to tell somebody of a row that the stage cannot do, tried in turn until one works; none
    #: where nobody waits for it at night.
    rescues: tuple[Rescue, ...] = ()
    #: What happens once per so long, on one engine of many; None: in every round of each.
    every: timedelta | None = None
    #: Whether it can wait until every page that is due has left.
    paperwork: bool = False


STAGES: tuple[Stage, ...] = (
    Stage(
        "find_services",
        alerts.find_services,
        limit=2000,
        find_due=alerts_queries.find_unplaced,
        rows="alert",
        describe=alerts_queries.summary,
        rescues=(paging.rescue_alert, paging.rescue_alert_by_fallback),
    ),
    Stage(
        "route_alerts",
        paging.route_alerts,
        sends=True,
        remembers=True,
        find_due=alerts_queries.find_unrouted,
        rows="alert",
        describe=alerts_queries.summary,
        rescues=(paging.rescue_alert, paging.rescue_alert_by_fallback),
    ),
    Stage(
        "escalate_due",
        paging.escalate_due,
        sends=True,
        remembers=True,
        find_due=paging_queries.find_due,
        rows="page",
        describe=paging_queries.summary,
        rescues=(paging.rescue_page,),
    ),
    Stage(
        "follow_pages",
        incidents.follow_pages,
        limit=200,
        budget=1.0,
        paperwork=True,
        find_due=paging_queries.find_unseen,
        rows="page",
        describe=paging_queries.summary,
    ),
    Stage("tell_overrides", paging.tell_overrides, limit=100, sends=True, paperwork=True),
    Stage("ledger", ledger.run, budget=5.0, every=timedelta(hours=1), paperwork=True),
    Stage("housekeeping", housekeeping.run, budget=5.0, every=timedelta(minutes=1), paperwork=True),
)
