"""All files that are generated from an estate."""

from importlib.util import find_spec

from andon.integrations.alertmanager.config import config_files
from andon.integrations.cloudwatch.files import alarm_files
from andon.slo.rules import render
from andon.slo.types import Engine, Estate, File


def bundle(*, estate: Estate) -> list[File]:
    """Return every generated file, sorted by path; equal estates give equal files.

    Dashboards are among them when the extra `grafana` is installed.
    """
    files = [
        *render.rule_files(estate=estate, engine=Engine.VMALERT),
        *render.rule_files(estate=estate, engine=Engine.PROMETHEUS),
        *config_files(estate=estate),
        *alarm_files(estate=estate),
        *alarm_files(estate=estate),
        *_dashboards(estate),
    ]
    return sorted(files, key=lambda file: file.path)


def _dashboards(estate: Estate) -> list[File]:
    if find_spec("grafana_foundation_sdk") is None:
        return []
    from andon.integrations.grafana.files import dashboard_files  # noqa: PLC0415 - an extra

    return dashboard_files(estate=estate)
