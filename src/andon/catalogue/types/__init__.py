"""The values the catalogue speaks in, one module per kind."""

from andon.catalogue.types.escalation import EscalationPolicy, EscalationStep, EscalationTarget
from andon.catalogue.types.findings import FindingRow
from andon.catalogue.types.groups import DomainKind, DomainRow, TeamRow
from andon.catalogue.types.organisations import (
    Cover,
    ExposureBand,
    Level,
    MinimumLoss,
    Organisation,
    SeverityClass,
    WorkingHours,
)
from andon.catalogue.types.pay import Pay, Standby, StandbyUnit
from andon.catalogue.types.planning import Insurance, PlanningRules, PolicyRule
from andon.catalogue.types.rotas import RotaCovers, RotationUnit
from andon.catalogue.types.services import (
    LOW_DEMAND,
    CoverDecision,
    DependencyLink,
    DeploymentTarget,
    Funding,
    Hardness,
    Service,
    ServiceDetails,
    ServiceFunding,
    ServiceLine,
    ServiceName,
    ServiceRow,
    StandingService,
    TargetWindow,
)
from andon.catalogue.types.telemetry import (
    WORKBOOK,
    AlertSeverity,
    BurnTier,
    Closures,
    TelemetryRules,
)

__all__ = [
    "LOW_DEMAND",
    "WORKBOOK",
    "AlertSeverity",
    "BurnTier",
    "Closures",
    "Cover",
    "CoverDecision",
    "DependencyLink",
    "DeploymentTarget",
    "DomainKind",
    "DomainRow",
    "EscalationPolicy",
    "EscalationStep",
    "EscalationTarget",
    "ExposureBand",
    "FindingRow",
    "Funding",
    "Hardness",
    "Insurance",
    "Level",
    "MinimumLoss",
    "Organisation",
    "Pay",
    "PlanningRules",
    "PolicyRule",
    "RotaCovers",
    "RotationUnit",
    "Service",
    "ServiceDetails",
    "ServiceFunding",
    "ServiceLine",
    "ServiceName",
    "ServiceRow",
    "SeverityClass",
    "Standby",
    "StandbyUnit",
    "StandingService",
    "TargetWindow",
    "TeamRow",
    "TelemetryRules",
    "WorkingHours",
]
