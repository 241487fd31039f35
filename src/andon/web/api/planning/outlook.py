"""What planning's answers about what may come look like from outside."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from andon.catalogue.types import Cover
from andon.planning.rules.review import ProposedMove
from andon.web.api.planning.schemas import VerdictOut
from andon.web.api.schemas import WHOLE, Body, MoneyOut, Out, ShareOut, Slug, Target


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


class DeclaredChangeOut(Out):
    """What is declared otherwise."""

    service: str = Field(validation_alias="slug")
    field: str
    was: str
    becomes: str


class DifferenceOut(Out):
    """An amount before and after, for a year."""

    name: str
    before: MoneyOut
    after: MoneyOut
    change: MoneyOut


class MovedOut(Out):
    """What becomes of the question of cover for a moved service."""

    service: str = Field(validation_alias="service.slug")
    before: VerdictOut
    after: VerdictOut


class EstimateOut(Out):
    """An amount and the 95% interval the simulation leaves it in."""

    value: MoneyOut
    low: MoneyOut
    high: MoneyOut


class RiskOut(Out):
    """The loss of a year. `service` is empty for all of them together."""

    service: str = Field(validation_alias="slug")
    mean: EstimateOut
    p50: EstimateOut
    p95: EstimateOut
    p99: EstimateOut
    tvar95: EstimateOut = Field(description="Mean of the worst twentieth of the years.")
    miss: ShareOut = Field(
        validation_alias="miss.value",
        description="Probability of missing the target in a 30-day month.",
    )
    miss_low: ShareOut = Field(validation_alias="miss.low")
    miss_high: ShareOut = Field(validation_alias="miss.high")


class PairedChangeOut(Out):
    """The change of a figure, with its standard error and what that would be without pairing."""

    value: MoneyOut
    error: MoneyOut
    unpaired: MoneyOut


class PairedOut(Out):
    """Two portfolios that met the same incidents, side by side."""

    years: int = Field(validation_alias="before.years")
    seed: int = Field(validation_alias="before.seed")
    before: RiskOut = Field(validation_alias="before.portfolio")
    after: RiskOut = Field(validation_alias="after.portfolio")
    mean: PairedChangeOut
    tvar95: PairedChangeOut
    miss: ShareOut = Field(description="What is added to the probability of missing a target.")
    miss_error: ShareOut = Field(description="Its standard error.")


class WhatIfOut(Out):
    """The difference to today: closed-form expectations, no simulation."""

    sentence: str = Field(validation_alias="difference.sentence")
    changes: list[DeclaredChangeOut] = Field(validation_alias="difference.changes")
    money: list[DifferenceOut] = Field(validation_alias="difference.money")
    losses: list[DifferenceOut] = Field(
        validation_alias="difference.losses",
        description="Expected loss by service, where it changes.",
    )
    rotas_before: int = Field(validation_alias="difference.rotas.0")
    rotas_after: int = Field(validation_alias="difference.rotas.1")
    verdicts: list[MovedOut]
    working: list[str] = Field(validation_alias="difference.working")
    risk: PairedOut | None = Field(
        description="Both simulated with the same incidents, by the command line alone; else null."
    )


class ProposalOut(Out):
    """A proposed change of one service. Nothing changes by itself."""

    service: str = Field(validation_alias="slug")
    move: ProposedMove
    words: str
    evidence: list[str]
    annotations: Annotated[dict[str, str | None], BeforeValidator(dict)] = Field(
        description="What to write; null removes it."
    )
    worth: MoneyOut | None = Field(description="What it saves a year by the model.")


class ReviewOut(Out):
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


class CostOut(Out):
    """A year of a plan."""

    rotas: int
    standby: MoneyOut
    callouts: MoneyOut
    loss: MoneyOut
    risk: MoneyOut
    total: MoneyOut


class BetterOut(Out):
    """A change against today; the money is what undoing it alone would add."""

    service: str = Field(validation_alias="slug")
    target: Target = Field(validation_alias="after.target_ppm")
    cover: Cover = Field(validation_alias="after.cover")
    saves: MoneyOut
    words: str


class QuarterOut(Out):
    """The estate at the end of a quarter, and what it needs; 0 is today."""

    number: int
    teams: int
    services: int
    rotas: int
    people_needed: int
    people_there: int
    standby_per_month: MoneyOut
    naive_per_month: MoneyOut = Field(description="A rota for every team.")
    exposure_per_hour: MoneyOut
    loss_per_year: MoneyOut


class ForecastOut(Out):
    """Today and the quarters after it, if growth goes on as asked."""

    quarters: list[QuarterOut]
    working: list[str]


class PlanOut(Out):
    """Target and cover for every service at the least premium and expected loss."""

    sentence: str
    today: CostOut
    plan: CostOut = Field(validation_alias="cost")
    today_breaks: list[str] = Field(description="Constraints today's cover does not keep.")
    changes: list[BetterOut]
    lower_bound: MoneyOut = Field(description="No plan that keeps the constraints costs less.")
    gap: ShareOut = Field(description="`(total - lower bound) / total`; none: proved best.")
    working: list[str]
    assumptions: list[str]


class SimulateIn(Body):
    """How much to simulate. The same seed gives the same answer."""

    years: Annotated[int, Field(ge=1, le=10_000), WHOLE] = 1_000
    seed: Annotated[int, Field(ge=0, le=2**32 - 1), WHOLE] = 1


class SimulationOut(Out):
    """Many years of a portfolio, summed up."""

    years: int
    seed: int
    portfolio: RiskOut
    services: list[RiskOut]
    working: list[str]
    assumptions: list[str]
