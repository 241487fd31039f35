"""What the optimiser speaks in: options, plans, and what each change is worth."""

from dataclasses import dataclass
from decimal import Decimal

from andon.catalogue.types import Cover
from andon.core.errors import Refusal
from andon.core.money import Money


class UnableToOptimise(Refusal):
    """No plan keeps the constraints; the message says which one cannot be kept."""

    code = "unable_to_plan"


@dataclass(frozen=True, slots=True)
class Choice:
    """A service's target and cover in a plan."""

    slug: str
    target_ppm: int
    cover: Cover


@dataclass(frozen=True, slots=True)
class PlanRota:
    """An out-of-hours rota of a plan. `number` counts the rotas of one owner from 1."""

    cover: Cover
    owner: str
    number: int
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """A year of a plan."""

    rotas: int
    standby: Money
    callouts: Money
    loss: Money
    #: Risk weight times what a bad year loses beyond the mean.
    risk: Money

    @property
    def premium(self) -> Money:
        """Return what cover costs: standby and expected callouts."""
        return self.standby + self.callouts

    @property
    def total(self) -> Money:
        """Return what the optimiser minimises."""
        return self.premium + self.loss + self.risk


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A proposed change against today. The money is what undoing this change alone would add."""

    slug: str
    before: Choice
    after: Choice
    #: Positive: the change saves that much a year in the plan.
    saves: Money
    saves_premium: Money
    saves_loss: Money
    words: str


@dataclass(frozen=True, slots=True)
class BestPlan:
    """Target, cover and rota for every service, its price, and how far from the best it can be."""

    choices: tuple[Choice, ...]
    rotas: tuple[PlanRota, ...]
    cost: Cost
    today: Cost
    #: Constraints today's cover breaks, in words. While there are any, today may look cheaper.
    today_breaks: tuple[str, ...]
    changes: tuple[PlanChange, ...]
    budget_per_year: Money | None
    #: No plan that keeps the constraints costs less than this.
    lower_bound: Money
    #: `(total - lower bound) / total`; 0 means proved best.
    gap: Decimal
    sentence: str
    working: tuple[str, ...]
    assumptions: tuple[str, ...]
