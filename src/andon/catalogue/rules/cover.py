"""What happens to a service's pages out of hours, and why, in words."""

from datetime import datetime

from andon.catalogue.rules.targets import format_target, level_for, target_at
from andon.catalogue.types import Cover, CoverDecision, Organisation, RotaCovers, Service

#: How each cover is said aloud.
WORDS = {
    Cover.NONE: "no cover out of hours",
    Cover.DOMAIN: "domain rota out of hours",
    Cover.TEAM: "team rota out of hours",
}


def cover_at(*, service: Service, organisation: Organisation, at: datetime) -> CoverDecision:
    """Return the cover in force for a service: its target's, unless it declares another."""
    ppm = target_at(service=service, at=at)
    if ppm is None:
        lowest = min(level.target_ppm for level in organisation.levels)
        decision = cover_for(ppm=lowest, organisation=organisation, high_demand=service.high_demand)
        reason = f"no target in force, so treated as {decision.reason}"
        decision = CoverDecision(decision.cover, lowest, reason)
    else:
        decision = cover_for(ppm=ppm, organisation=organisation, high_demand=service.high_demand)
    return _overridden(decision, service)


def cover_for(*, ppm: int, organisation: Organisation, high_demand: bool) -> CoverDecision:
    """Return the cover a target buys under the organisation's preset.

    Where the preset asks for demand too, a high target alone earns the domain rota (Smith).
    """
    cover = level_for(levels=organisation.levels, ppm=ppm).cover
    target = f"{format_target(ppm)} target"
    if cover is Cover.TEAM and organisation.team_requires_demand and not high_demand:
        reason = f"{target} but no high demand: {WORDS[Cover.DOMAIN]}"
        return CoverDecision(Cover.DOMAIN, ppm, reason)
    return CoverDecision(cover, ppm, f"{target}: {WORDS[cover]}")


def needs_rota(covers: RotaCovers) -> bool:
    """Return whether a rota that covers these hours answers out of hours."""
    return covers in (RotaCovers.ALWAYS, RotaCovers.OUT_OF_HOURS)


def _overridden(decision: CoverDecision, service: Service) -> CoverDecision:
    declared = service.cover_override
    if declared is None or declared is decision.cover:
        return decision
    reason = (
        f"{format_target(decision.target_ppm)} target: {WORDS[declared]}, "
        f"declared against {WORDS[decision.cover]} ({service.cover_reason or 'no reason given'})"
    )
    return CoverDecision(declared, decision.target_ppm, reason)
