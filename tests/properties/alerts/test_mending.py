"""Bodies that tools send and JSON forbids: what is read, what is said about it, what stays shut."""

import json

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.alerts import rules
from andon.alerts.types import UnreadableRequest
from tests.rules.alerts.test_mending import FORBIDDEN

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)  # fmt: skip


@given(documents)
@settings(max_examples=300, deadline=None)
def test_good_json_is_never_mended(value):
    body = json.dumps(value).encode()
    found = rules.read_json(body)
    assert not found.note
    assert found.value == json.loads(body.replace(b"\\u0000", b"\\ufffd"))


@given(
    st.binary(max_size=200)
    | st.builds(
        lambda a, b: a + b,
        st.binary(max_size=20),
        st.sampled_from([body for body, _, _ in FORBIDDEN]),
    )
)
@settings(max_examples=500, deadline=None)
def test_whatever_comes_is_read_or_refused_and_can_be_stored(body):
    try:
        found = rules.read_json(body)
    except UnreadableRequest:
        return
    text = msgspec.json.encode(found.value).decode()
    assert "\\u0000" not in text
    assert rules.depth(found.value) <= rules.MAX_DEPTH
