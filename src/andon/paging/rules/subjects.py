"""What a page is about: pages of one subject are one page, and one incident."""

from andon.alerts.types import AlertKind, Severity, UnseenAlert
from andon.paging.types import PageSubject, SubjectKind

_LONGEST = 540


def subject_of(*, alert: UnseenAlert) -> PageSubject:
    """Return what an alert's page is about; at most one page per subject is open."""
    if alert.service_id is None:
        return unknown(kind=alert.kind, name=alert.service_ref.strip())
    # Apart from pages: whoever has taken a ticket must be woken by a page that follows.
    of = SubjectKind.TICKET if alert.severity is Severity.TICKET else SubjectKind.SERVICE
    return PageSubject(alert.kind, of, str(alert.service_id))


def unknown(*, kind: AlertKind, name: str) -> PageSubject:
    """Return the subject of what an alert names and nobody declared."""
    return PageSubject(kind, SubjectKind.UNKNOWN, name.lower()[:_LONGEST])
