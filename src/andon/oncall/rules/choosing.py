"""Which rota answers for a team or a domain, in or out of working hours, and so when each one does.

One order of precedence for both questions: routing asks which rota answers, everything that shows a
rota asks when it does. Neither can say what the other would not.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from andon.catalogue.types import RotaCovers
from andon.core.periods import Period, subtract
from andon.oncall.rules.working_hours import hours, working_periods
from andon.oncall.types import Answer, Answers, Attendance, Peer, Rota


def answering(
    *,
    rotas: Iterable[Rota],
    working: bool,
    at: datetime,
    team: str | None = None,
    domain: str | None = None,
) -> Rota | None:
    """Return the rota that answers at an instant, or None: the team's own before the domain's.

    A rota made for just these hours goes before one that always answers; then the slug decides, so
    that the same catalogue always gives the same answer. One that is not in force answers nobody.
    """
    fitting = [
        one for one in rotas if _fits(one.covers, working=working) and _peer(one).is_in_force(at)
    ]
    for owned in (
        [one for one in fitting if team is not None and one.team == team],
        [one for one in fitting if domain is not None and one.domain == domain],
    ):
        if owned:
            return min(owned, key=lambda one: _place(one.covers, one.slug))
    return None


def answers_of(
    *,
    own: Peer,
    of_team: bool,
    at_work: Collection[Attendance],
    others: Iterable[Peer] = (),
    is_catch_all: bool = False,
) -> Answers:
    """Return when a rota is asked, from what it and the others of its team or domain declare."""
    tables = tuple(dict.fromkeys(at_work))
    if is_catch_all:
        return Answers(at_work=tables)
    wanted = {
        working: _fits(own.covers, working=working) and (of_team or not working)
        for working in (True, False)
    }
    first = {
        working: tuple(
            one
            for one in others
            if _fits(one.covers, working=working)
            and _place(one.covers, one.slug) < _place(own.covers, own.slug)
            and wanted[working]
        )
        for working in (True, False)
    }
    return Answers(
        in_hours=wanted[True],
        out_of_hours=wanted[False],
        at_work=tables,
        first_in_hours=first[True],
        first_out_of_hours=first[False],
    )


def asked(*, answers: Answers, at: datetime) -> Answer:
    """Return whether a rota is asked at an instant, and why, in words."""
    if answers.always:
        return Answer(True, "it is asked at all hours")
    found = [
        hours(working_hours=one.hours, at=at, holidays=one.holidays) for one in answers.at_work
    ]
    working = all(one.working for one in found)
    reason = next((one.reason for one in found if one.working is working), "nobody has hours here")
    wanted = answers.in_hours if working else answers.out_of_hours
    before = answers.first_in_hours if working else answers.first_out_of_hours
    first = next((one for one in before if one.is_in_force(at)), None)
    if wanted and first is not None:
        return Answer(False, f"{reason}, and rota {first.slug} is asked before it")
    return Answer(wanted, reason)


def answered(*, answers: Answers, period: Period) -> list[Period]:
    """Return the parts of a period in which a rota is asked, in order, each instant once."""
    if answers.always:
        return [period]
    together = at_work(answers=answers, period=period)
    found: list[Period] = []
    if answers.in_hours:
        found += subtract(together, _periods(answers.first_in_hours))
    if answers.out_of_hours:
        outside = subtract([period], together)
        found += subtract(outside, _periods(answers.first_out_of_hours))
    return _joined(sorted(found))


def at_work(*, answers: Answers, period: Period) -> list[Period]:
    """Return the parts of a period in which all those a rota answers for are at work."""
    found = [period] if answers.at_work else []
    for one in answers.at_work:
        theirs = working_periods(working_hours=one.hours, period=period, holidays=one.holidays)
        found = [both for part in found for each in theirs if (both := part.clip(each))]
    return found


def placed(
    *, rotas: Mapping[str, Rota], at_work: Mapping[str, Collection[Attendance]], catch_all: str
) -> dict[str, Rota]:
    """Return rotas that know when they are asked; `rotas` are all there are of a team or domain.

    `at_work` says by rota when those it answers for are at work.
    """
    owned: dict[tuple[str | None, str | None], list[Peer]] = {}
    for one in rotas.values():
        owned.setdefault((one.team, one.domain), []).append(_peer(one))
    return {
        slug: replace(
            one,
            answers=answers_of(
                own=_peer(one),
                of_team=one.domain is None,
                at_work=at_work[slug],
                others=owned[one.team, one.domain],
                is_catch_all=slug == catch_all,
            ),
        )
        for slug, one in rotas.items()
    }


def _peer(rota: Rota) -> Peer:
    return Peer(rota.slug, rota.covers, tuple(one.period for one in rota.versions))


def _periods(peers: Iterable[Peer]) -> list[Period]:
    return [period for one in peers for period in one.periods]


def _fits(covers: RotaCovers, *, working: bool) -> bool:
    exact = RotaCovers.WORKING_HOURS if working else RotaCovers.OUT_OF_HOURS
    return covers in (exact, RotaCovers.ALWAYS)


def _place(covers: RotaCovers, slug: str) -> tuple[bool, str]:
    return covers is RotaCovers.ALWAYS, slug


def _joined(periods: Iterable[Period]) -> list[Period]:
    found: list[Period] = []
    for one in periods:
        if found and one.starts_at <= found[-1].ends_at:
            found[-1] = Period(found[-1].starts_at, max(found[-1].ends_at, one.ends_at))
        else:
            found.append(one)
    return found
