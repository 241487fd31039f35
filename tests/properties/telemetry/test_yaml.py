"""YAML that every reader reads back as what was written."""

import yaml as reader
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.telemetry.rules import yaml

words = st.text(max_size=20)


scalars = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | words


values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(values)
def test_what_is_written_is_read_back(value):
    assert reader.safe_load(yaml.dump(value)) == value
