"""Bank holidays in the model: against the calendar that on call itself follows, year by year."""

from datetime import timedelta

import pytest

from andon.planning.queries.build import holidays_a_year
from andon.planning.rules import week
from tests.rules.planning.test_bank_holidays import HOURS, worked


@pytest.mark.parametrize("name", HOURS)
def test_out_of_hours_is_what_on_call_says_it_is(name):
    hours = HOURS[name]
    years, at_work = worked(hours)

    share = week.out_of_hours_share(hours, holidays_a_year(hours.holidays))

    really = 1 - sum((one.length for one in at_work), timedelta(0)) / years.length
    assert float(share) == pytest.approx(really, abs=2e-4)
    if hours.holidays:
        assert share > week.out_of_hours_share(hours)
