"""What the rest of Andon knows of Alertmanager."""

from andon.alerts.types import KeyKind, KeyUse


def _uses(url: str, key: str) -> tuple[KeyUse, ...]:
    lines = (
        "receivers:\n"
        "  - name: andon\n"
        "    webhook_configs:\n"
        f"      - url: {url}/hooks/alertmanager/\n"
        f"        http_config: {{authorization: {{credentials: {key}}}}}"
    )
    return (KeyUse("In Alertmanager's configuration", lines),)


KEY = KeyKind(
    name="alertmanager",
    title="Alertmanager",
    # It knows no limit: a group of 1,450 alerts is over 1 MiB.
    limit=32 * 1024 * 1024,
    # It repeats what it is refused at once and without end: a storm of groups is sooner taken.
    per_minute=0,
    # It gives up on a 429.
    busy=503,
    uses=_uses,
)
