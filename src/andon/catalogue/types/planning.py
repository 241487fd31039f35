"""What files say for the insurance model; None where they say nothing."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from andon.catalogue.types.entity import note
from andon.catalogue.types.forms import RESTORING, TARGET_KEY
from andon.core.documents import writing
from andon.core.documents.declaring import FileKey
from andon.core.money import Money

_COUNT, _OFTEN, _SHARE = writing.whole(1), writing.number(100_000), writing.number(1)


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """A way to run production support as the files price it; None where they say nothing."""

    rota_per_month: Annotated[Money | None, FileKey("Price of one whole rota for 30 days.")] = None
    time_to_restore: Annotated[
        timedelta | None, FileKey("Mean time to restore: PT20M.", RESTORING)
    ] = None
    rotas: Annotated[
        int | None, FileKey("Rotas it needs, however many teams there are.", _COUNT)
    ] = None


@dataclass(frozen=True, slots=True)
class CentralRule(PolicyRule):
    """How a central SRE team is priced, and what it takes on."""

    least_target_ppm: Annotated[
        int | None, FileKey("The lowest target it takes on.", TARGET_KEY, name="leastTarget")
    ] = None
    most_incidents_per_year: Annotated[Decimal | None, FileKey(kind=_OFTEN)] = None
    least_years_seen: Annotated[Decimal | None, FileKey()] = None


@dataclass(frozen=True, slots=True)
class PlanningRules:
    """The organisation's assumptions for the insurance model; None where it makes none."""

    you_run_it: Annotated[PolicyRule | None, FileKey()] = None
    ops_run_it: Annotated[PolicyRule | None, FileKey()] = None
    sre_run_it: Annotated[CentralRule | None, FileKey()] = None
    incidents_per_year: Annotated[Decimal | None, FileKey(kind=_OFTEN)] = None
    prior_years: Annotated[Decimal | None, FileKey()] = None
    sigma: Annotated[Decimal | None, FileKey(kind=writing.number(3))] = None
    equality_tolerance: Annotated[Decimal | None, FileKey(kind=_SHARE)] = None
    callout: Annotated[Money | None, FileKey("Paid for one callout, all responders together.")] = (
        None
    )
    risk_weight: Annotated[Decimal | None, FileKey()] = None
    services_per_rota: Annotated[int | None, FileKey(kind=_COUNT)] = None
    people_per_rota: Annotated[int | None, FileKey(kind=_COUNT)] = None


@dataclass(frozen=True, slots=True)
class Insurance:
    """What a service's files say for the insurance model; None where they say nothing."""

    incidents_per_year: Annotated[
        Decimal | None,
        note(
            "incidents-per-year",
            "Incidents expected in a year, before any were seen.",
            _OFTEN,
            example='"6"',
        ),
    ] = None
    time_to_restore: Annotated[
        timedelta | None,
        note("time-to-restore", "Mean time to restore: PT20M.", RESTORING, example="PT20M"),
    ] = None
    sigma: Annotated[
        Decimal | None,
        note(
            "time-to-restore-sigma",
            "Sigma of the lognormal time to restore; 1 unless said.",
            writing.number(3),
            example='"1"',
        ),
    ] = None
    #: From 0 to 1.
    fraction: Annotated[
        Decimal | None,
        note(
            "blast-radius", "Share of users an incident affects: 50% or 0.5.", _SHARE, example="50%"
        ),
    ] = None
    cap: Annotated[
        Money | None, note("loss-cap", "The most one incident can lose.", example="GBP 20000")
    ] = None
    fixed_cost: Annotated[
        Money | None,
        note("incident-cost", "Lost by each incident however short.", example="GBP 200"),
    ] = None
    #: From 0 to 1.
    shuttered_share: Annotated[
        Decimal | None,
        note(
            "shuttered-share",
            "Share of the loss that remains while shuttered: 20%.",
            _SHARE,
            example="20%",
        ),
    ] = None
    #: (first minute, minute after, weight) since Monday 00:00 local, the whole week or nothing.
    week: Annotated[
        tuple[tuple[int, int, Decimal], ...],
        note(
            "trading-week",
            "Exposure by weekday and hour, relative: mon-fri 08:00-20:00=10, sat 09:00-17:00=5. "
            "The rest weighs 1.",
            writing.several(
                r"[a-zA-Z]{3}(-[a-zA-Z]{3})? +[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}=[0-9.]+"
            ),
            example="mon-fri 08:00-20:00=10",
        ),
    ] = ()
    #: (first day, day after, factor), days of the year from 1.
    seasons: Annotated[
        tuple[tuple[int, int, Decimal], ...],
        note(
            "seasons",
            "Days of the year with a multiple of the ordinary exposure: 11-20/12-25=3.",
            writing.several("[0-9]{2}-[0-9]{2}/[0-9]{2}-[0-9]{2}=[0-9.]+"),
            example="11-20/12-25=3",
        ),
    ] = ()
