"""Who did what, kept in the database beside what they did."""

from datetime import datetime

from andon.core.models import AuditEntry


def record(*, actor: str, verb: str, subject: str, now: datetime, **data: object) -> None:
    """Write down an act, in its own transaction. `subject` is like `incident:1042`."""
    AuditEntry.objects.create(at=now, actor=actor, verb=verb, subject=subject, data=data)
