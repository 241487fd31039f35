"""The organisation's own rules."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated

from andon.catalogue.types.escalation import EscalationPolicy
from andon.catalogue.types.forms import (
    CALENDAR,
    CONTACTS,
    CURRENCY,
    SUM_OR_NOTHING,
    TARGET_KEY,
    WORKING_DAYS,
)
from andon.catalogue.types.pay import Pay
from andon.catalogue.types.planning import PlanningRules
from andon.catalogue.types.telemetry import TelemetryRules
from andon.core.documents import writing
from andon.core.documents.declaring import FileKey
from andon.core.documents.problems import Gravity
from andon.core.money import Money
from andon.people.types import Contact

#: The mapping that holds what targets are and how they are chosen.
TARGETS = "availabilityTargets"
_TARGET = FileKey(
    "An availability target of the preset, quoted.", TARGET_KEY, name="target", required=True
)


class Cover(StrEnum):
    """What happens to a service's pages out of hours."""

    NONE = "none"
    DOMAIN = "domain"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When a team is at work: local wall time in an IANA zone, without the bank holidays.

    `days` counts from Monday = 0. `holidays` names a calendar: an ISO 3166 country with an optional
    subdivision, such as `GB-ENG`; empty means no bank holidays.
    """

    timezone: Annotated[str, FileKey("Wall times below are in this zone.", writing.ZONE)] = (
        "Europe/London"
    )
    days: Annotated[frozenset[int], FileKey(kind=WORKING_DAYS)] = frozenset({0, 1, 2, 3, 4})
    starts: Annotated[time, FileKey("When work starts, such as 09:00.")] = time(9, 0)
    ends: Annotated[
        time, FileKey("When work ends, such as 17:00; before it starts: the day after.")
    ] = time(17, 0)
    holidays: Annotated[
        str,
        FileKey(
            "A calendar: an ISO 3166 country with an optional subdivision, such as GB-ENG; "
            "empty for none.",
            CALENDAR,
            name="bankHolidays",
        ),
    ] = "GB-ENG"


@dataclass(frozen=True, slots=True)
class Level:
    """An availability target of the organisation's preset, and the cover it buys."""

    target_ppm: Annotated[int, _TARGET]
    cover: Annotated[Cover, FileKey(required=True)]


@dataclass(frozen=True, slots=True)
class SeverityClass:
    """A class of incidents: those that put at least this much money at risk per hour."""

    name: Annotated[str, FileKey(kind=writing.text(required=True))]
    at_least_per_hour: Annotated[Money, FileKey("Money at risk in an hour.", SUM_OR_NOTHING)]
    update_every: Annotated[timedelta, FileKey("How often stakeholders hear.")] = timedelta(hours=1)
    major: Annotated[bool, FileKey()] = False


@dataclass(frozen=True, slots=True)
class ExposureBand:
    """Services that lose up to `ceiling_per_hour` get this target (preset `playbook`)."""

    ceiling_per_hour: Annotated[Money, FileKey("Up to this loss an hour.", required=True)]
    target_ppm: Annotated[int, _TARGET]


@dataclass(frozen=True, slots=True)
class MinimumLoss:
    """The least loss over a target's whole allowance that justifies it (preset `fruits-r-us`)."""

    target_ppm: Annotated[int, _TARGET]
    loss: Annotated[Money, FileKey("The least loss over the target's allowance.", required=True)]


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisation's own rules, from its one `Organisation` document."""

    slug: str
    title: str
    currency: Annotated[
        str, FileKey("The currency of every sum here: ISO 4217.", CURRENCY, required=True)
    ]
    working_hours: Annotated[WorkingHours, FileKey()]
    preset: Annotated[str, FileKey("Which published set of targets.", within=TARGETS)]
    period: Annotated[timedelta, FileKey("Over what targets are measured.", within=TARGETS)]
    levels: Annotated[tuple[Level, ...], FileKey(within=TARGETS)]
    team_requires_demand: Annotated[bool, FileKey(within=TARGETS)]
    severities: Annotated[tuple[SeverityClass, ...], FileKey()]
    escalation: Annotated[EscalationPolicy, FileKey("Whom to page when nobody answers.")]
    pay: Annotated[Pay | None, FileKey()] = None
    exposure_bands: Annotated[tuple[ExposureBand, ...], FileKey(within=TARGETS)] = ()
    minimum_losses: Annotated[tuple[MinimumLoss, ...], FileKey(within=TARGETS)] = ()
    #: Reached when a page is UNANSWERED and when Andon itself is in trouble.
    fallback: Annotated[tuple[Contact, ...], FileKey(kind=CONTACTS)] = ()
    catch_all_rota: Annotated[str, FileKey("The Rota for alerts of services nobody declared.")] = ""
    #: What disappears from the files is retired, and kept this long.
    retirement_grace: Annotated[timedelta, FileKey("How long what disappeared still answers.")] = (
        timedelta(days=90)
    )
    small_rotas: Annotated[
        Gravity, FileKey("What an out-of-hours rota of fewer than three people is.")
    ] = Gravity.WARNING
    planning: Annotated[
        PlanningRules,
        FileKey("Assumptions of the insurance model; docs/planning.md has the defaults."),
    ] = field(default_factory=PlanningRules)
    telemetry: Annotated[
        TelemetryRules,
        FileKey("How alerts, routes and dashboards are generated; docs/slo.md has the defaults."),
    ] = field(default_factory=TelemetryRules)
