"""A sender speaks for its own alert: what that comes to for the page it is on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.paging import rules
from andon.paging.types import UNTAKEN_STATES, Claim, PageState

HELD, PAGING, UNANSWERED, ACKNOWLEDGED, RESOLVED = PageState


def claim(
    state: PageState, alerts: int, acknowledged: int, *, by_sender: bool = False, news: bool = True
) -> Claim:
    return rules.claim(
        state=state, by_sender=by_sender, alerts=alerts, acknowledged=acknowledged, news=news
    )


@pytest.mark.parametrize("state", UNTAKEN_STATES)
def test_a_page_is_taken_only_when_every_alert_is_acknowledged(state: PageState) -> None:
    assert claim(state, 3, 3) is Claim.TAKE
    assert claim(state, 3, 2) is Claim.GO_ON
    assert claim(state, 3, 2, news=False) is Claim.NOTHING
    assert claim(state, 3, 0) is Claim.NOTHING
    assert claim(state, 0, 0) is Claim.NOTHING


def test_what_only_senders_took_is_paged_again_what_a_person_took_is_not() -> None:
    assert claim(ACKNOWLEDGED, 2, 1, by_sender=True, news=False) is Claim.AGAIN
    assert claim(ACKNOWLEDGED, 2, 2, by_sender=True) is Claim.NOTHING
    assert claim(ACKNOWLEDGED, 2, 1) is Claim.NOTHING
    assert claim(RESOLVED, 2, 2, by_sender=True) is Claim.NOTHING


@given(
    state=st.sampled_from(PageState),
    by_sender=st.booleans(),
    news=st.booleans(),
    counts=st.integers(0, 5).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
)
def test_an_alert_nobody_acknowledged_is_never_left_with_a_sender(
    state: PageState, by_sender: bool, news: bool, counts: tuple[int, int]
) -> None:
    alerts, acknowledged = counts
    found = claim(state, alerts, acknowledged, by_sender=by_sender, news=news)
    waits = state in UNTAKEN_STATES and found is not Claim.TAKE
    senders_have_it = found is Claim.TAKE or (
        state is ACKNOWLEDGED and by_sender and found is not Claim.AGAIN
    )
    if acknowledged < alerts:
        assert not senders_have_it
    assert waits or senders_have_it or state in (ACKNOWLEDGED, RESOLVED)


@pytest.mark.parametrize(
    ("verdict", "state", "keys", "alerts", "acknowledged", "words"),
    [
        (Claim.GO_ON, PAGING, ["PagerDuty key x"], 3, 1,
         ("PagerDuty key x acknowledged 1 of 3 alerts; nobody has acknowledged the other 2: "
         "paging goes on")),
        (Claim.GO_ON, HELD, ["a", "b"], 3, 2,
         ("a and b acknowledged 2 of 3 alerts; nobody has acknowledged the other: "
         "the page stays held")),
        (Claim.GO_ON, UNANSWERED, ["a"], 2, 1,
         ("a acknowledged 1 of 2 alerts; nobody has acknowledged the other: "
         "the page stays unanswered")),
        (Claim.TAKE, PAGING, ["a"], 1, 1,
         "a acknowledged its alert: everything pending is cancelled"),
        (Claim.TAKE, HELD, ["a", "b", "c", "d", "e"], 5, 5,
         "a, b, c, d and e acknowledged all 5 alerts: everything pending is cancelled"),
        (Claim.AGAIN, ACKNOWLEDGED, ["a"], 2, 1,
         ("a acknowledged 1 of 2 alerts; nobody has acknowledged the other: "
         "the page is decided anew, from the first step")),
        (Claim.AGAIN, ACKNOWLEDGED, [], 2, 0,
         ("No sender acknowledges any of the 2 alerts any more: "
         "the page is decided anew, from the first step")),
    ],
)  # fmt: skip
def test_what_is_said(
    verdict: Claim, state: PageState, keys: list[str], alerts: int, acknowledged: int, words: str
) -> None:
    said = rules.say_claim(
        verdict=verdict, state=state, keys=keys, alerts=alerts, acknowledged=acknowledged
    )
    assert said == words


def test_senders_are_called_by_their_keys() -> None:
    names = [rules.say_key(kind=kind, name="prod") for kind in ("pagerduty", "generic")]
    assert names == ["PagerDuty key prod", "generic key prod"]
    assert rules.say_sender(keys=names[:1]) == "the sender (PagerDuty key prod)"
    assert rules.say_sender(keys=names) == "the senders (PagerDuty key prod and generic key prod)"


def test_a_new_page_that_senders_have_says_why_it_calls_nobody() -> None:
    said = [rules.say_taken_at_once(keys=["a", "b", "c"][:n], alerts=n) for n in (1, 3)]
    assert said == [
        "a acknowledged the alert before anybody was paged: nobody is called",
        "a, b and c acknowledged all 3 alerts before anybody was paged: nobody is called",
    ]
