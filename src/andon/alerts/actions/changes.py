"""Changes among what senders tell: kept beside the service they are about; nobody is paged."""

from collections.abc import Sequence
from datetime import datetime

from andon.alerts import rules
from andon.alerts.types import KnownKey, ReceivedAlert
from andon.catalogue import queries as catalogue
from andon.slo.actions import changes
from andon.slo.types import NewChange

_SOURCE = 255


def keep(*, told: Sequence[tuple[KnownKey, ReceivedAlert]], now: datetime) -> int:
    """Keep what senders say that changed; return how much was new. Call it in a transaction.

    One that names no service of the catalogue is kept too.
    """
    if not told:
        return 0
    tried = [rules.candidates(one.service_ref, one.labels) for _, one in told]
    refs = {name.ref for names in tried for name in names}
    known = catalogue.find_service_ids(refs=refs) if refs else {}
    by_name = {ref.casefold(): service_id for ref, service_id in known.items()}
    return changes.keep(
        changes=[
            _new(key, one, names, by_name, now)
            for (key, one), names in zip(told, tried, strict=True)
        ],
        now=now,
    )


def _new(
    key: KnownKey,
    one: ReceivedAlert,
    names: list[rules.Candidate],
    known: dict[str, int],
    now: datetime,
) -> NewChange:
    found = [known[name.ref.casefold()] for name in names if name.ref.casefold() in known]
    return NewChange(
        identity=f"{key.id}:{one.dedup_key}",
        at=rules.start_of(one, now),
        summary=one.summary,
        source=rules.cut_line(one.labels.get("source", ""), limit=_SOURCE),
        told_by=key.name,
        service_id=key.service_id or next(iter(found), None),
        service_ref=one.service_ref or (key.service_slug or ""),
        links=tuple({"href": link.href, "text": link.text} for link in one.links),
        labels=one.labels,
    )
