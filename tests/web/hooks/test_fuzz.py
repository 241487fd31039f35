"""Whatever bytes come: no defect, nothing lost without a trace, and replay says the same."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.alerts.models import Alert, IntakeBatch, RejectedRequest
from tests.rules.alerts.test_mending import FORBIDDEN
from tests.support.alerts import alertmanager_body

pytestmark = pytest.mark.database
PATHS = {"alertmanager": "/hooks/alertmanager/", "generic": "/hooks/generic/"}
#: Stands in a body where the key of a PagerDuty event belongs.
KEY = b"@KEY@"
EVENT = {
    "routing_key": KEY.decode(),
    "event_action": "trigger",
    "payload": {"summary": "it broke", "source": "db1", "severity": "critical"},
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
fields = st.sampled_from(
    ["alerts", "status", "labels", "fingerprint", "startsAt", "endsAt", "truncatedAlerts",
     "summary", "action", "dedup_key", "severity", "details", "links", "service", "starts_at",
     "event_action", "payload", "source", "timestamp", "custom_details", "images", "client_url"]
)  # fmt: skip
documents = st.dictionaries(fields, json_values | st.dictionaries(fields, json_values), max_size=6)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Return a body: valid, of a strange shape, damaged, forbidden, or noise."""
    good = draw(st.sampled_from([alertmanager_body("A", "B"), json.dumps(EVENT).encode()]))
    shaped = json.dumps(draw(documents) | {"routing_key": KEY.decode()}).encode()
    body = draw(st.sampled_from([good, shaped]))
    kind = draw(st.integers(0, 4))
    if kind == 1:
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(st.binary(max_size=6)) + body[at + draw(st.integers(0, 6)) :]
    elif kind == 2:
        forbidden = draw(st.sampled_from(FORBIDDEN))[0]
        body = b'{"routing_key": "' + KEY + b'", "summary": "x", "payload": ' + forbidden + b"}"
    elif kind == 3:
        body = draw(st.binary(max_size=60))
    return body


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def exchange(sender, keys: dict[str, str], stored: list[int], data) -> None:
    kind = data.draw(st.sampled_from(sorted(keys)))
    body, packed = data.draw(bodies()), data.draw(st.booleans())
    if kind == "pagerduty":
        body = body.replace(KEY, keys[kind].encode())
        answer = sender.post("/v2/enqueue", body, packed=packed)
        assert answer.status in (202, 400), answer
        assert set(answer.json) >= {"status", "message"}
    else:
        answer = sender.post(PATHS[kind], body, bearer=keys[kind], packed=packed)
        # An end that names no alert is all that is refused.
        assert answer.status == 202 or (kind, answer.json["code"]) == ("generic", "invalid_event")
    stored.append(answer.status)


def test_no_bytes_of_a_known_key_are_a_defect_or_lost(sender):
    keys = {kind: sender.key(kind, per_minute=0) for kind in (*PATHS, "pagerduty")}
    answers: list[int] = []
    exchange(sender, keys, answers)
    sender.intake.stop()
    taken = sum(IntakeBatch.objects.values_list("count", flat=True))
    assert taken >= answers.count(202) > 0
    assert RejectedRequest.objects.exists()
    assert not Alert.objects.filter(summary="").exists()
    before = list(Alert.objects.order_by("id").values_list("id", "dedup_key", "state"))
    done = sender.replay()
    assert (done.requests, done.unreadable, done.opened) == (taken, 0, 0)
    assert list(Alert.objects.order_by("id").values_list("id", "dedup_key", "state")) == before
