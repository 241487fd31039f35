"""Whatever transports say, and whenever: an open page that nobody has taken has a next act."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import EscalationPolicy
from andon.paging import rules
from andon.paging.rules import delivery
from andon.paging.rules.delivery import Fail, Retry, Treatment
from andon.paging.types import Crew, Fault, TransportError
from andon.people.types import Contact, Person

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
CREW = Crew("rota shop", "shop", "shop", "ann", "ben", ("ann", "ben"))
KINDS = ("email", "ntfy", "webhook")
ADDRESSES = ("ann@example.org", "https://ntfy.example/ann", "https://hook.example/ann")

#: What a transport may come to: None is a message handed over.
OUTCOMES = st.one_of(
    st.none(),
    st.builds(
        TransportError,
        st.just("no"),
        fault=st.sampled_from(Fault),
        unknown=st.booleans(),
        retry_after=st.one_of(st.none(), st.floats(0, 7200)),
    ),
)


@dataclass
class Message:
    uid: str
    kind: str
    step: int
    created_at: datetime
    next_at: datetime | None
    attempts: int = 0
    unknowns: int = 0
    sent: bool = False


@dataclass
class Page:
    """A page as the rules alone would have it: steps, rounds and messages, without a database."""

    now: datetime = NOW
    step: int = 0
    unanswered_at: datetime | None = None
    next_at: datetime | None = NOW
    messages: list[Message] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)

    def people(self) -> dict[str, Person]:
        usable = [
            Contact(kind, address)
            for kind, address in zip(KINDS, ADDRESSES, strict=True)
            if str(kind) not in self.faulty
        ]
        return {
            slug: Person(n, slug, slug.title(), "Europe/London", tuple(usable))
            for n, slug in enumerate(("ann", "ben"), start=1)
        }

    def act(self) -> None:
        """Do what is due at this instant: the next step, or one more round."""
        told = any(one.sent for one in self.messages)
        people = self.people()
        if self.unanswered_at is not None:
            again = rules.ask_again(
                policy=EscalationPolicy(), crew=CREW, people=people, told=told,
                waited=self.now - self.unanswered_at,
            )  # fmt: skip
            self.step += 1
            self.next_at = self.now + again.wait
            self._tell(again.people, people)
            return
        found = rules.escalate(
            policy=EscalationPolicy(), step=self.step, crew=CREW, people=people, told=told
        )
        if found.step is None:
            self.unanswered_at = self.now
            self.next_at = self.now + rules.round_wait(waited=timedelta())
            if not told:
                assert "acknowledged" not in found.reason, "nobody counts as asked"
            return
        self.step, self.next_at = found.next_step, self.now + found.wait
        self._tell(found.people, people)

    def _tell(self, slugs: tuple[str, ...], people: dict[str, Person]) -> None:
        self.messages += [
            Message(f"{self.step}{slug}{one.kind}", str(one.kind), self.step, self.now, self.now)
            for slug in slugs
            for one in people[slug].contacts
        ]

    def attempt(self, one: Message, outcome: TransportError | None) -> None:
        """Let a transport make this of a message whose turn has come."""
        ruling = delivery.rule(
            purpose="page", page_state="unanswered" if self.unanswered_at else "paging",
            state="pending", unknowns=one.unknowns, created_at=one.created_at, now=self.now,
        )  # fmt: skip
        if ruling.turn is Treatment.FAIL:
            one.next_at = None
            self._hasten(one)
            return
        if ruling.turn is Treatment.AFRESH:
            one.created_at, one.attempts = self.now, 0
        one.attempts += 1
        if outcome is None:
            one.sent, one.next_at = True, None
            return
        decision = delivery.next_attempt(
            uid=one.uid, kind=one.kind, purpose="page", attempts=one.attempts,
            unknowns=one.unknowns, error=outcome, now=self.now, created_at=one.created_at,
        )  # fmt: skip
        one.unknowns += outcome.unknown
        if isinstance(decision, Retry):
            assert decision.at > self.now
            one.next_at = decision.at
            return
        assert isinstance(decision, Fail)
        one.next_at = None
        if decision.blames_contact:
            assert outcome.fault is Fault.RECIPIENT
            self.faulty.add(one.kind)
        if decision.hastens:
            assert outcome.fault not in (Fault.INSTALLATION, Fault.MESSAGE)
            self._hasten(one)

    def _hasten(self, failed: Message) -> None:
        alive = any(
            one.step >= failed.step and (one.sent or one.next_at is not None)
            for one in self.messages
        )
        if not alive and self.unanswered_at is None and self.next_at is not None:
            self.next_at = min(self.next_at, self.now)


@settings(max_examples=100, deadline=None)
@given(
    outcomes=st.lists(OUTCOMES, min_size=1, max_size=60),
    pauses=st.lists(st.integers(0, 7200), min_size=1, max_size=60),
)
def test_an_open_page_that_nobody_has_taken_always_has_a_next_act(
    outcomes: list[TransportError | None], pauses: list[int]
) -> None:
    page, turn = Page(), 0
    for number in range(120):
        assert page.next_at is not None
        assert page.next_at <= page.now + timedelta(minutes=30), "never further away than a round"
        if page.next_at <= page.now:
            page.act()
        for one in [m for m in page.messages if m.next_at is not None and m.next_at <= page.now]:
            page.attempt(one, outcomes[turn % len(outcomes)])
            turn += 1
        dues = [one.next_at for one in page.messages if one.next_at is not None]
        soonest = min([page.next_at, *dues])
        late = timedelta(seconds=pauses[number % len(pauses)] if number % 7 == 0 else 0)
        page.now = max(page.now, soonest) + late


@settings(max_examples=25, deadline=None)
@given(fault=st.sampled_from([Fault.INSTALLATION, Fault.MESSAGE]), minutes=st.integers(1, 90))
def test_what_only_we_can_mend_changes_nothing_in_the_pace_of_a_policy(
    fault: Fault, minutes: int
) -> None:
    """Three steps, two rounds, five minutes each: not a second sooner because nothing leaves."""
    page = Page()
    error = TransportError("554 closed", fault=fault)
    end = NOW + timedelta(minutes=minutes)
    steps: list[datetime] = []
    while page.now <= end:
        if page.next_at is not None and page.next_at <= page.now:
            steps.append(page.now)
            page.act()
        for one in [m for m in page.messages if m.next_at is not None and m.next_at <= page.now]:
            page.attempt(one, error)
        page.now += timedelta(seconds=30)
    assert all(one.next_at is not None for one in page.messages), "everything is still tried"
    assert not page.faulty
    policy = [at for at in steps if at < NOW + timedelta(minutes=30)]
    assert policy == [NOW + timedelta(minutes=5 * n) for n in range(len(policy))]
    assert (page.unanswered_at is not None) == (minutes >= 30)
