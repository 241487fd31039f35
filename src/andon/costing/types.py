"""The values this package speaks in."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from andon.core.money import Money
from andon.core.periods import Period, first_instant

_BOOKS = re.compile(r"(?P<year>[0-9]{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


class Kind(StrEnum):
    """What a posting is for."""

    STANDBY = "standby"
    CALLOUT = "callout"
    RESPONSE = "response"
    SETUP = "setup"
    TRANSITION = "transition"
    OPPORTUNITY = "opportunity"


#: What a person is paid; the rest is what things cost without being anybody's pay.
PAY_KINDS = (Kind.STANDBY, Kind.CALLOUT)
#: What cover costs. Opportunity is the loss itself, shown beside the cost and never added to it.
COST_KINDS = tuple(kind for kind in Kind if kind is not Kind.OPPORTUNITY)
#: What is worked out from shifts and incidents; the rest is posted by hand.
ACCRUED_KINDS = (Kind.STANDBY, Kind.CALLOUT, Kind.RESPONSE, Kind.OPPORTUNITY)


class Tag(StrEnum):
    """Which money pays. A loss is nobody's budget: it is revenue that did not come."""

    CAPEX = "capex"
    OPEX = "opex"
    LOST_REVENUE = "lost-revenue"


class Dimension(StrEnum):
    """What a statement has a line for. People are not among them: pay is private."""

    SERVICE = "service"
    TEAM = "team"
    DOMAIN = "domain"
    BUDGET_HOLDER = "budget-holder"
    ROTA = "rota"
    KIND = "kind"
    TAG = "tag"


class UnreadableBooks(ValueError):
    """The text names no month, quarter or year."""


@dataclass(frozen=True, slots=True, order=True)
class Books:
    """Whole calendar months, from the first of one until the first of another."""

    first: date
    until: date

    @classmethod
    def parse(cls, text: str) -> "Books":
        """Read `2026-11`, `2026-Q4` or `2026`. Raises UnreadableBooks."""
        match = _BOOKS.fullmatch(text.strip().upper())
        if match is None or match["year"] == "0000" or match["year"] == "9999":
            raise UnreadableBooks(f"{text!r} is no month, quarter or year: 2026-11, 2026-Q4, 2026")
        year = int(match["year"])
        start, months = 1, 12
        if match["quarter"]:
            start, months = 3 * int(match["quarter"]) - 2, 3
        elif match["month"]:
            start, months = int(match["month"]), 1
        return cls(date(year, start, 1), _later(date(year, start, 1), months))

    @classmethod
    def month_of(cls, day: date) -> "Books":
        """Return the month that holds a day."""
        return cls(day.replace(day=1), _later(day.replace(day=1), 1))

    @classmethod
    def quarter_of(cls, day: date) -> "Books":
        """Return the quarter that holds a day."""
        first = day.replace(month=day.month - (day.month - 1) % 3, day=1)
        return cls(first, _later(first, 3))

    @property
    def is_month(self) -> bool:
        """Return whether this is one month."""
        return _later(self.first, 1) == self.until

    def months(self) -> "tuple[Books, ...]":
        """Return the months, in order."""
        found, first = [], self.first
        while first < self.until:
            found.append(Books.month_of(first))
            first = _later(first, 1)
        return tuple(found)

    def period(self, timezone: str) -> Period:
        """Return the instants these months last in a zone."""
        zone = ZoneInfo(timezone)
        midnights = (first_instant(day, time(0), zone) for day in (self.first, self.until))
        return Period(*midnights)

    def __str__(self) -> str:
        months = len(self.months())
        if months == 1:
            return f"{self.first:%Y-%m}"
        if months == 3 and self.first.month % 3 == 1:
            return f"{self.first.year}-Q{self.first.month // 3 + 1}"
        if months == 12 and self.first.month == 1:
            return str(self.first.year)
        return f"{self.first} to {self.until}"


