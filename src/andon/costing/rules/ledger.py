"""What to post so that the ledger says what it ought to, and nothing twice."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from andon.core.money import Money
from andon.core.periods import Period
from andon.costing.rules.allocation import allocate
from andon.costing.types import PAY_KINDS, Charge, Differences, Draft, StandingPosting, Tag

_INSTANT = timedelta(microseconds=1)


def differences(
    *,
    drafts: Iterable[Draft],
    standing: Iterable[StandingPosting],
    taken_back: Collection[str] = (),
) -> Differences:
    """Return which standing postings to reverse and which drafts to post.

    What already stands as it ought to is left alone, so a second run over the same facts posts
    nothing. Drafts of nothing are not posted, nor what somebody took back by hand.
    """
    wanted = {
        draft.source: draft
        for draft in drafts
        if draft.amount.minor and draft.source not in taken_back
    }
    there = {one.draft.source: one for one in standing}
    wrong = tuple(
        one for source, one in sorted(there.items()) if not _same(one.draft, wanted.get(source))
    )
    kept = there.keys() - {one.draft.source for one in wrong}
    post = tuple(draft for source, draft in sorted(wanted.items()) if source not in kept)
    return Differences(wrong, post)


def split_dates(*, draft: Draft, cuts: Iterable[datetime]) -> list[Draft]:
    """Return a draft cut at instants, each part worth its share of the time, to the minor unit.

    The first part keeps the draft's source, so that one that is never cut is posted as ever.
    """
    start, end = draft.period.starts_at, draft.period.ends_at
    edges = [start, *sorted(at for at in set(cuts) if start < at < end), end]
    if len(edges) == 2:
        return [draft]
    periods = [Period(one, after) for one, after in pairwise(edges)]
    weights = {place: one.length // _INSTANT for place, one in enumerate(periods)}
    parts = allocate(amount=draft.amount, weights=weights)
    shared = f"; one of {len(periods)} parts by time, because what is covered changed hands"
    return [
        replace(
            draft,
            source=draft.source + (f"@{_said(one.starts_at)}" if place else ""),
            amount=parts[place],
            period=one,
            reason=draft.reason + shared,
        )
        for place, one in enumerate(periods)
    ]


def split_charges(*, draft: Draft, charges: Sequence[Charge]) -> list[Draft]:
    """Return a draft as one line per charge: equal parts that add up to it, to the minor unit."""
    if not charges:
        return [draft]
    by_name = {charge.name: charge for charge in charges}
    parts = allocate(amount=draft.amount, weights=dict.fromkeys(by_name, 1))
    shared = f"; one of {len(by_name)} equal parts" if len(by_name) > 1 else ""
    return [
        replace(
            draft,
            source=f"{draft.source}/{name}",
            amount=part,
            charge=by_name[name],
            reason=draft.reason + shared,
        )
        for name, part in parts.items()
    ]


def cap_pay(*, drafts: Sequence[Draft], cap: Money | None) -> list[Draft]:
    """Return drafts of one month with nobody's pay above the cap.

    The earliest work is paid in full and the last is cut, so that nothing posted before the cap was
    reached ever changes. A cap is a limit of load (Google, Site Reliability Engineering, ch. 11).
    """
    if cap is None:
        return list(drafts)
    left: dict[int, int] = {}
    ordered = sorted(drafts, key=lambda one: (one.period.ends_at, one.source))
    return [_capped(draft, cap, left) for draft in ordered]


def net(*, amounts: Iterable[Money], currency: str) -> Money:
    """Return the sum of amounts of one currency. Raises ValueError when another is among them."""
    return sum(amounts, Money.zero(currency))


def tag_for(*, funding: Iterable[str]) -> Tag:
    """Return which budget pays: operating only when every service concerned says so.

    Equal Experts, governance: standby and callout of digital services are capital.
    """
    said = set(funding)
    return Tag.OPEX if said == {Tag.OPEX.value} else Tag.CAPEX


def _said(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _same(stands: Draft, wanted: Draft | None) -> bool:
    """Compare what money depends on; a reason put into better words is no reason to post again."""
    if wanted is None:
        return False
    return _essence(stands) == _essence(wanted)


def _essence(draft: Draft) -> Draft:
    return replace(draft, evidence="", reason="", charge=replace(draft.charge, name=""))


def _capped(draft: Draft, cap: Money, left: dict[int, int]) -> Draft:
    if draft.kind not in PAY_KINDS or draft.person_id is None:
        return draft
    room = left.setdefault(draft.person_id, cap.minor)
    # Subtracting says so when the cap is in another currency.
    paid = min((draft.amount - Money.zero(cap.currency)).minor, room)
    left[draft.person_id] = room - paid
    if paid == draft.amount.minor:
        return draft
    words = f"{draft.reason}; {draft.amount.exact} cut to the cap of {cap.exact} a month"
    return replace(draft, amount=Money(paid, draft.amount.currency), reason=words)
