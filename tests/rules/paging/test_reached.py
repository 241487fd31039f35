"""What is said of whom messages reached, and of those that cannot be handed over."""

from datetime import UTC, datetime, timedelta

import pytest

from andon.paging.rules import reached, trouble
from andon.paging.types import Fault, NotificationState, Told, Undelivered
from andon.people.types import Person

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
PENDING, SENDING, SENT, FAILED, CANCELLED = NotificationState


def told(who: str, state: NotificationState, purpose: str = "page") -> Told:
    return Told(
        page_id=1, uid="u", step=0, purpose=purpose, kind="email",
        person=Person(1, who, who, "UTC") if who else None, destination="o***@example.org",
        subject="down", state=state, created_at=NOW, sent_at=None, attempts=1, error="",
        link_used_at=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([], ""),
        ([("Ann", SENT)], "Handed over for Ann."),
        ([("Ann", SENT), ("Ann", FAILED), ("Ann", PENDING)], "Handed over for Ann."),
        ([("Ann", PENDING)], "Nothing has left yet for Ann."),
        ([("Ann", SENDING), ("Ann", FAILED)], "Nothing has left yet for Ann."),
        ([("Ann", FAILED)], "Nothing could be handed over for Ann."),
        ([("Ann", CANCELLED)], ""),
        ([("Ann", SENT, "resolved")], ""),
        (
            [("Ann", SENT), ("Ben", PENDING), ("Cat", FAILED), ("", SENT)],
            (
                "Handed over for Ann and the fallback contact, o***@example.org. "
                "Nothing has left yet for Ben. Nothing could be handed over for Cat."
            ),
        ),
    ],
)
def test_whom_messages_reached_is_said_of_what_became_of_them(
    messages: list[tuple[str, NotificationState]], said: str
) -> None:
    assert reached.say_reached(told=[told(*one) for one in messages]) == said


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [(Fault.INSTALLATION, 10), (Fault.MESSAGE, 10), (Fault.TEMPORARY, 300)],
)
def test_somebody_is_told_once_a_fault_has_lasted(fault: Fault, seconds: int) -> None:
    lasts = timedelta(seconds=seconds)
    just = NOW + lasts - timedelta(microseconds=1)
    assert not trouble.is_alarming(fault=fault, since=NOW, now=just)
    assert trouble.is_alarming(fault=fault, since=NOW, now=NOW + lasts)


def test_an_address_that_is_refused_is_no_trouble_of_ours() -> None:
    year = NOW + timedelta(days=365)
    assert not trouble.is_alarming(fault=Fault.RECIPIENT, since=NOW, now=year)


@pytest.mark.parametrize(
    ("kind", "fault", "waiting", "said"),
    [
        ("email", Fault.INSTALLATION, 1,
         "Mail cannot be sent since 2026-11-20 10:00 UTC; 1 message waits"),
        ("email", Fault.MESSAGE, 2,
         "Some mails are refused for what they say since 2026-11-20 10:00 UTC; 2 messages wait"),
        ("ntfy", Fault.INSTALLATION, 2,
         "Some push messages cannot be sent since 2026-11-20 10:00 UTC; 2 messages wait"),
        ("webhook", Fault.TEMPORARY, 3,
         "Some webhooks are put off again and again since 2026-11-20 10:00 UTC; 3 messages wait"),
        ("fax", Fault.INSTALLATION, 1,
         "Some messages of kind fax cannot be sent since 2026-11-20 10:00 UTC; 1 message waits"),
    ],
)  # fmt: skip
def test_what_cannot_be_handed_over_is_said_to_strangers(
    kind: str, fault: Fault, waiting: int, said: str
) -> None:
    one = Undelivered(kind, fault, NOW, waiting, "no")
    assert trouble.say_failing(failing=one) == said


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        (1, "1 page is not known to have reached anybody since 2026-11-20 10:00 UTC"),
        (2, "2 pages are not known to have reached anybody since 2026-11-20 10:00 UTC"),
    ],
)
def test_pages_that_reached_nobody_are_counted(pages: int, said: str) -> None:
    assert trouble.say_unreached(pages=pages, since=NOW) == said


def test_a_message_that_waits_says_for_whom_and_that_it_left_in_the_end() -> None:
    waits = trouble.say_waiting(kind="email", to=["Ben", "Ann", "Ben"], error="no server")
    assert waits == (
        "The mail to Ann and Ben cannot be sent: no server. No address is blamed; it is tried "
        "again while the page is open"
    )
    assert trouble.say_left(kind="ntfy", to=["Ann"], since=NOW) == (
        "The push message to Ann has left; it could not be sent since 2026-11-20 10:00 UTC"
    )
