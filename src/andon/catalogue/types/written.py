"""What each kind of entity may hold: the keys of its value, and those that are no field of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from andon.catalogue.types.declared import (
    PROFILE,
    DeclaredDomain,
    DeclaredPerson,
    DeclaredResource,
    DeclaredRota,
    DeclaredService,
    DeclaredSystem,
    DeclaredTeam,
)
from andon.catalogue.types.entity import GROUP, NOTES, SYSTEM, note, spec
from andon.catalogue.types.escalation import EscalationPolicy
from andon.catalogue.types.organisations import Organisation
from andon.catalogue.types.planning import Insurance
from andon.catalogue.types.rotas import Rotation
from andon.catalogue.types.telemetry import AlertSeverity
from andon.core.documents import declaring, writing
from andon.core.documents.declaring import DeclaredKey, FileKey

_TEXT, _APIS = writing.HAND_TEXT, writing.references("api")
_COMPONENT, _ANYTHING = writing.reference("component"), writing.references("")
_BY_PARTS = writing.Writing(
    {"type": "string", "minLength": 1, "pattern": r"^\s*[^=,]+=[^,]+(,[^=,]+=[^,]+)*,?\s*$"}
)
_CLOSURES = writing.Writing(
    {"type": "string", "minLength": 1, "pattern": r"^\s*[^/,]+/[^/,]+(,[^/,]+/[^/,]+)*,?\s*$"}
)
_BELOW = writing.Writing(
    {"type": "string", "minLength": 1, "pattern": r"^.+<=?\s*[0-9.]+([eE][-+]?[0-9]+)?\s*$"}
)
_LABELS = writing.Writing(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "minLength": 1},
        "propertyNames": {"pattern": "^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$"},
    }
)


@dataclass
class WrittenTelemetry:
    """What generated telemetry measures a service by; `slo` reads it, as it was written."""

    errors: Annotated[
        str,
        note(
            "slo-errors",
            "Failed events: a selector of a counter, or PromQL with $window as its range. "
            "The SLO's target is the availability target.",
            _TEXT,
            example='http_requests_total{service="x",code=~"5.."}',
        ),
    ]
    good: Annotated[str, note("slo-good", "Good events, in place of slo-errors.", _TEXT)]
    total: Annotated[
        str,
        note(
            "slo-total",
            "All events. Not needed where slo-errors or slo-good is a selector that differs by a "
            "label such as code or status.",
            _TEXT,
        ),
    ]
    latency: Annotated[
        str,
        note(
            "slo-latency",
            "A histogram and a threshold in its unit, a bound of its buckets: "
            'http_request_duration_seconds{service="x"} <= 0.25',
            _BELOW,
        ),
    ]
    probe: Annotated[
        str,
        note(
            "slo-probe",
            'A gauge that is 1 while the service answers: probe_success{instance="x"}',
            _TEXT,
        ),
    ]
    without: Annotated[
        str,
        note(
            "slo-without-tiers",
            "Burn-rate tiers it is to have no alerts of, separated by commas: ticket-slow",
            _TEXT,
        ),
    ]
    job: Annotated[
        str,
        note(
            "scrape-job",
            "The scrape job whose `up` says whether its targets answer: an alert when none does.",
            _TEXT,
            example="checkout",
        ),
    ]
    closures: Annotated[
        str,
        note(
            "planned-closures",
            "START/END in ISO 8601 with zones, separated by commas. Whether they count is "
            "spec.telemetry.plannedClosures.",
            _CLOSURES,
            example="2027-01-09T22:00Z/2027-01-10T02:00Z",
        ),
    ]
    namespace: Annotated[
        str,
        note(
            "cloudwatch-namespace",
            "For the export to CloudWatch: AWS/ApplicationELB",
            _TEXT,
            example="AWS/ApplicationELB",
        ),
    ]
    bad: Annotated[
        str,
        note(
            "cloudwatch-bad", "The metric that counts bad events: HTTPCode_Target_5XX_Count", _TEXT
        ),
    ]
    whole: Annotated[
        str,
        note("cloudwatch-total", "The metric that counts all events: RequestCount", _TEXT),
    ]
    dimensions: Annotated[
        str, note("cloudwatch-dimensions", "NAME=VALUE, separated by commas", _BY_PARTS)
    ]
    region: Annotated[str, note("cloudwatch-region", "The region of the metric: eu-west-1", _TEXT)]
    topic: Annotated[str, note("cloudwatch-topic", "The SNS topic that alarms are sent to.", _TEXT)]


@dataclass
class WrittenComponent:
    """What else stands in a Component."""

    shutter: Annotated[
        str, note("shutter-profile", "Kept for shuttering; nothing reads it yet.", _TEXT)
    ]
    period: Annotated[
        str,
        note("target-period", "Must be the organisation's period.", writing.span(), example="P30D"),
    ]
    part_of: Annotated[str, spec(kind=_COMPONENT, name="subcomponentOf")]
    provides: Annotated[str, spec(kind=_APIS, name="providesApis")]
    consumes: Annotated[str, spec(kind=_APIS, name="consumesApis")]
    depends_on: Annotated[str, spec("What it needs, as kind:name.", _ANYTHING)]
    dependency_of: Annotated[str, spec("What needs it, as kind:name.", _ANYTHING)]


@dataclass
class WrittenUser:
    """What else stands in a User; addresses of other kinds than mail are annotations."""

    picture: Annotated[str, FileKey(kind=writing.HAND, within=PROFILE)]
    member_of: Annotated[
        str,
        spec("The Groups this person is in.", writing.references("group"), required=True),
    ]


@dataclass
class WrittenGroup:
    """What else stands in a Group."""

    type: Annotated[str, spec(kind=_TEXT)]
    display_name: Annotated[str, FileKey(kind=_TEXT, within=PROFILE)]
    parent: Annotated[str, spec(kind=GROUP)]
    children: Annotated[str, spec(kind=writing.references("group"), required=True)]
    members: Annotated[str, spec(kind=writing.references("user"))]


@dataclass
class WrittenDomain:
    """What else stands in a Domain."""

    part_of: Annotated[str, spec(kind=writing.reference("domain"), name="subdomainOf")]


@dataclass
class WrittenSystem:
    """What else stands in a System."""

    owner: Annotated[str, spec("A Group.", GROUP)]
    type: Annotated[str, spec(kind=_TEXT)]


@dataclass
class WrittenResource:
    """What else stands in a Resource."""

    system: Annotated[str, spec(kind=SYSTEM)]
    depends_on: Annotated[str, spec(kind=_ANYTHING)]
    dependency_of: Annotated[str, spec(kind=_ANYTHING)]


@dataclass
class WrittenRota:
    """What the document of a rota's version is made of."""

    timezone: Annotated[str, spec("Hand-over is at a wall time of this zone.", writing.ZONE)]
    rotation: Annotated[Rotation, spec(required=True)]
    escalation: Annotated[EscalationPolicy, spec("Whom to page when nobody answers.")]


