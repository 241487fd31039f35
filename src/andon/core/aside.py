"""Rows that broke their stage: set aside where every process sees them, tried again, told of."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from andon.core.models import SetAside
from andon.core.trouble import Trouble

#: A row that failed is left alone for this long, then twice as long each time, up to the longest.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
#: A row that somebody else holds, such as a session that was left open, is left alone this long.
HELD_WAIT = timedelta(seconds=3)
_READ_EVERY = timedelta(seconds=1)
#: What is kept of why, and of whom was told; rows that a sentence names, and what it says of why.
_WHY, _TOLD, _NAMED, _SAID = 2000, 200, 5, 200


def count_by_stage() -> dict[str, int]:
    """Return how many rows are set aside, by stage. One query."""
    counts: dict[str, int] = defaultdict(int)
    for stage in SetAside.objects.values_list("stage", flat=True):
        counts[stage] += 1
    return dict(counts)


def list_untold(*, limit: int = 100) -> list[SetAside]:
    """Return rows of which nobody knows so far, oldest first. One query."""
    return list(SetAside.objects.filter(told_at=None).order_by("since", "pk")[:limit])


def claim_telling(*, row: SetAside, now: datetime) -> bool:
    """Return whether it is this process's turn to tell of a row that nobody was told of."""
    untold = SetAside.objects.filter(pk=row.pk, told_at=None)
    return bool(untold.update(told_at=now, told="The fallback contact was told directly"))


def give_back_telling(*, row: SetAside) -> None:
    """Note that nobody could be told after all."""
    SetAside.objects.filter(pk=row.pk).update(told_at=None, told="")


def troubles() -> list[Trouble]:
    """Return one trouble for each stage that leaves rows out. One query."""
    by_stage: dict[str, list[SetAside]] = defaultdict(list)
    for row in SetAside.objects.order_by("since", "pk"):
        by_stage[row.stage].append(row)
    return [_trouble(stage, rows) for stage, rows in by_stage.items()]


def say(row: SetAside) -> str:
    """Return a row, why it cannot be done and who knows of it."""
    told = row.told or "nobody has been told yet"
    return f"{row.what} ({row.why[:_SAID]}): {told[:1].lower()}{told[1:]}"


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


def _trouble(stage: str, rows: list[SetAside]) -> Trouble:
    name = stage.replace("_", " ")
    things = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    named = [say(row) for row in rows[:_NAMED]]
    if len(rows) > _NAMED:
        named.append(f"and {len(rows) - _NAMED} more")
    return Trouble(
        name=f"aside:{stage}",
        what=f"The stage {name} leaves out {things} that it cannot process",
        since=rows[0].since,
        said="; ".join(named),
        meanwhile="Everything else goes on. Andon tries it again, at the latest every hour",
        over=f"the stage {name} leaves out nothing any more",
    )
