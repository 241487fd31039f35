"""`AlertRule`: an alert of a team's own, checked for whether somebody can act on it."""

import re
from collections.abc import Mapping
from datetime import timedelta

from andon.catalogue.rules.documents.envelope import canonical
from andon.catalogue.types import AlertSeverity
from andon.catalogue.types.declared import DeclaredService
from andon.catalogue.types.entity import LONGEST_NAME, SPEC, Entity
from andon.catalogue.types.written import names
from andon.core.documents.fields import LONG, Fields
from andon.core.documents.forms import parse_duration
from andon.core.documents.near import near_names
from andon.core.documents.problems import Gravity
from andon.slo.rules.documents import promql, templates
from andon.slo.types import AlertSource, OwnAlert

#: Labels that generated alerts have; routing and paging rely on them.
RESERVED = frozenset(
    {
        "alertgroup", "alertname", "alert_type", "domain", "service", "severity", "slo", "source",
        "target", "team", "tier",
    }
)  # fmt: skip
LONGEST_WAIT = timedelta(days=7)
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
_SHORT = re.compile(r"(?:[0-9]{1,6}(?:ms|[smhd]))+")
_PIECE = re.compile(r"([0-9]+)(ms|[smhd])")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_COMPARED = re.compile(r"[<>]=?|==|!=|\babsent(_over_time)?\b|\bunless\b")
_STATS = re.compile(r"\|\s*stats\b")


def read_alert(entity: Entity, services: Mapping[str, DeclaredService]) -> OwnAlert | None:
    """Return an alert of a team's own, or None when it was reported."""
    spec = entity.spec
    spec.only(names("alertrule", SPEC))
    service = _service(spec, services)
    expr, source = _expression(spec)
    severity = spec.choice("severity", AlertSeverity)
    if severity is None and "severity" not in spec.data:
        fix = "Write severity: page, or ticket."
        spec.refuse("alert-severity", "nobody knows whom it asks for what", fix)
    summary = _template(spec, "summary", source, spec.text("summary", required=True))
    description = spec.text("description", longest=LONG)
    runbook = _runbook(spec, service)
    _check_owner(spec, service)
    lasts, labels = _lasts(spec), _labels(spec, source)
    if not (service and expr and severity and summary and runbook) or lasts is None:
        return None
    return OwnAlert(
        slug=entity.slug[:LONGEST_NAME],
        service=service.slug,
        expr=expr,
        severity=severity,
        summary=summary,
        runbook_url=runbook,
        lasts=lasts,
        description=_template(spec, "description", source, description),
        source=source,
        labels=labels,
        declared_at=entity.where,
    )


def _service(spec: Fields, services: Mapping[str, DeclaredService]) -> DeclaredService | None:
    name = spec.text("service", required=True).lower().removeprefix("component:")
    name = name.removeprefix("default/")
    if not name or name in services:
        return services.get(name)
    near = near_names(name, list(services)[:500])
    fix = f"Did you mean {' or '.join(near)}?" if near else "Declare it, or mend the name."
    message = f"{name[:80]!r} is a service that no file declares"
    spec.refuse("alert-service", message, fix, key="service", missing=name)
    return None


def _expression(spec: Fields) -> tuple[str, AlertSource]:
    if ("expr" in spec.data) == ("logs" in spec.data):
        fix = "Write `expr` with PromQL, or `logs` with LogsQL."
        spec.refuse("alert-query", "it looks at metrics or at logs: exactly one", fix)
        return "", AlertSource.METRICS
    if "logs" in spec.data:
        return _logs(spec), AlertSource.LOGS
    text = promql.instant(spec, "expr")
    if "$window" in text:
        fix = "Write the range: rate(x_total[5m])."
        spec.refuse("alert-query", "`$window` is for objectives", fix, key="expr")
        return "", AlertSource.METRICS
    if text and not _COMPARED.search(text):
        spec.refuse(
            "alert-always",
            "`expr` compares nothing: it fires as long as there is any series",
            "Compare it with something: ... > 0",
            key="expr",
            gravity=Gravity.WARNING,
        )
    return text, AlertSource.METRICS


def _logs(spec: Fields) -> str:
    """Return LogsQL; vmalert alerts on numbers, so it has to count something."""
    text = spec.text("logs", required=True, longest=LONG).strip()
    if text and not _STATS.search(text):
        fix = "Count: ... | stats count() as errors | filter errors:>10"
        spec.refuse("alert-query", "`logs` counts nothing: `| stats` is missing", fix, key="logs")
        return ""
    return text


def _runbook(spec: Fields, service: DeclaredService | None) -> str:
    found = spec.url("runbook") or (service.runbook_url if service else "")
    if not found and service is not None and "runbook" not in spec.data:
        message = "whoever gets it has no runbook to follow, here or on the service"
        fix = "Write runbook: https://..., or give the service andon.dev/runbook."
        spec.refuse("alert-runbook", message, fix)
    return found


def _check_owner(spec: Fields, service: DeclaredService | None) -> None:
    text = spec.text("owner")
    if not text or service is None:
        return
    try:
        owner = canonical(text, kind="group")
    except ValueError:
        owner = text
    if owner != f"group:default/{service.owner}":
        message = f"`owner` is {text[:80]!r}, but {service.slug} is {service.owner}'s"
        fix = f"Remove it, or write owner: {service.owner}"
        spec.refuse("alert-owner", message, fix, key="owner")


def _lasts(spec: Fields) -> timedelta | None:
    text = spec.text("for", default="PT0S")
    try:
        found = _span(text)
    except (ValueError, OverflowError):
        found = None
    if found is None or found > LONGEST_WAIT or found % timedelta(seconds=1):
        fix = "Write 5m or PT5M; at most seven days."
        spec.refuse("duration", f"`for` is {text[:80]!r}", fix, key="for")
        return None
    return found


def _span(text: str) -> timedelta:
    """Read `5m` or `PT5M`. Raises ValueError."""
    if not _SHORT.fullmatch(text):
        return parse_duration(text)
    pieces = _PIECE.findall(text)
    return sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in pieces), timedelta())


def _template(fields: Fields, key: str, source: AlertSource, text: str) -> str:
    """Return a text that engines take for a template, reported where they could not read it."""
    if wrong := templates.fault(text, is_for_both=source is AlertSource.METRICS):
        fix = 'Mend the template, or write {{"{{"}} where braces are meant.'
        fields.refuse("alert-template", f"`{key}` is a template, and {wrong}", fix, key=key)
    return text


def _labels(spec: Fields, source: AlertSource) -> dict[str, str]:
    fields = spec.mapping("labels")
    found: dict[str, str] = {}
    for key in fields.data if fields else ():
        assert fields is not None  # noqa: S101 - there is something to iterate over
        if not _LABEL.fullmatch(key) or key in RESERVED:
            why = "is what generated alerts say" if key in RESERVED else "is no name of a label"
            fix = "Use letters, digits and `_`, and none of: " + ", ".join(sorted(RESERVED))
            fields.refuse("alert-label", f"{key[:80]!r} {why}", fix, key=key)
            continue
        found[key] = _template(fields, key, source, fields.text(key, required=True))
    return found