def _later(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


@dataclass(frozen=True, slots=True)
class CalloutLine:
    """One line of a callout's bill: for whom, how it was worked out in words, and the pay."""

    whom: str
    reason: str
    pay: Money


@dataclass(frozen=True, slots=True)
class Callout:
    """What a callout costs, and the working. `total` is the sum of the lines, to the minor unit."""

    total: Money
    lines: tuple[CalloutLine, ...]
    #: False while the incident lasts: the figure still grows.
    final: bool = True


@dataclass(frozen=True, slots=True)
class StandbyPay:
    """What one person is paid for one shift, or for the part of it that falls into a month."""

    person: str
    period: Period
    pay: Money
    reason: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Who bears a cost. Rows of the catalogue and people, by key; None where there is none."""

    tag: Tag
    service_id: int | None = None
    team_id: int | None = None
    domain_id: int | None = None
    budget_holder_id: int | None = None
    #: What splits go by when equal: the service's slug, or the domain's.
    name: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A posting as it ought to stand. `source` names the fact it comes from, once and for all."""

    source: str
    kind: Kind
    amount: Money
    charge: Charge
    period: Period
    evidence: str
    reason: str
    rota_id: int | None = None
    incident_id: int | None = None
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class StandingPosting:
    """A posting that stands: not reversed, and no reversal. `sequence` counts its source's."""

    id: int
    sequence: int
    draft: Draft


@dataclass(frozen=True, slots=True)
class Differences:
    """What to post so that the ledger says what it ought to: first reversals, then postings."""

    reverse: tuple[StandingPosting, ...]
    post: tuple[Draft, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run over a month. `refused` says what was left out and why."""

    posted: int
    reversed: int
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Posting:
    """A line of the ledger.

    For a reader who may not see whose pay it is, `person` and what tells of it is None or empty,
    and the times are the month's.
    """

    id: int
    uid: str
    kind: Kind
    tag: Tag
    amount: Money
    #: The month it happened in, and the month whose books it is in.
    month: date
    booked: date
    period: Period
    service: str | None
    team: str | None
    domain: str | None
    rota: str | None
    budget_holder: str | None
    person: str | None
    incident: int | None
    evidence: str
    reason: str
    posted_at: datetime
    posted_by: str
    #: The posting this one takes back.
    reversal_of: str | None = None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What one service, team, domain, ... cost: by kind, and in all without the loss."""

    key: str
    title: str
    by_kind: dict[Kind, Money]
    cost: Money
    loss: Money


@dataclass(frozen=True, slots=True)
class Statement:
    """What a period cost in one currency, line by line. The lines add up to the ledger."""

    books: Books
    dimension: Dimension
    currency: str
    lines: tuple[StatementLine, ...]
    cost: Money
    loss: Money
    by_kind: dict[Kind, Money]


@dataclass(frozen=True, slots=True)
class PersonStatement:
    """What a person is paid in a month, with every posting it is made of."""

    person: str
    name: str
    books: Books
    standby: Money
    callout: Money
    total: Money
    postings: tuple[Posting, ...]
    #: Words such as that only a part may be shown.
    note: str = ""


@dataclass(frozen=True, slots=True)
class PayrollRow:
    """A line of the payroll."""

    person: str
    name: str
    standby: Money
    callout: Money
    total: Money
    postings: int


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is reading. `is_staff` may see everybody's pay."""

    person_id: int | None
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class Protection:
    """What a target tolerates to lose in a period, what was lost, and so what was protected."""

    name: str
    tolerated: Money
    lost: Money
    protected: Money
    #: `protected / tolerated`, negative when more was lost; None when nothing could be.
    effectiveness: Decimal | None
    cost: Money
    working: str


@dataclass(frozen=True, slots=True)
class Unbooked:
    """An incident that goes on: its loss is in no books yet."""

    incident: str
    number: int
    affected: str
    started_at: datetime
    #: So far, if what is affected is fully down; None where nobody has estimated it.
    loss: Money | None


@dataclass(frozen=True, slots=True)
class Signal:
    """A pitfall: its figure, its threshold, whether it shows, and what to do.

    One that nothing measures yet has no figure, never shows, and says what it `needs`.
    """

    name: str
    value: Decimal | None
    threshold: Decimal | None
    shows: bool
    words: str
    fix: str
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """What one person carried for a rota in a period. Facts, in no order of merit."""

    person: str
    on_call: timedelta
    weekend: timedelta
    holiday: timedelta
    shifts: int
    callouts: int
    #: Callouts between 22:00 and 07:00 local time.
    nights: int


@dataclass(frozen=True, slots=True)
class Fairness:
    """How evenly a rota was carried, without saying by whom."""

    people: int
    #: The part of the time that an even split would give each, and the largest that anyone had.
    even_share: Decimal
    largest_share: Decimal
    callouts: int
    nights: int
    words: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Rest owed to a person after work out of hours: nobody should expect them until it ends."""

    person: str
    incident: int
    period: Period
    #: Working time that falls into the rest.
    working: timedelta
    words: str
