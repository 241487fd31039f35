"""What messages say, whatever a monitor writes into them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.alerts.types import AlertKind
from andon.core.money import Money
from andon.paging import rules
from andon.paging.types import Facts

FACTS = Facts(
    service="Checkout",
    summary="5xx above 1%",
    severity="critical",
    started_at=datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    reason="99.9% target, working hours: paging rota checkout",
    description="It began after the release.",
    risk_per_minute=Money(166_667, "GBP"),
    runbook_url="https://runbooks.example/checkout",
    links=(("Dashboard", "https://dash.example/1"),),
)


def test_a_page_says_what_since_when_at_what_price_and_what_to_do() -> None:
    text = rules.page_text(facts=FACTS, timezone="Europe/London")
    assert text.subject == "[critical] Checkout: 5xx above 1%"
    assert text.body.splitlines() == [
        "Checkout: 5xx above 1%",
        "",
        "Severity: critical",
        "Since: Sun 29 Mar 2026 02:30 Europe/London",
        "Money at risk: up to GBP 1,667 a minute, if it is fully down",
        "Decided: 99.9% target, working hours: paging rota checkout",
        "Runbook: https://runbooks.example/checkout",
        "Dashboard: https://dash.example/1",
        "",
        "It began after the release.",
    ]


def test_labels_say_which_instance_it_is_and_how_many_alerts_there_are() -> None:
    more = replace(FACTS, labels=(("pod", "checkout-7f9c"), ("region", "eu-west-1")), alerts=3)
    lines = rules.page_text(facts=more, timezone="UTC").body.splitlines()
    assert "Labels: pod checkout-7f9c, region eu-west-1" in lines
    assert "Alerts so far: 3" in lines
    assert rules.page_text(facts=more, timezone="UTC").data["alerts"] == 3
    single = rules.page_text(facts=replace(FACTS, alerts=1), timezone="UTC")
    assert "so far" not in single.body


def test_a_subject_stays_short_and_the_body_says_it_all() -> None:
    long = replace(FACTS, summary="it fails\n" * 80 + "end")
    text = rules.page_text(facts=long, timezone="UTC")
    assert len(text.subject) <= 160
    assert "\n" not in text.subject
    assert text.body.splitlines()[0].endswith("end")


def test_what_the_summary_says_already_is_not_said_twice() -> None:
    """As alerts generated from the catalogue do: they name the service, and link its runbook."""
    runbook = ("Runbook", FACTS.runbook_url)
    burning = replace(FACTS, summary="Checkout answers: 10% failed", links=(runbook, *FACTS.links))
    at = datetime(2026, 3, 29, 2, 0, tzinfo=UTC)
    text = rules.page_text(facts=burning, timezone="UTC")
    over = rules.resolved_text(facts=burning, timezone="UTC", resolved_at=at, by="")
    assert text.subject == "[critical] Checkout answers: 10% failed"
    assert over.subject == "Resolved: Checkout answers: 10% failed"
    assert text.body.count("https://runbooks.example/checkout") == 1
    assert "Dashboard: https://dash.example/1" in text.body
    other = rules.page_text(facts=replace(FACTS, summary="Checkouts fail"), timezone="UTC")
    assert other.subject == "[critical] Checkout: Checkouts fail"


def test_times_are_the_readers_own() -> None:
    text = rules.page_text(facts=FACTS, timezone="Asia/Tokyo")
    assert "Since: Sun 29 Mar 2026 10:30 Asia/Tokyo" in text.body


def test_what_nobody_declared_is_said_so() -> None:
    bare = replace(FACTS, risk_per_minute=None, runbook_url="")
    body = rules.page_text(facts=bare, timezone="UTC").body
    assert "Money at risk: nobody has estimated it" in body
    assert "Runbook: none is declared" in body


def test_a_test_alert_says_test_first() -> None:
    text = rules.page_text(facts=replace(FACTS, kind=AlertKind.TEST), timezone="UTC")
    assert text.subject.startswith("TEST: [critical]")
    assert text.body.startswith("TEST: Checkout")
    assert "Money at risk: none, this is a test" in text.body
    assert (text.data["kind"], text.data["test"], text.data["exercise"]) == ("test", True, False)


def test_a_drill_says_exercise_before_everything_else() -> None:
    drill = replace(FACTS, summary="checkout answers no requests", kind=AlertKind.EXERCISE)
    at = datetime(2026, 3, 29, 2, 0, tzinfo=UTC)
    texts = [
        rules.page_text(facts=drill, timezone="UTC"),
        rules.fallback_text(facts=drill, timezone="UTC", why="nobody", unanswered=True),
        rules.resolved_text(facts=drill, timezone="UTC", resolved_at=at, by="the sender"),
    ]
    assert [text.subject for text in texts] == [
        "EXERCISE: [critical] Checkout: checkout answers no requests",
        "EXERCISE: UNANSWERED [critical] Checkout: checkout answers no requests",
        "EXERCISE: Resolved: Checkout: checkout answers no requests",
    ]
    assert all(text.body.startswith("EXERCISE: ") and text.data["exercise"] for text in texts)
    assert all(text.data["kind"] == "exercise" for text in texts)
    assert "Money at risk: none, this is an exercise" in texts[0].body
    real = rules.page_text(facts=replace(FACTS, summary="Exercise videos fail"), timezone="UTC")
    assert real.subject == "[critical] Checkout: Exercise videos fail"
    assert real.data["exercise"] is False


def test_the_fallback_contact_learns_why_them() -> None:
    text = rules.fallback_text(facts=FACTS, timezone="UTC", why="Nobody answered", unanswered=True)
    assert text.subject.startswith("UNANSWERED [critical] Checkout")
    assert "Why you: Nobody answered. You are the organisation's fallback contact." in text.body


def test_an_ending_says_when_and_by_whom() -> None:
    at = datetime(2026, 3, 29, 2, 0, tzinfo=UTC)
    text = rules.resolved_text(facts=FACTS, timezone="UTC", resolved_at=at, by="the sender")
    assert text.subject == "Resolved: Checkout: 5xx above 1%"
    assert "Over at: Sun 29 Mar 2026 02:00 UTC (the sender)" in text.body


@given(summary=st.text(max_size=2000), service=st.text(max_size=300))
def test_no_text_of_a_monitor_breaks_a_subject(summary: str, service: str) -> None:
    hostile = replace(FACTS, summary=summary, service=service)
    for text in (
        rules.page_text(facts=hostile, timezone="UTC"),
        rules.resolved_text(facts=hostile, timezone="UTC", resolved_at=FACTS.started_at, by=""),
    ):
        assert len(text.subject) <= 300
        assert not any(c in text.subject for c in "\r\n\x00\x85\u2028\u202e")
        assert "\x00" not in text.body


@pytest.mark.parametrize(
    ("by", "asked"), [("Ann", "You asked"), ("Ann\n", "You asked"), ("Ben", "Ben asked")]
)
def test_a_test_says_who_asked_for_it(by: str, asked: str) -> None:
    at = datetime(2026, 3, 29, 2, 0, tzinfo=UTC)
    text = rules.text_of_test(name="Ann", by=by, timezone="UTC", at=at)
    assert f"\n{asked} for this at Sun 29 Mar 2026 02:00 UTC." in text.body
    assert text.data["test"] is True


@pytest.mark.parametrize(("length", "shown"), [(160, 160), (161, 160), (500, 160)])
def test_a_subject_is_cut_where_a_phone_stops(length: int, shown: int) -> None:
    summary = "x" * (length - len("[critical] Checkout: "))
    subject = rules.page_text(facts=replace(FACTS, summary=summary), timezone="UTC").subject
    assert len(subject) == shown
    assert subject.endswith("...") == (length > 160)


def test_a_body_holds_what_fits_and_five_links() -> None:
    links = tuple((f"Link{n}", f"https://x.example/{n}") for n in range(9))
    facts = replace(FACTS, summary="s" * 1200, description="a\n" + "d" * 3000, links=links)
    body = rules.page_text(facts=facts, timezone="UTC").body
    first, *rest = body.splitlines()
    assert len(first) == 1000
    assert [line for line in rest if line.startswith("Link")] == [
        f"Link{n}: https://x.example/{n}" for n in range(5)
    ]
    assert body.endswith("\n\na\n" + "d" * 1995 + "...")


@pytest.mark.parametrize(("alerts", "said"), [(1, False), (2, True)])
def test_how_many_alerts_there_are_is_said_of_more_than_one(alerts: int, said: bool) -> None:
    text = rules.page_text(facts=replace(FACTS, alerts=alerts), timezone="UTC")
    assert (f"Alerts so far: {alerts}" in text.body) == said
