"""Rows that a stage of the engine cannot do: what people are told of them."""

from collections import defaultdict
from datetime import datetime

from andon.core.models import SetAside
from andon.core.trouble import Trouble

#: Rows that a sentence names.
_NAMED = 5
_WHY = 200


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
    return f"{row.what} ({row.why[:_WHY]}): {told[:1].lower()}{told[1:]}"


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
