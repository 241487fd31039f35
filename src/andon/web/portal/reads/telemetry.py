"""The telemetry pipeline as its page shows it: what is made of what, in force, and missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from andon.catalogue import queries as catalogue
from andon.catalogue.models import Revision, Service
from andon.catalogue.types import FindingRow
from andon.slo.models import Declaration
from andon.telemetry.actions import files
from andon.telemetry.models import Rollout, RuleState

#: Rows of one list; the number beside it says how many there are.
SHOWN = 25
_ROLLOUTS = 10
#: Inside ANDON_TELEMETRY_DIR, the set that the tools read (integrations.telemetry.folder).
_IN_FORCE = "current"
#: A rule that has been live this long and never fired may be unable to.
NEVER_AFTER = timedelta(days=90)
#: A rule that fires this long has stopped telling anybody anything.
ALWAYS_AFTER = timedelta(days=3)
#: Kinds of entities whose findings are about telemetry (slo.documents).
KINDS = ("slo", "alert", "telemetry")


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that a part of the pipeline waits for."""

    name: str
    what: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class Product:
    """Something that is generated: what, of what, and how many files of it there are."""

    title: str
    folder: str
    made_of: str
    files: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a rollout: which tool, what was found out, and how its dot looks."""

    name: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Some:
    """The first rows of a list, and how many there are."""

    rows: Sequence[Any]
    total: int

    @property
    def more(self) -> int:
        """Return how many are not among the rows."""
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The whole page."""

    services: int
    objectives: int
    alerts: int
    revision: Revision | None
    settings: Sequence[Setting]
    products: Sequence[Product]
    rollouts: Sequence[Rollout]
    uncovered: Some
    no_runbook: Some
    never: Some
    always: Some
    broken: Some
    problems: Sequence[FindingRow]
    rules: int
    watched_at: datetime | None

    @property
    def is_generating(self) -> bool:
        """Return whether the engine keeps generated files anywhere."""
        return self.settings[0].is_set

    @property
    def missing(self) -> Sequence[Setting]:
        """Return the settings that nobody has set."""
        return [one for one in self.settings if not one.is_set]

    @property
    def last(self) -> Rollout | None:
        """Return the last attempt to bring files into force."""
        return self.rollouts[0] if self.rollouts else None

    @property
    def steps(self) -> Sequence[Step]:
        """Return the steps of the last attempt."""
        return [_step(one) for one in self.last.steps] if self.last else ()

    @property
    def never_days(self) -> int:
        """Return after how many days a rule that never fired is named."""
        return NEVER_AFTER.days

    @property
    def in_force(self) -> Rollout | None:
        """Return the last that succeeded, among those shown."""
        return next((one for one in self.rollouts if one.outcome == "applied"), None)


def pipeline(*, now: datetime) -> Pipeline:
    """Return the pipeline as it is. As many queries for a thousand services as for one."""
    live = Declaration.objects.filter(retired_at__isnull=True).aggregate(
        objectives=Count("pk", filter=Q(kind="slo")), alerts=Count("pk", filter=Q(kind="alert"))
    )
    services = Service.objects.filter(retired_at__isnull=True)
    with_slo = Declaration.objects.filter(kind="slo", retired_at__isnull=True)
    states = RuleState.objects.order_by("service", "name", "engine")
    watched = RuleState.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    rules = states.filter(seen_at__gte=watched - timedelta(hours=1)) if watched else states.none()
    return Pipeline(
        services=services.count(),
        objectives=live["objectives"],
        alerts=live["alerts"],
        revision=Revision.objects.order_by("-pk").first(),
        settings=_settings(),
        products=_products(),
        rollouts=list(Rollout.objects.order_by("-at", "-pk")[:_ROLLOUTS]),
        uncovered=_some(
            services.exclude(pk__in=with_slo.values("service_id"))
            .select_related("owner")
            .order_by("slug")
        ),
        no_runbook=_some(
            services.filter(pk__in=with_slo.values("service_id"), runbook_url="")
            .select_related("owner")
            .order_by("slug")
        ),
        never=_some(
            rules.filter(last_fired_at__isnull=True, firing_since__isnull=True)
            .filter(seen_since__lte=now - NEVER_AFTER)
            .exclude(state="firing")
        ),
        always=_some(rules.filter(state="firing", firing_since__lte=now - ALWAYS_AFTER)),
        broken=_some(rules.exclude(error="")),
        problems=catalogue.list_findings(limit=SHOWN, kinds=KINDS),
        rules=rules.count(),
        watched_at=watched,
    )


def _step(step: dict[str, Any]) -> Step:
    return Step(
        name=str(step.get("tool", "")),
        words=str(step.get("words", "")),
        tone="calm" if step.get("ok", True) else "fire",
    )


def _some(found: "QuerySet[Any]") -> Some:
    rows = list(found[: SHOWN + 1])
    return Some(rows[:SHOWN], len(rows) if len(rows) <= SHOWN else found.count())


def _settings() -> tuple[Setting, ...]:
    env = settings.ENV
    return (
        Setting(
            "ANDON_TELEMETRY_DIR",
            "the folder in which the engine keeps the generated files",
            env.telemetry_dir is not None,
        ),
        Setting(
            "ANDON_VMALERT_URL",
            "vmalert or Prometheus, reloaded after a change and asked for its rules",
            bool(env.vmalert_urls),
        ),
        Setting(
            "ANDON_ALERTMANAGER_URL",
            "Alertmanager, reloaded after a change and asked for alerts whose webhook was lost",
            bool(env.alertmanager_urls),
        ),
        Setting(
            "ANDON_PROMETHEUS_URL",
            "Prometheus or VictoriaMetrics, from which error budgets are read",
            bool(env.prometheus_url),
        ),
    )


#: (what, where it lies, what it is made of).
_PRODUCTS = (
    ("Rules for vmalert", "vmalert", "SLOs, targets with their peaks, own alerts"),
    (
        "Rules for Prometheus",
        "prometheus/rules",
        "the same in Prometheus's words; no SLOs in MetricsQL",
    ),
    (
        "Unit tests for promtool",
        "prometheus/tests",
        "each SLO's target and tiers; by andon telemetry generate",
    ),
    ("Log alerts for vmalert", "vmalert-logs", "teams' own alerts on logs"),
    ("Alertmanager routing", "alertmanager", "owners, tiers and hard dependencies"),
    ("Grafana dashboards", "grafana", "services, teams, domains and SLOs"),
    ("CloudWatch alarms", "cloudwatch", "services that name a CloudWatch metric"),
)


def _products() -> list[Product]:
    folder = settings.ENV.telemetry_dir
    paths = files.listed(folder=folder / _IN_FORCE) if folder else None
    return [
        Product(
            title,
            where,
            made_of,
            None if paths is None else sum(one.startswith(f"{where}/") for one in paths),
        )
        for title, where, made_of in _PRODUCTS
    ]
