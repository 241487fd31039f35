"""What the rest of Andon knows of PagerDuty's Events API v2."""

import shlex

from andon.alerts.types import KeyKind, KeyUse

#: How the raw log calls a change event, which no field of it tells.
CHANGE = "pagerduty_change"


def _uses(url: str, key: str) -> tuple[KeyUse, ...]:
    event = (
        f'{{"routing_key": "{key}", "event_action": "trigger", "payload": '
        '{"summary": "A test", "source": "me", "severity": "critical"}}'
    )
    where = f"events URL: {url}/v2/enqueue\nrouting key: {key}"
    return (
        KeyUse("In a tool that knows PagerDuty", where),
        KeyUse("By hand; this pages somebody", f"curl {url}/v2/enqueue -d {shlex.quote(event)}"),
    )


KEY = KeyKind(
    name="pagerduty",
    title="PagerDuty",
    limit=512 * 1024,
    paths=(("/v2/enqueue", "pagerduty"), ("/v2/change/enqueue", CHANGE)),
    root="/v2/",
    in_body=True,
    uses=_uses,
)
