"""How to use a key, ready to be copied: for each kind of key, the lines its holder needs."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: Stands where the rest of a key would, once only its beginning is known.
_REST = "..."


@dataclass(frozen=True, slots=True)
class Use:
    """One way to use a key, and what it is for."""

    what: str
    lines: str


def uses(*, kind: str, url: str, key: str) -> tuple[Use, ...]:
    """Return how a key of a kind is used; `key` is the key, or how it begins."""
    make = _USES.get(kind)
    return make(url, key) if make else ()


def shown(hint: str) -> str:
    """Return what stands for a key of which only the beginning is known."""
    return f"{hint}{_REST}"


def _api(url: str, key: str) -> tuple[Use, ...]:
    bearer = shlex.quote(f"Authorization: Bearer {key}")
    return (
        Use("Who the key acts for", f"curl -H {bearer} {url}/api/v1/me"),
        Use("From the command line", f"ANDON_URL={url} ANDON_KEY={key} andon incidents"),
    )


def _alertmanager(url: str, key: str) -> tuple[Use, ...]:
    lines = (
        "receivers:\n"
        "  - name: andon\n"
        "    webhook_configs:\n"
        f"      - url: {url}/hooks/alertmanager/\n"
        f"        http_config: {{authorization: {{credentials: {key}}}}}"
    )
    return (Use("In Alertmanager's configuration", lines),)


def _pagerduty(url: str, key: str) -> tuple[Use, ...]:
    event = (
        f'{{"routing_key": "{key}", "event_action": "trigger", "payload": '
        '{"summary": "A test", "source": "me", "severity": "critical"}}'
    )
    return (
        Use("In a tool that knows PagerDuty", f"events URL: {url}/v2/enqueue\nrouting key: {key}"),
        Use("By hand; this pages somebody", f"curl {url}/v2/enqueue -d {shlex.quote(event)}"),
    )


def _generic(url: str, key: str) -> tuple[Use, ...]:
    event = '{"summary": "Backup failed on db1", "service": "billing", "dedup_key": "backup/db1"}'
    bearer = shlex.quote(f"Authorization: Bearer {key}")
    curl = f"curl -H {bearer} {url}/hooks/generic/ -d {shlex.quote(event)}"
    return (Use("By hand; this pages somebody", curl),)


_USES: Mapping[str, Callable[[str, str], tuple[Use, ...]]] = {
    "api": _api,
    "alertmanager": _alertmanager,
    "pagerduty": _pagerduty,
    "generic": _generic,
}
