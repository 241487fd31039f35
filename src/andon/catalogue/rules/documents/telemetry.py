"""`spec.telemetry`: how alerts, routes and dashboards are generated; and a service's annotations.

Every key has a default that works. What the annotations mean is the business of
`slo.rules.documents`; the catalogue keeps them as they were written.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

from andon.catalogue.rules.documents.annotations import TELEMETRY
from andon.catalogue.types import BurnTier, TelemetryRules
from andon.catalogue.types.telemetry import MOST_TIERS, TIER_NAME
from andon.core.documents import declaring
from andon.core.documents.fields import Fields

#: A window of 30 days divided by more than this would be shorter than a scrape.
MOST_SCALE = 100_000


def telemetry_document(notes: Fields) -> dict[str, str]:
    """Return a service's annotations for telemetry as the database keeps them."""
    return {key: notes.data[key] for key in sorted(TELEMETRY) if key in notes.data}


def read_telemetry(spec: Fields) -> TelemetryRules:
    """Return the organisation's rules for telemetry; what is missing gets the default."""
    fields = spec.mapping("telemetry")
    if fields is None:
        return TelemetryRules()
    found = declaring.read(TelemetryRules, fields, tiers=tuple(_tiers(fields)))
    scale = found.scale
    if scale > MOST_SCALE:
        fields.refuse("number", f"`scale` is {scale}", f"At most {MOST_SCALE}.", key="scale")
    return replace(found, grafana_url=found.grafana_url.rstrip("/"), scale=min(scale, MOST_SCALE))


def _tiers(fields: Fields) -> Iterator[BurnTier]:
    """Yield the tiers written down; whether they make sense for a target `slo.rules` says."""
    seen: set[str] = set()
    if len(fields.mappings("tiers")) > MOST_TIERS:
        fix = "The workbook has four; more alerts say the same thing more often."
        fields.refuse("telemetry-tiers", f"more than {MOST_TIERS} tiers", fix, key="tiers")
    for one, tier in itertools.islice(declaring.entries(BurnTier, fields, "tiers"), MOST_TIERS):
        if not _is_sound(one, tier):
            continue
        if tier.name in seen:
            one.refuse("telemetry-tiers", f"{tier.name!r} stands twice", "Rename one.", key="name")
            continue
        seen.add(tier.name)
        yield tier


def _is_sound(one: Fields, tier: BurnTier) -> bool:
    """Report what is wrong with a tier whose parts can be read."""
    named = re.fullmatch(TIER_NAME, tier.name) is not None
    if tier.name and not named:
        fix = "Use lower-case words with dashes: page-fast."
        one.refuse("telemetry-tiers", f"{tier.name!r} is no name for a tier", fix, key="name")
    if tier.short >= tier.long:
        fix = "Make the short window about a twelfth of the long one."
        one.refuse("telemetry-tiers", "`short` is not shorter than `long`", fix, key="short")
    if not tier.share:
        one.refuse("telemetry-tiers", "`share` is 0", "Write share: 2%", key="share")
    return named and tier.short < tier.long and bool(tier.share)
