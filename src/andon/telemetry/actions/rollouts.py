"""Write down what was rolled out, and how live rules behave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from andon.telemetry.models import Rollout, RuleState

#: Attempts that are remembered.
KEEP = 200
#: A rule that its engine has not shown for this long is forgotten.
FORGET = timedelta(days=1)
#: Rules of one engine that are followed; what comes after is left out.
MOST = 200_000
_BATCH = 500
_WORST = {"": 0, "inactive": 1, "pending": 2, "firing": 3}
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SeenRule:
    """An alerting rule as its engine shows it."""

    name: str
    service: str
    slo: str
    state: str
    error: str = ""

    @property
    def key(self) -> _Key:
        """Return its identity within its engine."""
        return self.name[:200], self.service[:63], self.slo[:63]


def record_rollout(
    *, digest: str, outcome: str, steps: Sequence[dict[str, Any]], took_ms: int, by: str,
    now: datetime,
) -> None:  # fmt: skip
    """Write an attempt down; the oldest of many are forgotten."""
    with transaction.atomic():
        Rollout.objects.create(
            at=now, by=by, digest=digest, outcome=outcome, steps=list(steps), took_ms=took_ms
        )
        old = Rollout.objects.order_by("-at", "-pk").values_list("pk", flat=True)[KEEP:]
        Rollout.objects.filter(pk__in=list(old[:1000])).delete()


def record_states(*, engine: str, seen: Iterable[SeenRule], now: datetime) -> int:
    """Write down how an engine's alerting rules behave; return in how many something changed.

    In short transactions, so that nobody waits for the whole.
    """
    worst = _worst(seen)
    rows = {(r.name, r.service, r.slo): r for r in RuleState.objects.filter(engine=engine)}
    changed, same = [], []
    for key, one in worst.items():
        row = rows.get(key)
        if row is None or _differs(row, one):
            changed.append(_row(engine, key, one, row, now))
        else:
            same.append(row.pk)
    for start in range(0, len(changed), _BATCH):
        _upsert(changed[start : start + _BATCH])
    for start in range(0, len(same), _BATCH):
        RuleState.objects.filter(pk__in=same[start : start + _BATCH]).update(seen_at=now)
    RuleState.objects.filter(seen_at__lt=now - FORGET).delete()
    return len(changed)


def _worst(seen: Iterable[SeenRule]) -> dict[_Key, SeenRule]:
    """Return each rule once: of several with one identity, the one that fires or is broken."""
    found: dict[_Key, SeenRule] = {}
    for one in seen:
        old = found.get(one.key)
        if old is None and len(found) >= MOST:
            continue
        if old is None or _rank(one) > _rank(old):
            found[one.key] = one
    return found


def _rank(one: SeenRule) -> tuple[int, bool]:
    return _WORST.get(one.state, 0), bool(one.error)


def _differs(row: RuleState, one: SeenRule) -> bool:
    return one.state == "firing" or (row.state, row.error) != (one.state[:20], one.error)


def _row(engine: str, key: _Key, one: SeenRule, row: RuleState | None, now: datetime) -> RuleState:
    name, service, slo = key
    fires = one.state == "firing"
    since = row.firing_since if row is not None else None
    return RuleState(
        engine=engine,
        name=name,
        service=service,
        slo=slo,
        state=one.state[:20],
        error=one.error,
        seen_since=row.seen_since if row is not None else now,
        seen_at=now,
        firing_since=(since or now) if fires else None,
        last_fired_at=now if fires else (row.last_fired_at if row is not None else None),
    )


def _upsert(rows: list[RuleState]) -> None:
    RuleState.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["engine", "name", "service", "slo"],
        update_fields=["state", "error", "seen_at", "firing_since", "last_fired_at"],
    )
