"""The catalogue's decisions: targets, the cover they buy, accepted domains. Pure."""

from andon.catalogue.rules.cover import cover_at, cover_for, needs_rota
from andon.catalogue.rules.domains import RefusedDomain, domain_kind
from andon.catalogue.rules.presets import PRESETS, Preset, default_organisation
from andon.catalogue.rules.selection import Selection, select_target
from andon.catalogue.rules.targets import (
    allowance,
    allowed_downtime,
    format_target,
    level_for,
    target_at,
)
from andon.catalogue.types.forms import UnreadableTarget, parse_target

__all__ = [
    "PRESETS",
    "Preset",
    "RefusedDomain",
    "Selection",
    "UnreadableTarget",
    "allowance",
    "allowed_downtime",
    "cover_at",
    "cover_for",
    "default_organisation",
    "domain_kind",
    "format_target",
    "level_for",
    "needs_rota",
    "parse_target",
    "select_target",
    "target_at",
]
