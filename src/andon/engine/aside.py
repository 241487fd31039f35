"""Rows that broke their stage: set aside where every process sees them, tried again, forgotten."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from andon.core.models import SetAside

#: A row that failed is left alone for this long, then twice as long each time, up to the longest.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
#: A row that somebody else holds, such as a session that was left open, is left alone this long.
HELD_WAIT = timedelta(seconds=3)
_READ_EVERY = timedelta(seconds=1)
_WHY, _TOLD = 2000, 200


def wait_after(*, tries: int) -> timedelta:
    """Return how long a row is left alone that has failed so many times."""
    doublings: int = 2 ** min(tries - 1, 10)
    return min(LONGEST_WAIT, FIRST_WAIT * doublings)


class Aside:
    """What this engine knows of the rows set aside, by whatever engine; read once a second."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[int, datetime]] = {}
        self._spared: dict[str, dict[int, datetime]] = defaultdict(dict)
        self._read_at: datetime | None = None

    def read(self, *, now: datetime) -> None:
        """Ask the database, unless that was just done."""
        if self._read_at is not None and self._read_at <= now < self._read_at + _READ_EVERY:
            return
        if self._read_at is None:
            # A process that starts may know better than the last: all are tried at once.
            SetAside.objects.filter(again_at__gt=now).update(again_at=now)
        found: dict[str, dict[int, datetime]] = defaultdict(dict)
        for stage, row, again_at in SetAside.objects.values_list("stage", "row", "again_at"):
            found[stage][row] = again_at
        self._rows, self._read_at = dict(found), now

    def of(self, stage: str, *, now: datetime) -> Collection[int]:
        """Return the rows a stage leaves out."""
        spared = self._spared.get(stage, {})
        return frozenset(self._rows.get(stage, ())) | {
            row for row, until in spared.items() if until > now
        }

    def spare(self, stage: str, row: int, *, now: datetime) -> None:
        """Leave out for a moment a row that is in order, but held by somebody, and tell nobody."""
        self._spared[stage][row] = now + HELD_WAIT

    def take_due(self, stage: str, *, now: datetime, limit: int) -> list[int]:
        """Return rows that this engine tries again now, the longest waiting first."""
        known = self._rows.get(stage, {})
        waiting = sorted((at, row) for row, at in known.items() if at <= now)
        taken = []
        for _, row in waiting[:limit]:
            known[row] = now + FIRST_WAIT
            mine = SetAside.objects.filter(stage=stage, row=row, again_at__lte=now)
            if mine.update(again_at=now + FIRST_WAIT):
                taken.append(row)
        return taken

    def put(self, stage: str, row: int, *, what: str, why: str, now: datetime) -> None:
        """Set a row aside, or for longer than the last time."""
        why = why.replace("\x00", "")[:_WHY]
        known, made = SetAside.objects.get_or_create(
            stage=stage,
            row=row,
            defaults={"what": what, "why": why, "since": now, "again_at": now + FIRST_WAIT},
        )
        tries = 1 if made else known.tries + 1
        again_at = now + wait_after(tries=tries)
        SetAside.objects.filter(pk=known.pk).update(why=why, tries=tries, again_at=again_at)
        self._rows.setdefault(stage, {})[row] = again_at

    def told(self, stage: str, row: int, *, whom: str, now: datetime) -> None:
        """Note who was told of what the row is about, or why nobody needs to be."""
        SetAside.objects.filter(stage=stage, row=row).update(told_at=now, told=whom[:_TOLD])

    def forget(self, stage: str, row: int) -> None:
        """Note that a row went through, or is no longer to be done."""
        SetAside.objects.filter(stage=stage, row=row).delete()
        self._rows.get(stage, {}).pop(row, None)
