"""What the insurance model's resources look like from outside."""

from typing import Annotated

from ninja import Schema
from pydantic import Field

from andon.catalogue.types import Cover
from andon.core.documents.problems import Gravity
from andon.planning.rules.review import Move
from andon.web.api.schemas import WHOLE, Body, Slug, Target
from andon.web.api.schemas import MoneyOut as Money


class RotaOut(Schema):
    """A rota that targets ask for out of hours, and who shares it."""

    cover: Cover
    owner: str = Field(description="The slug of its team or domain.")
    services: list[str]
    teams: list[str]
    per_month: Money


class SignalOut(Schema):
    """A pitfall, its figure, and what to do when it shows."""

    name: str
    value: float
    threshold: float
    shows: bool
    words: str
    fix: str


class LeftOutOut(Schema):
    """Something the model could not use as it is declared."""

    rule: str
    gravity: Gravity
    service: str
    message: str
    fix: str
    where: str = Field(description="The file and line.")


class InsuredOut(Schema):
    """A service as the model sees it."""

    slug: str
    title: str
    team: str
    domain: str | None
    target: Target
    cover: Cover
    exposure_per_hour: Money
    incidents_per_year: float
    incidents_seen: int
    share_per_month: Money = Field(description="Its equal share of its rota; for information.")


class PortfolioOut(Schema):
    """All services, the rotas they need, and the pitfalls that show."""

    organisation: str
    currency: str
    teams: int
    standby_per_month: Money
    naive_per_month: Money = Field(description="With a rota for every team.")
    saving: float = Field(description="`1 - standby / naive`.")
    working: list[str]
    assumptions: list[str] = Field(description="Defaults nobody has replaced.")
    rotas: list[RotaOut]
    signals: list[SignalOut]
    left_out: list[LeftOutOut]
    services: list[InsuredOut]
    next: str | None = Field(description="Ask again with `after` set to it; null: that was all.")


class VerdictOut(Schema):
    """Whether cover out of hours pays, and how that was worked out."""

    pays: bool
    sentence: str
    cover: Cover = Field(description="The cover that was priced.")
    standby_per_year: Money
    callouts_per_year: float
    callout: Money
    premium_per_year: Money
    avoided_per_incident: Money
    avoided_per_year: Money
    net_per_year: Money
    error: Money = Field(description="What the numerical integration may be off by, an incident.")
    incidents_per_year: float
    break_even: float | None = Field(description="Incidents a year from which it pays; or never.")
    working: list[str]
    assumptions: list[str]


class LeverOut(Schema):
    """What one lever would do."""

    name: str
    words: str
    verdict: VerdictOut


class OutcomeOut(Schema):
    """One policy at one target, for a 30-day month."""

    policy: str
    premium: Money
    time_to_restore: float = Field(description="Seconds.")
    loss_per_incident: Money
    total: Money
    breach: bool = Field(description="One incident misses the target.")


class ComparisonOut(Schema):
    """The policies at one target."""

    target: Target
    allowance: float = Field(description="Seconds.")
    loss_over_allowance: Money
    outcomes: list[OutcomeOut]
    cost_effective: list[str]
    verdict: str
    break_even: str
    working: list[str]


class ServicePlanOut(Schema):
    """One service: its premium, its verdict, its policies at each target."""

    service: InsuredOut
    rota: RotaOut | None
    verdict: VerdictOut
    levers: list[LeverOut]
    comparison: list[ComparisonOut]


class MoveIn(Body):
    """What would be otherwise about a service. A moved target brings the cover it buys."""

    service: Slug
    target_ppm: Annotated[int, Field(ge=1, le=999_999, examples=[995000]), WHOLE] | None = None
    cover: Cover | None = None
    trading_week: (
        Annotated[
            str,
            Field(
                max_length=500,
                pattern=r"^[^\x00]*$",
                examples=["mon-fri 08:00-20:00=10"],
                description="As in the catalogue's files; `flat` takes it away.",
            ),
        ]
        | None
    ) = None


