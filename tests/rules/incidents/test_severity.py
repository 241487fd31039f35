"""How bad it is follows from the money at risk; unsure means higher."""

from datetime import timedelta

import pytest

from andon.catalogue.types import SeverityClass
from andon.core.money import Money
from andon.incidents import rules

HOUR = timedelta(hours=1)
MINOR = SeverityClass("Minor", Money.parse("GBP 0"), 2 * HOUR)
SERIOUS = SeverityClass("Serious", Money.parse("GBP 50000"), HOUR)
MAJOR = SeverityClass("Major", Money.parse("GBP 200000"), HOUR, major=True)
CLASSES = (MINOR, MAJOR, SERIOUS)


@pytest.mark.parametrize(
    ("exposure", "name", "major"),
    [
        ("GBP 0", "Minor", False),
        ("GBP 49999.99", "Minor", False),
        ("GBP 50000", "Serious", False),
        ("GBP 199999.99", "Serious", False),
        ("GBP 200000", "Major", True),
        ("GBP 810000", "Major", True),
    ],
)
def test_the_highest_class_reached(exposure, name, major):
    found = rules.severity(exposure_per_hour=Money.parse(exposure), classes=CLASSES)
    assert (found.name, found.major) == (name, major)


def test_the_reason_names_the_money_and_the_threshold():
    found = rules.severity(exposure_per_hour=Money.parse("GBP 60000"), classes=CLASSES)
    assert found.reason == ("GBP 60,000 an hour at risk: Serious begins at GBP 50,000 an hour.")
    assert found.update_every == HOUR


def test_a_class_that_begins_at_nothing_is_said_without_its_threshold():
    found = rules.severity(exposure_per_hour=Money.parse("GBP 2850"), classes=CLASSES)
    assert found.reason == "GBP 2,850 an hour at risk: Minor, for all below the others."


def test_unknown_exposure_is_stated_and_means_higher():
    found = rules.severity(exposure_per_hour=None, classes=CLASSES)
    assert (found.name, found.major) == ("Major", True)
    assert found.reason == (
        "Nobody has estimated what an hour of this costs; unsure means higher: Major."
    )


def test_another_currency_is_not_compared():
    found = rules.severity(exposure_per_hour=Money.parse("USD 1"), classes=CLASSES)
    assert found.name == "Major"
    assert "not in the classes' currency" in found.reason


def test_below_every_class_there_is_none():
    found = rules.severity(exposure_per_hour=Money.parse("GBP 1"), classes=(SERIOUS, MAJOR))
    assert (found.name, found.major) == ("", False)
    assert "below every class; Serious begins at GBP 50,000" in found.reason


def test_without_classes_the_reason_says_so():
    found = rules.severity(exposure_per_hour=Money.parse("GBP 1"), classes=())
    assert found.reason == "The organisation has declared no severity classes."
