"""What transports found out about addresses is kept with them."""

from collections.abc import Collection, Mapping

from andon.core import bulk, claims
from andon.people import models
from andon.people.types import Person


def set_faults(*, faults: Mapping[int, str]) -> None:
    """Write down why addresses were refused for good, by the key of each. One statement."""
    bulk.update(models.ContactMethod, ("fault",), sorted(faults.items()))


def clear_faults(*, method_ids: Collection[int]) -> None:
    """Forget why addresses were refused: they have just worked. One statement."""
    rows = models.ContactMethod.objects.filter(pk__in=method_ids)
    rows.exclude(fault="").update(fault="")


def lock_person(*, slug: str) -> Person | None:
    """Hold an active person until the transaction ends; return them, without their contacts."""
    rows = models.Person.objects.filter(slug=slug, is_active=True, retired_at__isnull=True)
    found = claims.lock(rows.values_list("id", "slug", "name", "timezone"), wait=True)
    return Person(*found[0]) if found else None
