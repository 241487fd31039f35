"""The organisation's own rules."""

from dataclasses import replace
from functools import lru_cache

import msgspec

from andon.catalogue import models
from andon.catalogue.rules import default_organisation
from andon.catalogue.rules.documents import organisation as document
from andon.catalogue.types import Organisation
from andon.people import rules as people
from andon.people.types import CONTACT_KINDS


def organisation(*, whole: bool = False) -> Organisation:
    """Return the organisation that was applied, or a sensible default before that. One query.

    The addresses of its fallback contacts are masked; `whole` is for who sends to them, and leaves
    out those of kinds that nobody declares.
    """
    row = models.Organisation.objects.order_by("pk").values("slug", "title", "document").first()
    if row is None:
        return default_organisation()
    return _read(row["slug"], row["title"], msgspec.json.encode(row["document"]), whole=whole)


@lru_cache(maxsize=4)
def _read(slug: str, title: str, encoded: bytes, *, whole: bool) -> Organisation:
    # Reading the document costs more than the query; equal documents give equal values.
    found = document.stored(slug=slug, title=title, document=msgspec.json.decode(encoded))
    if whole:
        usable = tuple(one for one in found.fallback if one.kind in CONTACT_KINDS)
        return replace(found, fallback=usable)
    masked = tuple(
        replace(one, address=people.masked(kind=one.kind, address=one.address))
        for one in found.fallback
    )
    return replace(found, fallback=masked)