@dataclass
class WrittenAlertRule:
    """An alert of a team's own; `slo` reads it."""

    service: Annotated[
        str, spec("The service it is about; its team owns the alert.", _TEXT, required=True)
    ]
    owner: Annotated[str, spec("The service's team, for readers; it cannot be another.", _TEXT)]
    expr: Annotated[str, spec("PromQL that gives something while the alert is to fire.", _TEXT)]
    logs: Annotated[str, spec("LogsQL with `| stats`, for vmalert with VictoriaLogs.", _TEXT)]
    lasts: Annotated[str, spec("How long it has to hold: 5m or PT5M.", _TEXT, name="for")]
    severity: Annotated[AlertSeverity, spec(required=True)]
    summary: Annotated[str, spec("What is wrong, for a tired person.", _TEXT, required=True)]
    description: Annotated[str, spec("What it means, and what it does to customers.", _TEXT)]
    runbook: Annotated[
        str, spec("What to do; the service's runbook unless said.", writing.HAND_URL)
    ]
    labels: Annotated[str, spec(kind=_LABELS)]


#: The keys of an entity are those of these, by its kind in lower case.
WRITTEN: Mapping[str, tuple[type[Any], ...]] = {
    "alertrule": (WrittenAlertRule,),
    "component": (DeclaredService, Insurance, WrittenTelemetry, WrittenComponent),
    "domain": (DeclaredDomain, WrittenDomain),
    "group": (DeclaredTeam, WrittenGroup),
    "organisation": (Organisation,),
    "resource": (DeclaredResource, WrittenResource),
    "rota": (DeclaredRota, WrittenRota),
    "system": (DeclaredSystem, WrittenSystem),
    "user": (DeclaredPerson, WrittenUser),
}


def keys(kind: str, within: str) -> tuple[DeclaredKey, ...]:
    """Return the keys that one mapping of a kind of entity may hold."""
    classes = WRITTEN.get(kind, ())
    return tuple(one for of in classes for one in declaring.keys(of) if one.key.within == within)


@lru_cache(maxsize=64)
def names(kind: str, within: str = NOTES) -> frozenset[str]:
    """Return what those keys are called."""
    return frozenset(one.name for one in keys(kind, within))
