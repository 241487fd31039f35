"""What is wrong with the files, kept so that each entity's page can show it until it is mended."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from andon.catalogue import models
from andon.core import rows
from andon.core.documents.problems import DocumentProblem


@transaction.atomic
def record_problems(*, problems: Iterable[DocumentProblem], now: datetime) -> None:
    """Make the findings what the last check found; one that is still there keeps its first date."""
    wanted = {_key(problem): problem for problem in problems}
    gone = []
    for row in models.Finding.objects.all():
        key = (row.kind, row.slug, row.level, row.rule, row.message, row.fix, row.where)
        if wanted.pop(key, None) is None:
            gone.append(row.pk)
    rows.delete(models.Finding, gone)
    new = [
        models.Finding(
            kind=kind,
            slug=slug,
            level=level,
            rule=rule,
            message=message,
            fix=fix,
            where=where,
            seen_at=now,
        )
        for kind, slug, level, rule, message, fix, where in wanted
    ]
    rows.insert(models.Finding, new)


def _key(one: DocumentProblem) -> tuple[str, ...]:
    gravity = str(one.gravity)
    found = (one.kind, one.slug, gravity, one.rule, one.message, one.fix, one.where[:500])
    # What a file holds may hold a NUL, which PostgreSQL does not take.
    return tuple(text.replace("\x00", "\N{REPLACEMENT CHARACTER}") for text in found)
