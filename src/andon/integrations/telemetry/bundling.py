"""All files that are generated from an estate."""

from andon.integrations.alertmanager.config import config_files
from andon.integrations.cloudwatch.files import alarm_files
from andon.integrations.grafana import files as grafana
from andon.slo.types import Estate, Evaluator
from andon.telemetry.rules import render, tests
from andon.telemetry.types import File


def bundle(*, estate: Estate, with_tests: bool = True) -> list[File]:
    """Return every generated file, sorted by path; equal estates give equal files.

    Unit tests take longest to make, and only a person or a build runs them.
    Dashboards are among them when the extra `grafana` is installed; omissions() says so if not.
    """
    files = [
        *render.rule_files(estate=estate, engine=Evaluator.VMALERT),
        *render.rule_files(estate=estate, engine=Evaluator.PROMETHEUS),
        *(tests.test_files(estate=estate) if with_tests else ()),
        *config_files(estate=estate),
        *alarm_files(estate=estate),
        *_dashboards(estate),
    ]
    return sorted(files, key=lambda file: file.path)


def omissions() -> list[str]:
    """Return what this installation cannot generate, and what to do about it."""
    reason = grafana.left_out()
    return [reason] if reason else []


def _dashboards(estate: Estate) -> list[File]:
    return [] if grafana.left_out() else grafana.dashboard_files(estate=estate)
