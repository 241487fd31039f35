"""Whether what this database holds is a sample: invented, and said so on every page."""

from datetime import UTC, datetime

from andon.core.models import Counter

_MARK = "sample:"
#: A quarter of history was played into it, or there is only its catalogue.
LIVING, EMPTY = "living", "empty"


def mark(*, kind: str, now: datetime) -> None:
    """Write down that everything in this database is a sample, made at this instant."""
    Counter.objects.create(name=f"{_MARK}{kind}", value=int(now.timestamp()))


def kind() -> str:
    """Return which sample this database holds; nothing if what it holds is somebody's own."""
    found = Counter.objects.filter(name__startswith=_MARK).values_list("name", flat=True).first()
    return found.removeprefix(_MARK) if found else ""


def made_at() -> datetime:
    """Return when the sample was made. Raises Counter.DoesNotExist where there is none."""
    return datetime.fromtimestamp(Counter.objects.get(name__startswith=_MARK).value, UTC)
