"""Guessing is slowed; nobody is kept out of their own account by a stranger's guesses."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from andon.people import rules
from andon.people.types import SignInTry
from tests.rules.people.test_sign_in import AWAY, HOME, NOW, wait

TRIES = st.lists(
    st.builds(
        SignInTry,
        at=st.integers(-2000, 0).map(lambda s: NOW + timedelta(seconds=s)),
        name=st.sampled_from(["ann", "ben"]),
        network=st.sampled_from([HOME, AWAY]),
        device=st.sampled_from(["", "d1"]),
    ),
    max_size=80,
)


@given(TRIES)
def test_who_waits_until_the_end_of_the_wait_may_try_again(known: list[SignInTry]) -> None:
    for device in ("", "d1"):
        found = wait(known, device=device)
        if found is None:
            continue
        assert NOW < found.until <= NOW + rules.WINDOW
        later = rules.sign_in_wait(
            tries=known, name="ann", network=AWAY, device=device, now=found.until
        )
        assert later is None or later.until > found.until


@given(TRIES)
def test_what_strangers_do_never_counts_against_a_known_browser(known: list[SignInTry]) -> None:
    own = [one for one in known if one.device == "d1" and one.name == "ann"]
    assert wait(known, device="d1") == wait(own, device="d1")
