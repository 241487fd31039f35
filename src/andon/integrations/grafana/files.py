"""The generated files of Grafana."""

import importlib.util
from typing import ClassVar

from andon.core.errors import Refusal
from andon.integrations.grafana import provisioning
from andon.slo.types import Estate
from andon.telemetry.rules import yaml
from andon.telemetry.types import File

_FIX = "pip install 'andon[grafana]'"


class UnableToDrawDashboards(Refusal):
    """The library that draws dashboards is not installed; all else can be generated."""

    code: ClassVar[str] = "dashboards_not_installed"


def left_out() -> str:
    """Return why there are no dashboards here and what to do; empty when there are."""
    if importlib.util.find_spec("grafana_foundation_sdk") is not None:
        return ""
    return f"dashboards are left out: they need the extra `grafana`; {_FIX}"


def dashboard_files(*, estate: Estate) -> list[File]:
    """Return every dashboard and the provisioning files, sorted by path.

    Raises UnableToDrawDashboards without the extra `grafana`.
    """
    if reason := left_out():
        raise UnableToDrawDashboards(reason, fix=_FIX)
    from andon.integrations.grafana import boards  # noqa: PLC0415 - needs the extra

    found = [*boards.draw_all(estate=estate), *_provisioning(estate)]
    return sorted(found, key=lambda file: file.path)


def _provisioning(estate: Estate) -> list[File]:
    documents = {
        "dashboards": provisioning.dashboards(),
        "datasources": provisioning.datasources(estate=estate),
    }
    return [
        File(f"grafana/provisioning/{kind}/andon.yml", yaml.dump(document))
        for kind, document in documents.items()
    ]
