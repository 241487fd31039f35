"""Whom each step pages, whom it skips, and where it ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.catalogue.types import EscalationPolicy, EscalationStep, EscalationTarget
from andon.paging import rules
from andon.paging.types import Crew
from andon.people.types import Contact, Person

FIVE = timedelta(minutes=5)
POLICY = EscalationPolicy()
CREW = Crew("rota shop", "shop", "shop", "ann", "ben", ("ann", "ben", "cat"))


def person(slug: str, *, reachable: bool = True) -> Person:
    contacts = (Contact("email", f"{slug}@example.org"),) if reachable else ()
    return Person(ord(slug[0]), slug, slug.title(), "Europe/London", contacts)


PEOPLE = {slug: person(slug) for slug in ("ann", "ben", "cat")}


@pytest.mark.parametrize(
    ("step", "people", "reason"),
    [
        (0, ("ann",), "Step 1 of 3: paging Ann (on call for rota shop)"),
        (1, ("ben",), "Step 2 of 3: paging Ben (next on call for rota shop)"),
        (2, ("ann", "ben", "cat"), "Step 3 of 3: paging Ann, Ben and Cat (everyone of rota shop)"),
        (3, ("ann",), "Step 1 of 3, round 2: paging Ann (on call for rota shop)"),
    ],
)
def test_steps_run_in_order_and_again(step: int, people: tuple[str, ...], reason: str) -> None:
    found = rules.escalate(policy=POLICY, step=step, crew=CREW, people=PEOPLE, told=True)
    assert (found.people, found.next_step, found.wait) == (people, step + 1, FIVE)
    assert found.reason == (
        f"{reason}; the next step follows in 5 min unless somebody acknowledges"
    )
    assert found.skipped == ()


def test_after_the_last_round_the_policy_is_used_up() -> None:
    found = rules.escalate(policy=POLICY, step=6, crew=CREW, people=PEOPLE, told=True)
    assert found.step is None
    assert found.reason == "Nobody acknowledged: every step of the escalation policy is used up"


@pytest.mark.parametrize(
    ("crew", "people", "skipped"),
    [
        (CREW, {**PEOPLE, "ann": person("ann", reachable=False)},
         "Step 1 of 3: Ann cannot be reached: no usable contact; skipped at once"),
        (CREW, {"ben": PEOPLE["ben"]}, "Step 1 of 3: ann no longer works here; skipped at once"),
        (replace(CREW, on_call=None), PEOPLE,
         "Step 1 of 3: rota shop has nobody on call; skipped at once"),
    ],
)  # fmt: skip
def test_a_step_that_reaches_nobody_is_skipped_at_once(
    crew: Crew, people: dict[str, Person], skipped: str
) -> None:
    found = rules.escalate(policy=POLICY, step=0, crew=crew, people=people, told=True)
    assert (found.step, found.people) == (1, ("ben",))
    assert found.skipped == (skipped,)
    assert found.unreachable == (skipped if crew.on_call else "")


def test_a_team_without_a_rota_is_paged_whole_and_has_no_next() -> None:
    team = Crew("everyone in Team Shop", None, "shop", None, None, ("ann", "ben"))
    first = rules.escalate(policy=POLICY, step=0, crew=team, people=PEOPLE, told=True)
    assert first.people == ("ann", "ben")
    second = rules.escalate(policy=POLICY, step=1, crew=team, people=PEOPLE, told=True)
    assert (second.step, second.people) == (2, ("ann", "ben"))


def test_nobody_at_all_ends_at_once() -> None:
    found = rules.escalate(policy=POLICY, step=0, crew=None, people={}, told=True)
    assert found.step is None
    assert len(found.skipped) == 6


STEPS = st.lists(st.sampled_from(EscalationTarget), min_size=1, max_size=5)


@given(targets=STEPS, repeats=st.integers(0, 3), known=st.sets(st.sampled_from(sorted(PEOPLE))))
def test_every_policy_ends_and_never_goes_back(
    targets: list[EscalationTarget], repeats: int, known: set[str]
) -> None:
    policy = EscalationPolicy(tuple(EscalationStep(one, FIVE) for one in targets), repeats)
    people = {slug: PEOPLE[slug] for slug in known}
    step, turns = 0, 0
    while True:
        found = rules.escalate(policy=policy, step=step, crew=CREW, people=people, told=True)
        if found.step is None:
            break
        assert found.people
        assert set(found.people) <= known
        assert found.next_step > found.step >= step
        step, turns = found.next_step, turns + 1
    assert turns <= len(targets) * (repeats + 1)


def turns(policy: EscalationPolicy, crew: Crew = CREW) -> list[tuple[int, tuple[str, ...]]]:
    """Run a policy to its end: each step that pages, and whom."""
    step, found = 0, []
    while True:
        turn = rules.escalate(policy=policy, step=step, crew=crew, people=PEOPLE, told=True)
        if turn.step is None:
            assert turn.next_step == len(policy.steps) * (policy.repeats + 1)
            return found
        found.append((turn.step, turn.people))
        step = turn.next_step


ON_CALL, NEXT, EVERYONE = EscalationTarget
ANN, BEN, ALL = ("ann",), ("ben",), ("ann", "ben", "cat")


@pytest.mark.parametrize(
    ("targets", "repeats", "paged"),
    [
        ([ON_CALL], 0, [ANN]),
        ([ON_CALL], 1, [ANN, ANN]),
        ([ON_CALL], 3, [ANN, ANN, ANN, ANN]),
        ([ON_CALL, NEXT], 0, [ANN, BEN]),
        ([ON_CALL, NEXT], 1, [ANN, BEN, ANN, BEN]),
        ([ON_CALL, NEXT, EVERYONE], 0, [ANN, BEN, ALL]),
        ([ON_CALL, NEXT, EVERYONE], 1, [ANN, BEN, ALL, ANN, BEN, ALL]),
        ([NEXT, ON_CALL], 2, [BEN, ANN, BEN, ANN, BEN, ANN]),
    ],
)
def test_r81_a_policy_repeats_as_often_as_it_says(
    targets: list[EscalationTarget], repeats: int, paged: list[tuple[str, ...]]
) -> None:
    policy = EscalationPolicy(tuple(EscalationStep(one, FIVE) for one in targets), repeats)
    assert turns(policy) == list(enumerate(paged))


@given(targets=STEPS, repeats=st.integers(0, 9))
def test_n_steps_and_r_repeats_page_n_times_r_plus_1_in_order(
    targets: list[EscalationTarget], repeats: int
) -> None:
    policy = EscalationPolicy(tuple(EscalationStep(one, FIVE) for one in targets), repeats)
    whom = {ON_CALL: ANN, NEXT: BEN, EVERYONE: ALL}
    expected = [whom[one] for _ in range(repeats + 1) for one in targets]
    assert turns(policy) == list(enumerate(expected))


@pytest.mark.parametrize(
    ("step", "told", "why"),
    [
        (6, True, "Nobody acknowledged"),
        (6, False, "Nobody could be told, no message is known to have left"),
        (0, False, "Nobody could be reached"),
    ],
)
def test_r83_nobody_counts_as_asked_whom_nothing_reached(step: int, told: bool, why: str) -> None:
    found = rules.escalate(policy=POLICY, step=step, crew=None, people={}, told=told)
    assert found.reason == f"{why}: every step of the escalation policy is used up"


def test_an_unanswered_page_asks_everybody_of_its_policy_at_once() -> None:
    ten = timedelta(minutes=10)
    found = rules.ask_again(policy=POLICY, crew=CREW, people=PEOPLE, told=True, waited=ten)
    assert found.people == ("ann", "ben", "cat")
    assert found.wait == ten
    assert found.reason == (
        "Nobody has acknowledged 10 min after the last step: asking Ann, Ben and Cat once more, "
        "again in 10 min"
    )
    silent = rules.ask_again(policy=POLICY, crew=None, people={}, told=False, waited=ten)
    assert silent.people == ()
    assert silent.reason == (
        "Nobody could be told 10 min after the last step: nobody can be reached, again in 10 min"
    )


def test_the_pauses_of_an_unanswered_page_grow_to_half_an_hour() -> None:
    waited, pauses = timedelta(), []
    for _ in range(8):
        pauses.append(rules.round_wait(waited=waited) // timedelta(minutes=1))
        waited += rules.round_wait(waited=waited)
    assert pauses == [5, 5, 10, 20, 30, 30, 30, 30]
    assert rules.round_wait(waited=timedelta(), ticket=True) == timedelta(days=1)


@pytest.mark.parametrize(
    ("many", "names"),
    [
        (1, "Ann"),
        (2, "Ann and Ben"),
        (5, "Ann, Ben, Cat, Dan and Eve"),
        (6, "Ann, Ben, Cat, Dan and 2 others"),
    ],
)
def test_up_to_five_people_are_named(many: int, names: str) -> None:
    crew = tuple(("ann", "ben", "cat", "dan", "eve", "fay")[:many])
    team = Crew("everyone in Team Shop", None, "shop", None, None, crew)
    people = {slug: person(slug) for slug in crew}
    found = rules.escalate(policy=POLICY, step=0, crew=team, people=people, told=True)
    assert f"paging {names} (everyone in Team Shop)" in found.reason


@pytest.mark.parametrize(("step", "after"), [(0, 6), (5, 6), (6, 6), (9, 9)])
def test_a_policy_that_is_used_up_goes_on_behind_its_last_step(step: int, after: int) -> None:
    found = rules.escalate(policy=POLICY, step=step, crew=None, people={}, told=True)
    assert (found.step, found.next_step) == (None, after)


def test_a_ticket_asks_whoever_comes_first_once() -> None:
    policy = EscalationPolicy(
        (EscalationStep(EscalationTarget.NEXT_ON_CALL, FIVE), *POLICY.steps), repeats=3
    )
    ticket = rules.ticket_policy(policy=policy)
    assert turns(ticket) == [(0, BEN)]
    assert [one.wait for one in ticket.steps] == [timedelta(days=1)]


def test_asking_once_more_leaves_out_who_left_and_who_cannot_be_reached() -> None:
    people = {"ben": person("ben", reachable=False), "cat": person("cat")}
    waited = timedelta(minutes=5)
    found = rules.ask_again(policy=POLICY, crew=CREW, people=people, told=True, waited=waited)
    assert found.people == ("cat",)


@pytest.mark.parametrize(
    ("now", "asked", "people", "whom", "role"),
    [
        # Ann was asked, then Ben took over: Cat is next, and Ben would be passed over.
        (("ben", "cat"), {0: ("ann",)}, PEOPLE, BEN, "on call for rota shop now, and not asked"),
        (("ann", "ben"), {0: ("ann",)}, PEOPLE, BEN, "next on call for rota shop"),
        # Ben has no address: the next one is asked, as ever.
        (("ben", "cat"), {0: ("ann",)}, {**PEOPLE, "ben": person("ben", reachable=False)},
         ("cat",), "next on call for rota shop"),
        # The step before was skipped: nobody was asked in place of anybody.
        (("ben", "cat"), {}, PEOPLE, ("cat",), "next on call for rota shop"),
    ],
)  # fmt: skip
def test_whoever_is_on_call_now_is_not_passed_over_by_who_is_next(
    now: tuple[str, str],
    asked: dict[int, tuple[str, ...]],
    people: dict[str, Person],
    whom: tuple[str, ...],
    role: str,
) -> None:
    crew = replace(CREW, on_call=now[0], next_on_call=now[1])
    found = rules.escalate(policy=POLICY, step=1, crew=crew, people=people, told=True, asked=asked)
    assert found.people == whom
    assert role in found.reason


def test_a_policy_that_asks_the_next_first_passes_over_nobody() -> None:
    policy = EscalationPolicy((EscalationStep(NEXT, FIVE), EscalationStep(ON_CALL, FIVE)))
    found = rules.escalate(policy=policy, step=0, crew=CREW, people=PEOPLE, told=True, asked={})
    assert found.people == BEN


def test_every_round_is_judged_by_itself() -> None:
    """In round one Cat was on call and Ann next; in round two Ben was asked, then Cat took over."""
    crew = replace(CREW, on_call="cat", next_on_call="ann")
    asked = {0: ("cat",), 1: ("ann",), 2: ("ann", "ben", "cat"), 3: ("ben",)}
    found = rules.escalate(policy=POLICY, step=4, crew=crew, people=PEOPLE, told=True, asked=asked)
    assert found.people == ("cat",)


def marked(slug: str) -> Person:
    address = Contact("email", f"{slug}@example.org")
    return replace(person(slug, reachable=False), marked=(address,))


@pytest.mark.parametrize(
    ("refused", "tried", "why"),
    [
        ((), (), ""),
        (
            ("ann",),
            ("ann",),
            "Ann has no address that was not refused before: tried all the same",
        ),
        (
            ("ann", "cat"),
            ("ann", "cat"),
            "Ann and Cat have no address that was not refused before: tried all the same",
        ),
    ],
)
def test_refused_addresses_are_tried_of_whom_nothing_else_is_left(
    refused: tuple[str, ...], tried: tuple[str, ...], why: str
) -> None:
    people = PEOPLE | {slug: marked(slug) for slug in refused}
    assert rules.last_resort(policy=POLICY, crew=CREW, people=people) == (tried, why)


def test_an_address_that_was_refused_is_not_tried_beside_one_that_was_not() -> None:
    both = replace(marked("ann"), contacts=PEOPLE["ann"].contacts)
    found = rules.last_resort(policy=POLICY, crew=CREW, people={"ann": both})
    assert found == ((), "")


@pytest.mark.parametrize(
    ("step", "told", "again"),
    [
        (2, True, ""),
        (3, True, "round 2, nobody has acknowledged so far"),
        (3, False, "round 2, nobody could be told so far"),
    ],
)
def test_a_message_of_a_later_round_says_why_it_is_asked_again(
    step: int, told: bool, again: str
) -> None:
    found = rules.escalate(policy=POLICY, step=step, crew=CREW, people=PEOPLE, told=told)
    assert found.again == again


def test_once_more_begins_anew_and_says_for_how_long_nobody_has() -> None:
    waited = timedelta(seconds=90)
    found = rules.ask_again(policy=POLICY, crew=CREW, people=PEOPLE, told=True, waited=waited)
    assert (found.step, found.next_step) == (None, 0)
    assert found.again == "nobody has acknowledged 1 min 30 s after the last step"


def test_a_step_for_which_there_is_nobody_says_so() -> None:
    found = rules.escalate(policy=POLICY, step=0, crew=None, people={}, told=False)
    assert found.skipped[0] == "Step 1 of 3: there is nobody to ask; skipped at once"
