"""Asks Alertmanagers what they hold, so that a lost webhook is found and a lost end too."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from andon.alerts import actions, queries, rules
from andon.alerts.types import KnownKey, RawRequest
from andon.core.errors import Refusal
from andon.integrations.alertmanager import api
from andon.integrations.alertmanager.api import RECEIVER_PREFIX, Alertmanager, StandingAlert, Status
from andon.integrations.alertmanager.kind import KEY
from andon.paging.types import TransportError

#: An Alertmanager keeps alerts in memory only; after a start they are sent to it again within this.
SETTLING = timedelta(minutes=5)
_BATCH = 1000
_PRECISION = timedelta(seconds=1)


class UnableToReconcile(Refusal):
    """Something keeps Andon from comparing; what could be received was received all the same."""

    code: ClassVar[str] = "not_reconciled"
    status: ClassVar[int] = 503


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a look at all Alertmanagers came to."""

    received: int
    resolved: int
    #: For the next look, as JSON.
    memory: dict[str, list[str]]
    #: What was in the way, in words.
    problems: tuple[str, ...]


@dataclass(slots=True)
class _View:
    """What all Alertmanagers that answered hold together."""

    active: dict[str, tuple[StandingAlert, str]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    quiet: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    knows_all: bool = True


def pick_key(*, wanted: str) -> KnownKey:
    """Return the integration key that the Alertmanagers' alerts belong to.

    `wanted` is its name or id; empty for the only one there is. Raises UnableToReconcile.
    """
    keys = [key for key in queries.live_keys().values() if key.kind == KEY.name]
    found = [key for key in keys if wanted in (key.name, str(key.id))] if wanted else keys
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(f'"{key.name}" (id {key.id})' for key in found or keys)) or "none"
    if wanted and not found:
        raise UnableToReconcile(
            f'ANDON_ALERTMANAGER_KEY is "{wanted}", and no live Alertmanager key has that name or '
            f"id; there is {names}"
        )
    if not found:
        raise UnableToReconcile(
            "There is no Alertmanager key: make one with `andon keys create --kind alertmanager`"
        )
    raise UnableToReconcile(
        f"{len(found)} keys may be the Alertmanagers' own: {names}; "
        "set ANDON_ALERTMANAGER_KEY to the id of the one in their configuration"
    )


def reconcile(
    *,
    alertmanagers: Sequence[Alertmanager],
    key: KnownKey,
    memory: Mapping[str, Any],
    now: datetime,
) -> Reconciled:
    """Receive what is active and not open here, resolve what is open here and nowhere else.

    Both only when the look before found the same. With an Alertmanager that does not answer, or has
    just started, nothing is resolved: it may hold what the others do not.
    """
    view = _look(alertmanagers, now)
    opened = queries.open_identities(key_id=key.id)
    # No Alertmanager has heard of tests and of what Andon itself opened for this key.
    apart = {one for one, is_test in opened.items() if is_test or rules.is_own(one)}
    difference = rules.compare(
        active=view.active.keys() - view.quiet,
        present=view.present | apart,
        opened=opened.keys(),
        before=rules.Doubts(*(frozenset(memory.get(name, ())) for name in ("missing", "gone"))),
        knows_all=view.knows_all,
    )
    received = _receive(view, difference.missing, key, now)
    resolved = actions.resolve_gone(
        key_id=key.id, dedup_keys=difference.gone, unheard_since=now, now=now
    )
    doubts = difference.doubts
    kept = {"missing": sorted(doubts.missing), "gone": sorted(doubts.gone)}
    return Reconciled(received, resolved, kept, tuple(view.problems))


def _look(alertmanagers: Sequence[Alertmanager], now: datetime) -> _View:
    view = _View()
    with ThreadPoolExecutor(max_workers=min(8, len(alertmanagers)) or 1) as pool:
        answers = list(pool.map(_ask, alertmanagers))
    for alertmanager, answer in zip(alertmanagers, answers, strict=True):
        if isinstance(answer, TransportError):
            view.problems.append(f"{answer}; until it answers, nothing is resolved by comparison")
            view.knows_all = False
            continue
        status, standing = answer
        if not any(name.startswith(RECEIVER_PREFIX) for name in status.receivers):
            view.problems.append(
                f"Alertmanager at {alertmanager.url} has no receiver whose name begins with "
                f'"{RECEIVER_PREFIX}": name the one that tells Andon so'
            )
        if status.running_since is None or now - status.running_since < SETTLING:
            view.knows_all = False
        _add(view, standing, alertmanager.url)
    return view


def _ask(alertmanager: Alertmanager) -> tuple[Status, list[StandingAlert]] | TransportError:
    try:
        return alertmanager.status(), alertmanager.alerts()
    except TransportError as error:
        return error


def _add(view: _View, standing: Sequence[StandingAlert], url: str) -> None:
    for one in standing:
        view.present.add(one.dedup_key)
        if not one.is_active:
            view.quiet.add(one.dedup_key)
        elif one.is_ours:
            view.active.setdefault(one.dedup_key, (one, url))


def _receive(view: _View, missing: frozenset[str], key: KnownKey, now: datetime) -> int:
    """Receive alerts as if their webhook had come, except what a person has resolved meanwhile."""
    settled = queries.resolved_by_people(key_id=key.id, dedup_keys=missing)
    by_url: dict[str, list[StandingAlert]] = {}
    for identity in sorted(missing):
        one, url = view.active[identity]
        since = settled.get(identity)
        if since is None or one.starts_at is None or since < one.starts_at - _PRECISION:
            by_url.setdefault(url, []).append(one)
    count = 0
    for url, found in by_url.items():
        for start in range(0, len(found), _BATCH):
            batch = found[start : start + _BATCH]
            body, alerts = api.received(standing=batch, key=key, url=url)
            raw = RawRequest(key.id, key.kind, now, body)
            actions.receive(received=[(key, one) for one in alerts], raw=[raw], now=now)
            count += len(alerts)
    return count
