"""What a page is about: what is one page, and what is another."""

import pytest

from andon.alerts.types import AlertKind, AlertState, Severity, UnseenAlert
from andon.paging import rules
from andon.paging.types import PageSubject, SubjectKind
from tests.support.alerts import NOW

INCIDENT, EXERCISE, TEST = AlertKind
SERVICE, TICKET, UNKNOWN = SubjectKind


def alert(
    kind: AlertKind, severity: Severity, service_id: int | None, ref: str = ""
) -> UnseenAlert:
    return UnseenAlert(
        id=1, revision=1, key_id=1, dedup_key="d", state=AlertState.OPEN, severity=severity,
        summary="down", description="", labels={}, links=(), kind=kind, starts_at=NOW,
        received_at=NOW, last_received_at=NOW, count=1, acknowledged_at=None, resolved_at=None,
        resolved_by="", service_id=service_id, service_ref=ref, service_why="",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("of", "subject", "text"),
    [
        ((INCIDENT, Severity.CRITICAL, 7), (INCIDENT, SERVICE, "7"), "service:7"),
        ((INCIDENT, Severity.WARNING, 7, "shop"), (INCIDENT, SERVICE, "7"), "service:7"),
        ((INCIDENT, Severity.TICKET, 7), (INCIDENT, TICKET, "7"), "ticket:7"),
        ((EXERCISE, Severity.ERROR, 7), (EXERCISE, SERVICE, "7"), "exercise-service:7"),
        ((TEST, Severity.ERROR, 7), (TEST, SERVICE, "7"), "test-service:7"),
        ((INCIDENT, Severity.ERROR, None, " Shop-V2 "), (INCIDENT, UNKNOWN, "shop-v2"),
         "unknown:shop-v2"),
        ((INCIDENT, Severity.TICKET, None, "shop"), (INCIDENT, UNKNOWN, "shop"), "unknown:shop"),
        ((INCIDENT, Severity.ERROR, None), (INCIDENT, UNKNOWN, ""), "unknown:"),
    ],
)  # fmt: skip
def test_alerts_of_one_subject_are_one_page(
    of: tuple[AlertKind, Severity, int | None],
    subject: tuple[AlertKind, SubjectKind, str],
    text: str,
) -> None:
    found = rules.subject_of(alert=alert(*of))
    assert found == PageSubject(*subject)
    assert str(found) == text
    assert found.columns == dict(zip(("kind", "subject_kind", "subject_ref"), subject, strict=True))


def test_a_name_that_nobody_declared_is_cut_to_what_a_column_holds() -> None:
    found = rules.unknown(kind=INCIDENT, name="N" * 600)
    assert found.ref == "n" * 540
    assert found.named == found.ref
    assert PageSubject(INCIDENT, SERVICE, "7").named == ""
