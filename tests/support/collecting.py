"""What pytest would pass over in silence, said: a test file that holds no test."""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a file or class in which no test was found; one that was skipped has said so."""
    report = yield
    holds_tests = isinstance(collector, pytest.Module | pytest.Class)
    if holds_tests and report.passed and not report.result:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} holds no test: name one test_..., or remove it"
    return report
