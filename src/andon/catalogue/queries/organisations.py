"""The organisation's own rules."""

from functools import lru_cache

import msgspec

from andon.catalogue import models
from andon.catalogue.documents import organisation as document
from andon.catalogue.rules import default_organisation
from andon.catalogue.types import Organisation


def organisation() -> Organisation:
    """Return the organisation that was applied, or a sensible default before that. One query."""
    row = models.Organisation.objects.order_by("pk").values("slug", "title", "document").first()
    if row is None:
        return default_organisation()
    return _read(row["slug"], row["title"], msgspec.json.encode(row["document"]))


@lru_cache(maxsize=4)
def _read(slug: str, title: str, encoded: bytes) -> Organisation:
    # Reading the document costs more than the query; equal documents give equal values.
    return document.stored(slug=slug, title=title, document=msgspec.json.decode(encoded))
