"""`spec.pay`: every scheme is read, and what makes no sense is refused with its line."""

from datetime import timedelta

import pytest

from andon.catalogue.rules.documents import organisation
from andon.catalogue.types import StandbyUnit
from andon.core.documents.document import Document
from andon.core.documents.fields import Fields
from andon.core.money import Money


def read(**pay):
    problems = []
    spec = {"currency": "GBP", "fallback": [{"email": "duty@example.org"}], "pay": pay}
    fields = Fields(Document("org.yaml", 1, spec), (), spec, problems.append)
    found = organisation.read(fields, slug="org", title="Org")
    return found.pay, [(one.rule, one.message) for one in problems]


def test_a_flat_week_is_the_simplest():
    pay, problems = read(standbyPerWeek="GBP 700", calloutPerHour="GBP 60")
    assert problems == []
    assert pay.standby is None
    assert pay.standby_per_week == Money(70_000, "GBP")


def test_blocks_with_all_their_parts():
    standby = {
        "per": "block",
        "rate": "GBP 29.20",
        "first": "PT8H",
        "then": "GBP 3.66",
        "every": "PT2H",
        "holidayPercent": 200,
    }
    pay, problems = read(
        standby=standby,
        calloutPerHour="GBP 60",
        includedInStandby="PT30M",
        responsePerHour="GBP 45",
        capPerMonth="GBP 2000",
        rest="PT11H",
    )
    assert problems == []
    assert pay.standby.per is StandbyUnit.BLOCK
    assert (pay.standby.rate, pay.standby.then) == (Money(2920, "GBP"), Money(366, "GBP"))
    assert pay.included_in_standby == timedelta(minutes=30)
    assert pay.rest == timedelta(hours=11)
    assert pay.cap_per_month == Money(200_000, "GBP")


def test_a_week_in_either_spelling_is_the_same_price():
    assert read(standby={"per": "week", "rate": "GBP 700"})[0].standby_per_week == Money(
        70_000, "GBP"
    )


@pytest.mark.parametrize(
    ("pay", "message"),
    [
        ({"calloutPerHour": "GBP 60"}, "being available is not paid, only the callout"),
        (
            {"standby": {"per": "hour", "rate": "GBP 0"}},
            "being available is not paid, only the callout",
        ),
        (
            {"standbyPerWeek": "GBP 700", "standby": {"per": "hour", "rate": "GBP 3"}},
            "standby is declared twice, by the week and in `standby`",
        ),
        (
            {"standby": {"per": "hour", "rate": "GBP 3", "then": "GBP 1"}},
            "standby per hour does not read `then`",
        ),
        (
            {"standby": {"per": "block", "rate": "GBP 3", "every": "PT0S"}},
            "a block has no length",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(pay, message):
    assert ("pay-standby", message) in read(**pay)[1]


def test_only_callouts_are_paid_when_there_is_a_reason():
    pay, problems = read(calloutPerHour="GBP 60", calloutOnlyReason="a works agreement")
    assert problems == []
    assert pay.callout_only_reason == "a works agreement"


def test_another_currency_is_refused():
    _, problems = read(standby={"per": "day", "rate": "EUR 20"}, standbyPerWeek="")
    assert any(rule == "money-currency" for rule, _ in problems)
