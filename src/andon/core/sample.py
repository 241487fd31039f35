"""Whether what this database holds is a sample: invented, and said so on every page."""

from datetime import datetime

from andon.core.models import SampleMark

#: A quarter of history was played into it, or there is only its catalogue.
LIVING, EMPTY = "living", "empty"


def mark(*, kind: str, now: datetime) -> None:
    """Write down that everything in this database is a sample, made at this instant."""
    SampleMark.objects.create(kind=kind, made_at=now)


def kind() -> str:
    """Return which sample this database holds; nothing if what it holds is somebody's own."""
    return SampleMark.objects.values_list("kind", flat=True).first() or ""


def made_at() -> datetime:
    """Return when the sample was made. Raises SampleMark.DoesNotExist where there is none."""
    return SampleMark.objects.get().made_at
