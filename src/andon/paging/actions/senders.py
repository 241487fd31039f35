"""What the senders of a page's alerts say after they joined: worse, or somebody is on it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from andon.alerts import queries as alerts_queries
from andon.alerts.types import AlertState, Severity, UnseenAlert
from andon.paging import metrics, rules
from andon.paging.actions import events, saying
from andon.paging.actions.outbox import Outbox
from andon.paging.actions.settling import cancel_pending
from andon.paging.models import Page, PagedAlert
from andon.paging.types import Claim, PageState

_BY = 200
_VIA = "the alert's sender"


@dataclass(slots=True)
class _Tally:
    """The open alerts of a page, and whose senders acknowledge them."""

    alerts: int = 0
    acknowledged: int = 0
    keys: list[int] = field(default_factory=list)

    def count(self, key_id: int, *, acknowledged: bool) -> None:
        self.alerts += 1
        if acknowledged:
            self.acknowledged += 1
            if key_id not in self.keys:
                self.keys.append(key_id)


def heed(
    *,
    alerts: Sequence[UnseenAlert],
    joined: Mapping[int, int],
    pages: Mapping[int, Page],
    outbox: Outbox,
) -> None:
    """Let pages follow what senders say of their alerts. The pages must be locked.

    Looks at the alerts as they are, not at what happened to them, so that a turn which sees two
    changes at once comes to the same as two turns.
    """
    touched: dict[int, list[UnseenAlert]] = defaultdict(list)
    for alert in alerts:
        page = pages.get(joined.get(alert.id, 0))
        if page is not None and page.state != PageState.RESOLVED:
            touched[page.pk].append(alert)
    for pk, some in touched.items():
        _raise_severity(pages[pk], some, outbox)
    claimed = {pk: some for pk, some in touched.items() if _may_claim(pages[pk], some)}
    _follow_claims(claimed, pages, outbox)


def take_new(page: Page, alerts: Iterable[UnseenAlert], outbox: Outbox) -> bool:
    """Let a new page whose open alerts are all acknowledged begin as taken; return whether.

    Nobody is called; what was decided says why.
    """
    tally = _Tally()
    for alert in alerts:
        if alert.state is AlertState.OPEN:
            tally.count(alert.key_id, acknowledged=alert.acknowledged_at is not None)
    if not tally.alerts or tally.acknowledged < tally.alerts:
        return False
    keys = _names(tally.keys, alerts_queries.key_names(ids=tally.keys))
    reason = rules.say_taken_at_once(keys=keys, alerts=tally.alerts)
    for name, value in taken(keys, outbox.now).items():
        setattr(page, name, value)
    outbox.decide(page, "acknowledged", reason, by=page.acknowledged_by, via=_VIA)
    _say_taken(page)
    return True


def taken(keys: Sequence[str], now: datetime) -> dict[str, Any]:
    """Return what a page becomes that only senders have taken."""
    by = rules.say_sender(keys=keys)
    return {
        "state": PageState.ACKNOWLEDGED,
        "acknowledged_at": now,
        "acknowledged_by": by if len(by) <= _BY else by[: _BY - 4] + "...)",
        "acknowledged_person_id": None,
        "acknowledged_by_sender": True,
        "next_at": None,
    }


def route_anew(page: Page, outbox: Outbox) -> None:
    """Let a page be decided again at once, whoever had taken it; its policy starts once more."""
    outbox.change(
        page,
        state=PageState.HELD,
        held_until=outbox.now,
        next_at=outbox.now,
        acknowledged_at=None,
        acknowledged_by="",
        acknowledged_person_id=None,
        acknowledged_by_sender=False,
        step=page.step + 1,
        policy=replace(page.policy, begins_at=page.step + 1, anew=True),
    )


def _raise_severity(page: Page, alerts: Iterable[UnseenAlert], outbox: Outbox) -> None:
    worst = min(
        (alert for alert in alerts if alert.state is AlertState.OPEN),
        key=saying.worse,
        default=None,
    )
    if worst is None or saying.rank(worst.severity) >= saying.rank(page.severity):
        return
    was_ticket = page.severity == Severity.TICKET
    outbox.decide(page, "severity", f"Severity raised to {worst.severity}")
    saying.say(page, worst, outbox)
    if was_ticket:
        # Nobody is woken for a ticket, so whoever has taken it has not taken this.
        route_anew(page, outbox)


def _may_claim(page: Page, alerts: Iterable[UnseenAlert]) -> bool:
    """Return whether it is worth asking for the other alerts of a page."""
    return page.acknowledged_by_sender or any(
        alert.acknowledged_at is not None or alert.state is AlertState.RESOLVED for alert in alerts
    )


def _follow_claims(
    touched: Mapping[int, Sequence[UnseenAlert]], pages: Mapping[int, Page], outbox: Outbox
) -> None:
    if not touched:
        return
    tallies = _tally(touched)
    names = alerts_queries.key_names(ids={key for one in tallies.values() for key in one.keys})
    for pk, some in touched.items():
        page, tally = pages[pk], tallies[pk]
        news = any(one.acknowledged_at and one.state is AlertState.OPEN for one in some)
        state = PageState(page.state)
        verdict = rules.claim(
            state=state,
            by_sender=page.acknowledged_by_sender,
            alerts=tally.alerts,
            acknowledged=tally.acknowledged,
            news=news,
        )
        if verdict is Claim.NOTHING:
            continue
        keys = _names(tally.keys, names)
        reason = rules.say_claim(
            verdict=verdict,
            state=state,
            keys=keys,
            alerts=tally.alerts,
            acknowledged=tally.acknowledged,
        )
        _act(page, verdict, keys, reason, outbox)


def _tally(page_ids: Collection[int]) -> dict[int, _Tally]:
    """Count the open alerts of pages, those included that this turn does not hold. One query."""
    found = {pk: _Tally() for pk in page_ids}
    rows = PagedAlert.objects.filter(page_id__in=sorted(found), alert__state=AlertState.OPEN)
    columns = ("page_id", "alert__key_id", "alert__acknowledged_at")
    for pk, key_id, acknowledged_at in rows.order_by("alert_id").values_list(*columns):
        found[pk].count(key_id, acknowledged=acknowledged_at is not None)
    return found


def _act(page: Page, verdict: Claim, keys: Sequence[str], reason: str, outbox: Outbox) -> None:
    if verdict is Claim.GO_ON:
        outbox.decide(page, "acknowledged in part", reason, keys=list(keys))
    elif verdict is Claim.AGAIN:
        outbox.decide(page, "again", reason, keys=list(keys))
        route_anew(page, outbox)
    else:
        _take(page, keys, reason, outbox)


def _take(page: Page, keys: Sequence[str], reason: str, outbox: Outbox) -> None:
    outbox.change(page, lease_until=None, **taken(keys, outbox.now))
    by = page.acknowledged_by
    outbox.decide(page, "acknowledged", reason, by=by, via=_VIA)
    cancel_pending(page_ids=[page.pk], reason=f"acknowledged by {by}")
    _say_taken(page)


def _say_taken(page: Page) -> None:
    events.say("page_acknowledged", [page], by=page.acknowledged_by, via=_VIA)
    metrics.ACKNOWLEDGED.labels(via=_VIA).inc()


def _names(keys: Iterable[int], known: Mapping[int, tuple[str, str]]) -> list[str]:
    found = [known[key] for key in keys if key in known]
    return [rules.say_key(kind=kind, name=name) for kind, name in found]
