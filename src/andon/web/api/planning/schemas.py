"""What planning's answers about today look like from outside."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from andon.catalogue.types import Cover
from andon.core.documents.problems import Gravity
from andon.planning.rules.comparison import BreakEven
from andon.planning.types import OperatingModel
from andon.web.api.schemas import MoneyOut, Out, ShareOut, Span, Target


class RotaNeedOut(Out):
    """A rota that targets ask for out of hours, and who shares it."""

    cover: Cover
    owner: str = Field(description="The slug of its team or domain.")
    services: list[str]
    teams: list[str]
    per_month: MoneyOut


class SignalOut(Out):
    """A pitfall, its figure, and what to do when it shows."""

    name: str
    value: float
    threshold: float
    shows: bool
    words: str
    fix: str


class LeftOutOut(Out):
    """Something the model could not use as it is declared."""

    rule: str
    gravity: Gravity
    service: str = Field(validation_alias="slug")
    message: str
    fix: str
    where: str = Field(description="The file and line.")


class SelectedOut(Out):
    """How exposure and demand ask for a service to be run, beside how it is."""

    model: OperatingModel
    target: Target = Field(validation_alias="target_ppm")
    cover: Cover | None = Field(description="Null: the application support schedule answers.")
    working: list[str]
    warnings: list[str]


class InsuredOut(Out):
    """A service as the model sees it."""

    slug: str = Field(validation_alias="service.slug")
    title: str = Field(validation_alias="service.title")
    team: str = Field(validation_alias="service.team")
    domain: str | None = Field(validation_alias="service.domain")
    target: Target = Field(validation_alias="service.target_ppm")
    cover: Cover = Field(validation_alias="service.cover")
    exposure_per_hour: MoneyOut = Field(validation_alias="service.exposure_per_hour")
    incidents_per_year: float = Field(validation_alias="service.incidents_per_year")
    incidents_seen: int = Field(validation_alias="service.incidents_seen")
    share_per_month: MoneyOut = Field(description="Its equal share of its rota; for information.")
    selected: SelectedOut


class PortfolioOut(Out):
    """All services, the rotas they need, and the pitfalls that show."""

    organisation: str = Field(validation_alias="portfolio.organisation")
    currency: str = Field(validation_alias="portfolio.currency")
    teams: int = Field(validation_alias="premium.teams")
    standby_per_month: MoneyOut = Field(validation_alias="premium.per_month")
    naive_per_month: MoneyOut = Field(
        validation_alias="premium.naive_per_month", description="With a rota for every team."
    )
    saving: ShareOut = Field(
        validation_alias="premium.saving", description="`1 - standby / naive`."
    )
    working: list[str] = Field(validation_alias="premium.working")
    assumptions: list[str] = Field(
        validation_alias="portfolio.assumptions.defaults",
        description="Defaults nobody has replaced.",
    )
    rotas: list[RotaNeedOut] = Field(validation_alias="premium.rotas")
    signals: list[SignalOut]
    left_out: list[LeftOutOut] = Field(validation_alias="portfolio.problems")
    services: list[InsuredOut]
    next: str | None = Field(description="Ask again with `after` set to it; null: that was all.")


class VerdictOut(Out):
    """Whether cover out of hours pays, and how that was worked out."""

    service: str = Field(validation_alias="slug")
    pays: bool
    sentence: str
    cover: Cover = Field(description="The cover that was priced.")
    standby_per_year: MoneyOut
    callouts_per_year: float
    callout: MoneyOut
    premium_per_year: MoneyOut
    avoided_per_incident: MoneyOut
    avoided_per_year: MoneyOut
    net_per_year: MoneyOut
    error: MoneyOut = Field(
        description="What the numerical integration may be off by, an incident."
    )
    incidents_per_year: float
    break_even: float | None = Field(
        validation_alias="break_even_with_callouts",
        description="Incidents a year from which it pays; null: never.",
    )
    working: list[str]
    assumptions: list[str]


class LeverOut(Out):
    """What one lever would do."""

    name: str
    words: str
    verdict: VerdictOut


class OutcomeOut(Out):
    """One policy at one target, for a 30-day month."""

    policy: str
    premium: MoneyOut
    time_to_restore: Span
    loss_per_incident: MoneyOut
    total: MoneyOut
    breach: bool = Field(description="One incident misses the target.")


def _break_even(found: object) -> object:
    return found.words if isinstance(found, BreakEven) else found or ""


class ComparisonOut(Out):
    """The policies at one target."""

    target: Target = Field(validation_alias="target_ppm")
    allowance: Span
    loss_over_allowance: MoneyOut
    outcomes: list[OutcomeOut]
    cost_effective: list[str]
    verdict: str
    break_even: Annotated[str, BeforeValidator(_break_even)]
    working: list[str]


class ScaleOut(Out):
    """One way to run the whole portfolio, for a 30-day month."""

    name: str
    rotas: int
    premium: MoneyOut
    projected_loss: MoneyOut
    total: MoneyOut
    working: list[str]


class PoliciesOut(Out):
    """The policies side by side: at each target, and for the whole portfolio."""

    targets: list[ComparisonOut]
    at_scale: list[ScaleOut]
    sre_run_it_refused: dict[str, list[str]] = Field(
        description="Why a central SRE team would not take a service on; empty: it would."
    )


class CoversOut(Out):
    """Whether services need cover out of hours; for one alone, what each lever would do."""

    services: list[VerdictOut]
    levers: list[LeverOut]


class ServicePlanOut(Out):
    """One service: its premium, its verdict, its policies at each target."""

    service: InsuredOut
    rota: RotaNeedOut | None
    verdict: VerdictOut
    levers: list[LeverOut]
    comparison: list[ComparisonOut]
