"""On what nobody declared an expected loss rests, said in the sentence that holds the figure."""

from collections.abc import Collection, Sequence

from andon.core.money import Money, about
from andon.core.words import say_exactly
from andon.planning.rules.exact import times_a_year
from andon.planning.types import Guess, Insured

_NOBODY = "which nobody has declared"


def proviso(*, service: Insured) -> str:
    """Return `if it fails 12 times a year, which nobody has declared`; empty when all is known."""
    guessed = _guessed(service, service.guessed)
    return f"if it {guessed}, {_NOBODY}" if guessed else ""


def proviso_of(*, services: Sequence[Insured]) -> str:
    """Return the same for the sum over services, of which some may be known."""
    held = [one for one in services if one.guessed]
    said = {_guessed(one, one.guessed) for one in held}
    if not held:
        return ""
    whom = "each service" if len(held) == len(services) else f"each of {len(held):,} services"
    guessed = said.pop() if len(said) == 1 else "fails as often and as long as Andon assumes"
    return f"if {whom} {guessed}, {_NOBODY}"


def expected(*, amount: Money, proviso: str) -> str:
    """Return an expected loss in a sentence: `about GBP 40 million if ...` where it is a guess."""
    return f"{shown(amount=amount, proviso=proviso)} {proviso}".rstrip()


def shown(*, amount: Money, proviso: str) -> str:
    """Return an expected loss in a table whose caption says the proviso."""
    return about(amount) if proviso else str(amount)


def _guessed(service: Insured, guessed: Collection[Guess]) -> str:
    parts = []
    if Guess.HOW_OFTEN in guessed:
        parts.append(f"fails {times_a_year(service.incidents_per_year)}")
    if Guess.HOW_LONG in guessed:
        parts.append(f"is down for {say_exactly(service.time_to_restore)} each time")
    return " and ".join(parts)
