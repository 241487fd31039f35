"""The SRE workbook's chapter 5, table by table, and what must hold for every target and window."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.slo.rules import burn
from tests.rules.slo.test_burn import DAY, shares, windows


@settings(max_examples=150, deadline=None)
@given(shares, st.integers(1, 400), windows)
def test_share_and_factor_are_each_others_inverse(share, days, long):
    found = burn.factor(share=share, period=days * DAY, long=long)
    assert burn.share(factor=found, period=days * DAY, long=long) == pytest.approx(share)
