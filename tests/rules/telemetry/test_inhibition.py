"""Inhibition never loses a page: from whatever is held back a way leads to one that is told."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from andon.catalogue.types import WORKBOOK, AlertSeverity, BurnTier
from andon.slo.types import Estate
from andon.telemetry.rules import inhibition
from tests.support.estates import estate, objective, subject


def tier(name: str, minutes: int, severity: AlertSeverity = AlertSeverity.PAGE) -> BurnTier:
    short = timedelta(minutes=minutes / 12)
    return BurnTier(name, severity, timedelta(minutes=minutes), short, Decimal("0.1"))


def needs_of(made: Estate) -> dict[str, tuple[str, ...]]:
    return {one.service: one.needs for one in inhibition.explained(estate=made)}


def test_the_workbooks_tiers_hold_back_the_slower_of_their_severity() -> None:
    made = estate(subject("checkout"))
    expected = {"page-fast": ("page-slow",), "ticket-fast": ("ticket-slow",)}
    assert inhibition.slower_tiers(estate=made) == expected


def test_names_in_different_orders_hold_each_other_back_in_neither() -> None:
    here = (tier("a", 10), tier("b", 20), tier("c", 30))
    there = (tier("b", 10), tier("a", 20), tier("c", 30))
    objectives = (objective("checkout", tiers=here), objective("stock", tiers=there))
    made = estate(subject("checkout"), subject("stock"), objectives=objectives)
    assert inhibition.slower_tiers(estate=made) == {
        "a": ("c",),
        "b": ("c",),
        "page-fast": ("page-slow",),
        "ticket-fast": ("ticket-slow",),
    }


def test_only_availability_explains_and_by_the_page_that_ends_first() -> None:
    objectives = (
        objective("stock"),
        objective("stock", slug="stock-latency", target_reason="latency"),
        objective("checkout"),
    )
    made = estate(subject("stock"), subject("checkout", needs=("stock",)), objectives=objectives)
    [one] = inhibition.explained(estate=made)
    assert (one.service, one.needs, one.pages) == (
        "checkout", ("stock",), (("page-fast", ("stock",)),)
    )  # fmt: skip


def test_a_service_without_a_page_is_stood_in_for_by_what_it_needs() -> None:
    objectives = (objective("database"), objective("checkout"))
    made = estate(
        subject("database"), subject("queue", needs=("database", "gone")),
        subject("checkout", needs=("queue",)), objectives=objectives,
    )  # fmt: skip
    assert needs_of(made) == {"checkout": ("database",)}
    quiet = replace(objectives[0], without=frozenset(one.name for one in WORKBOOK))
    silent = replace(made, objectives=(objectives[1], quiet))
    assert needs_of(silent) == {}
