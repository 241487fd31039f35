"""What the rest of Andon knows of generic JSON."""

import shlex

from andon.alerts.types import KeyKind, KeyUse


def _uses(url: str, key: str) -> tuple[KeyUse, ...]:
    event = '{"summary": "Backup failed on db1", "service": "billing", "dedup_key": "backup/db1"}'
    bearer = shlex.quote(f"Authorization: Bearer {key}")
    curl = f"curl -H {bearer} {url}/hooks/generic/ -d {shlex.quote(event)}"
    return (KeyUse("By hand; this pages somebody", curl),)


KEY = KeyKind(name="generic", title="generic", limit=1024 * 1024, uses=_uses)
