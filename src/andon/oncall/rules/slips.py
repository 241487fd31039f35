"""What is asked about an override before it is made: allowed, and often a slip."""

from collections.abc import Mapping
from datetime import datetime

from andon.core.periods import Period
from andon.oncall.rules.working_hours import say_instant
from andon.oncall.types import Doubt, Override, Rota


def doubts(
    *,
    rota: Rota,
    person: str,
    period: Period,
    replaces: str | None,
    is_stranger: bool,
    names: Mapping[str, str],
    timezone: str,
) -> tuple[Doubt, ...]:
    """Return what somebody should look at again, in words, with times in their zone.

    `is_stranger` says that the person is in none of the teams the rota answers for. Somebody who
    takes turns on it is none.
    """
    found = [
        Doubt(f"overlap-{one.id}", _say_overlap(one, names, timezone))
        for one in rota.overrides
        if one.person != person
        and one.period.overlaps(period)
        and replaces in (None, one.replaces, one.person)
    ]
    turns = {name for one in rota.versions for name in one.rotation.participants}
    if is_stranger and person not in turns:
        whose = f"team {rota.team}" if rota.team else f"domain {rota.domain}"
        words = (
            f"{names.get(person, person)} is not in {whose} and takes no turns on this rota: "
            "do they know its services?"
        )
        found.append(Doubt("stranger", words))
    return tuple(found)


def _say_overlap(one: Override, names: Mapping[str, str], timezone: str) -> str:
    def say(at: datetime) -> str:
        return say_instant(at, timezone)

    return (
        f"{names.get(one.person, one.person)} takes this rota already, from "
        f"{say(one.period.starts_at)} to {say(one.period.ends_at)} ({one.reason}). Where both "
        "overlap the newer one counts."
    )