class WhatIfIn(Body):
    """The moves, all at once."""

    moves: Annotated[list[MoveIn], Field(min_length=1, max_length=100)]


class ChangeOut(Schema):
    """What is declared otherwise."""

    service: str
    field: str
    was: str
    becomes: str


class DifferenceOut(Schema):
    """An amount before and after, for a year."""

    name: str
    before: Money
    after: Money
    change: Money


class MovedOut(Schema):
    """What becomes of the question of cover for a moved service."""

    service: str
    before: VerdictOut
    after: VerdictOut


class WhatIfOut(Schema):
    """The difference to today: closed-form expectations, no simulation."""

    sentence: str
    changes: list[ChangeOut]
    money: list[DifferenceOut]
    losses: list[DifferenceOut] = Field(description="Expected loss by service, where it changes.")
    rotas_before: int
    rotas_after: int
    verdicts: list[MovedOut]
    working: list[str]


class ProposalOut(Schema):
    """A proposed change of one service. Nothing changes by itself."""

    service: str
    move: Move
    words: str
    evidence: list[str]
    annotations: dict[str, str | None] = Field(description="What to write; null removes it.")
    worth: Money | None = Field(description="What it saves a year by the model.")


class ReviewOut(Schema):
    """What the quarter's figures propose."""

    items: list[ProposalOut]


class OptimiseIn(Body):
    """What the plan may cost."""

    budget_minor: (
        Annotated[
            int,
            Field(ge=0, le=10**15, description="The most premium a year, in minor units."),
            WHOLE,
        ]
        | None
    ) = None


class CostOut(Schema):
    """A year of a plan."""

    rotas: int
    standby: Money
    callouts: Money
    loss: Money
    risk: Money
    total: Money


class BetterOut(Schema):
    """A change against today; the money is what undoing it alone would add."""

    service: str
    target: Target
    cover: Cover
    saves: Money
    words: str


class QuarterOut(Schema):
    """The estate at the end of a quarter, and what it needs; 0 is today."""

    number: int
    teams: int
    services: int
    rotas: int
    people_needed: int
    people_there: int
    standby_per_month: Money
    naive_per_month: Money = Field(description="A rota for every team.")
    exposure_per_hour: Money
    loss_per_year: Money


class ForecastOut(Schema):
    """Today and the quarters after it, if growth goes on as asked."""

    quarters: list[QuarterOut]
    working: list[str]


class PlanOut(Schema):
    """Target and cover for every service at the least premium and expected loss."""

    sentence: str
    today: CostOut
    plan: CostOut
    today_breaks: list[str] = Field(description="Constraints today's cover does not keep.")
    changes: list[BetterOut]
    lower_bound: Money = Field(description="No plan that keeps the constraints costs less.")
    gap: float
    working: list[str]
    assumptions: list[str]


class SimulateIn(Body):
    """How much to simulate. The same seed gives the same answer."""

    years: Annotated[int, Field(ge=1, le=10_000), WHOLE] = 1_000
    seed: Annotated[int, Field(ge=0, le=2**32 - 1), WHOLE] = 1


class EstimateOut(Schema):
    """An amount and the 95% interval the simulation leaves it in."""

    value: Money
    low: Money
    high: Money


class RiskOut(Schema):
    """The loss of a year. `service` is empty for all of them together."""

    service: str
    mean: EstimateOut
    p50: EstimateOut
    p95: EstimateOut
    p99: EstimateOut
    tvar95: EstimateOut = Field(description="Mean of the worst twentieth of the years.")
    miss: float = Field(description="Probability of missing the target in a 30-day month.")
    miss_low: float
    miss_high: float


class SimulationOut(Schema):
    """Many years of a portfolio, summed up."""

    years: int
    seed: int
    portfolio: RiskOut
    services: list[RiskOut]
    working: list[str]
    assumptions: list[str]
