"""The telemetry pipeline as its page shows it: what is made of what, in force, and missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from andon.catalogue import queries as catalogue
from andon.catalogue.queries.revisions import Applied
from andon.catalogue.types import FindingRow, ServiceLine
from andon.core.lists import Some
from andon.slo import queries as slo
from andon.telemetry import queries
from andon.telemetry.actions import files
from andon.telemetry.types import RolloutRow

#: Rows of one list; the number beside it says how many there are.
SHOWN = 25
_ROLLOUTS = 10
#: Inside ANDON_TELEMETRY_DIR, the set that the tools read (integrations.telemetry.folder).
_IN_FORCE = "current"
#: Kinds of entities whose findings are about telemetry (slo.rules.documents).
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
class Pipeline:
    """The whole page."""

    services: int
    objectives: int
    alerts: int
    revision: Applied | None
    settings: Sequence[Setting]
    products: Sequence[Product]
    rollouts: Sequence[RolloutRow]
    uncovered: Some[ServiceLine]
    no_runbook: Some[ServiceLine]
    watched: queries.Watched
    problems: Sequence[FindingRow]

    @property
    def is_generating(self) -> bool:
        """Return whether the engine keeps generated files anywhere."""
        return self.settings[0].is_set

    @property
    def missing(self) -> Sequence[Setting]:
        """Return the settings that nobody has set."""
        return [one for one in self.settings if not one.is_set]

    @property
    def last(self) -> RolloutRow | None:
        """Return the last attempt to bring files into force."""
        return self.rollouts[0] if self.rollouts else None

    @property
    def never_days(self) -> int:
        """Return after how many days a rule that never fired is named."""
        return queries.NEVER_AFTER.days

    @property
    def in_force(self) -> RolloutRow | None:
        """Return the last that succeeded, among those shown."""
        return next((one for one in self.rollouts if one.outcome == "applied"), None)


def pipeline(*, now: datetime) -> Pipeline:
    """Return the pipeline as it is. As many queries for a thousand services as for one."""
    objectives, alerts = slo.count_kinds()
    return Pipeline(
        services=catalogue.count_services(),
        objectives=objectives,
        alerts=alerts,
        revision=next(iter(catalogue.list_revisions(limit=1)), None),
        settings=_settings(),
        products=_products(),
        rollouts=queries.list_rollouts(limit=_ROLLOUTS),
        uncovered=slo.unmeasured(most=SHOWN),
        no_runbook=slo.without_runbook(most=SHOWN),
        watched=queries.watched(now=now, most=SHOWN),
        problems=catalogue.list_findings(limit=SHOWN, kinds=KINDS),
    )


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
