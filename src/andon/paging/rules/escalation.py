"""Who is paged next, and when the step after that is due."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from andon.catalogue.types import EscalationPolicy, EscalationStep, EscalationTarget
from andon.core.words import say_list, say_span
from andon.paging.types import Advance, Crew, PagePolicy
from andon.people.types import Person

#: How long a ticket waits for somebody to take it.
TICKET_WAIT = timedelta(days=1)
#: An unanswered page is taken round again after the first of these; the pauses grow to the second.
#: Products that stop after some repeats are known for incidents that nobody works on; those that go
#: on every few minutes, for people who switch their phones off.
_ROUND, _LONGEST_ROUND = timedelta(minutes=5), timedelta(minutes=30)

#: Before a page's first step.
_NOBODY_YET: Mapping[int, Collection[str]] = MappingProxyType({})

_TARGETS = {
    EscalationTarget.ON_CALL: "on call for",
    EscalationTarget.NEXT_ON_CALL: "next on call for",
    EscalationTarget.EVERYONE: "everyone of",
}


def escalate(
    *,
    policy: EscalationPolicy,
    step: int,
    crew: Crew | None,
    people: Mapping[str, Person],
    told: bool,
    asked: Mapping[int, Collection[str]] = _NOBODY_YET,
) -> Advance:
    """Return whom the next step that reaches somebody pages, or that the policy is exhausted.

    `step` is the step whose turn it is, counted over all rounds, `asked` whom each step before it
    paged. `people` holds those who still work here, `told` says whether any message of the page has
    left. A step without anybody, or whose people have no usable contact, is skipped at once:
    waiting for someone who was never told only loses time.
    """
    skipped: list[str] = []
    unreachable = ""
    count = len(policy.steps)
    for number in range(step, count * (policy.repeats + 1)):
        current = policy.steps[number % count]
        name = _step_name(number, count)
        wanted = _wanted(current, crew)
        late = _passed_over(policy, number, crew, people, asked)
        wanted = (late,) if late else wanted
        reached = tuple(slug for slug in wanted if slug in people and people[slug].contacts)
        if reached:
            return Advance(
                step=number,
                people=reached,
                next_step=number + 1,
                wait=current.wait,
                reason=_say(name, _role(current, crew, late=late), reached, current.wait, people),
                skipped=tuple(skipped),
                unreachable=unreachable,
                again=_say_again(number // count, told=told),
            )
        skipped.append(f"{name}: {_why_nobody(current, wanted, crew, people)}")
        unreachable = unreachable or (skipped[-1] if wanted else "")
    return Advance(
        step=None,
        people=(),
        next_step=max(step, count * (policy.repeats + 1)),
        wait=timedelta(),
        reason=_say_used_up(step=step, told=told),
        skipped=tuple(skipped),
        unreachable=unreachable,
    )


def ask_again(
    *,
    policy: EscalationPolicy,
    crew: Crew | None,
    people: Mapping[str, Person],
    told: bool,
    waited: timedelta,
) -> Advance:
    """Return whom an unanswered page asks once more, all at once, and when it does so again.

    `waited` is how long it has been unanswered, `told` whether any message of it has left.
    """
    wanted = _everybody(policy, crew, people)
    reached = tuple(slug for slug in wanted if people[slug].contacts or people[slug].marked)
    so_far = f"{say_span(waited)} after the last step"
    why = f"{'Nobody has acknowledged' if told else 'Nobody could be told'} {so_far}"
    whom = f"asking {_names(reached, people)} once more" if reached else "nobody can be reached"
    wait = round_wait(waited=waited)
    return Advance(
        step=None,
        people=reached,
        next_step=0,
        wait=wait,
        reason=f"{why}: {whom}, again in {say_span(wait)}",
        again=why[:1].lower() + why[1:],
    )


def last_resort(
    *, policy: EscalationPolicy, crew: Crew | None, people: Mapping[str, Person]
) -> tuple[tuple[str, ...], str]:
    """Return whom a page tries that has used up its policy, at refused addresses, and why.

    A mail server that has lost its directory refuses everybody for a while. What it said of an
    address then must not keep pages from it for ever.
    """
    tried = tuple(
        slug
        for slug in _everybody(policy, crew, people)
        if people[slug].marked and not people[slug].contacts
    )
    if not tried:
        return (), ""
    has = "has" if len(tried) == 1 else "have"
    return tried, (
        f"{_names(tried, people)} {has} no address that was not refused before: tried all the same"
    )


def round_wait(*, waited: timedelta, ticket: bool = False) -> timedelta:
    """Return the pause before a page that has been unanswered for so long is taken round again."""
    if ticket:
        return TICKET_WAIT
    return min(max(waited, _ROUND), _LONGEST_ROUND)


def ticket_policy(*, policy: EscalationPolicy) -> EscalationPolicy:
    """Return the policy of a ticket: whoever is asked first has a day, and nobody is asked after.

    One that nobody took in that time is UNANSWERED like any page: told to the fallback contact.
    """
    return EscalationPolicy(steps=(replace(policy.steps[0], wait=TICKET_WAIT),), repeats=0)


def adopt(*, policy: EscalationPolicy, kept: PagePolicy) -> PagePolicy:
    """Return the policy that a page goes by from now on; where the page is in it stays."""
    return replace(kept, steps=policy.steps, repeats=policy.repeats)


def _everybody(
    policy: EscalationPolicy, crew: Crew | None, people: Mapping[str, Person]
) -> list[str]:
    """Return all whom a policy names and who still work here, each once."""
    wanted = dict.fromkeys(slug for step in policy.steps for slug in _wanted(step, crew))
    return [slug for slug in wanted if slug in people]


def _say_again(rounds: int, *, told: bool) -> str:
    so_far = "nobody has acknowledged so far" if told else "nobody could be told so far"
    return f"round {rounds + 1}, {so_far}" if rounds else ""


def _say_used_up(*, step: int, told: bool) -> str:
    why = (
        "Nobody could be told, no message is known to have left"
        if step
        else "Nobody could be reached"
    )
    return (
        f"{'Nobody acknowledged' if told else why}: every step of the escalation policy is used up"
    )


def _wanted(step: EscalationStep, crew: Crew | None) -> tuple[str, ...]:
    if crew is None:
        return ()
    if step.target is EscalationTarget.EVERYONE:
        return crew.everyone
    one = crew.on_call if step.target is EscalationTarget.ON_CALL else crew.next_on_call
    if one is not None:
        return (one,)
    # A team without a rota has no order: whoever is asked for, all of them are.
    return crew.everyone if crew.rota is None and step.target is EscalationTarget.ON_CALL else ()


def _passed_over(
    policy: EscalationPolicy,
    number: int,
    crew: Crew | None,
    people: Mapping[str, Person],
    asked: Mapping[int, Collection[str]],
) -> str:
    """Return who is on call now, when a step would ask who is next and nobody has asked them.

    Between two steps a turn can be handed over, an override begin or end, and a person leave. The
    next one is then next to somebody whom this round has not asked. Empty when nobody is passed
    over, or they cannot be reached: then the next one is asked.
    """
    count = len(policy.steps)
    if crew is None or policy.steps[number % count].target is not EscalationTarget.NEXT_ON_CALL:
        return ""
    before = range(number - number % count, number)
    began = any(policy.steps[one % count].target is EscalationTarget.ON_CALL for one in before)
    so_far = {slug for one in before for slug in asked.get(one, ())}
    now = crew.on_call
    if not began or not so_far or now is None or now in so_far:
        return ""
    return now if now in people and people[now].contacts else ""


def _step_name(number: int, count: int) -> str:
    again = number // count
    return f"Step {number % count + 1} of {count}" + (f", round {again + 1}" if again else "")


def _say(
    name: str,
    role: str,
    reached: tuple[str, ...],
    wait: timedelta,
    people: Mapping[str, Person],
) -> str:
    return (
        f"{name}: paging {_names(reached, people)} ({role}); the next step follows in "
        f"{say_span(wait)} unless somebody acknowledges"
    )


def _role(step: EscalationStep, crew: Crew | None, *, late: str) -> str:
    label = crew.label if crew else "nobody"
    if crew is not None and crew.rota is None:
        return label
    if late:
        return f"on call for {label} now, and not asked before"
    return f"{_TARGETS[step.target]} {label}"


def _why_nobody(
    step: EscalationStep, wanted: tuple[str, ...], crew: Crew | None, people: Mapping[str, Person]
) -> str:
    if wanted:
        gone = [slug for slug in wanted if slug not in people]
        if len(gone) == len(wanted):
            return f"{_names(wanted, people)} no longer works here; skipped at once"
        return f"{_names(wanted, people)} cannot be reached: no usable contact; skipped at once"
    if crew is None:
        return "there is nobody to ask; skipped at once"
    if step.target is EscalationTarget.NEXT_ON_CALL:
        return f"{crew.label} has nobody else to ask; skipped at once"
    return f"{crew.label} has nobody on call; skipped at once"


def _names(slugs: tuple[str, ...], people: Mapping[str, Person]) -> str:
    return say_list(people[slug].name if slug in people else slug for slug in slugs)
