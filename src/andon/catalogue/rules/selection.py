"""Choosing an availability target from what an hour of unavailability costs."""

from dataclasses import dataclass
from decimal import Decimal

from andon.catalogue.rules.targets import allowed_downtime, format_target
from andon.catalogue.types import Organisation
from andon.core.money import Money

_HOUR = Decimal(3600)


@dataclass(frozen=True, slots=True)
class Selection:
    """The target an exposure asks for, and why, in words."""

    target_ppm: int
    reason: str


def can_select(organisation: Organisation) -> bool:
    """Return whether an exposure asks for any target at all."""
    return bool(organisation.exposure_bands or organisation.minimum_losses)


def select_target(*, organisation: Organisation, exposure_per_hour: Money) -> Selection:
    """Return the target an exposure asks for, by the organisation's bands or minimum losses.

    Bands (Equal Experts): the first whose ceiling holds the exposure; the top one is open-ended.
    Minimum losses (Smith): the highest target whose whole allowance, used up, would lose at least
    the minimum. An organisation with neither gives every service its lowest target.
    """
    if organisation.exposure_bands:
        return _by_band(organisation, exposure_per_hour)
    if organisation.minimum_losses:
        return _by_minimum_loss(organisation, exposure_per_hour)
    lowest = min(level.target_ppm for level in organisation.levels)
    return Selection(lowest, f"no way to select a target is set, so the lowest: {_say(lowest)}")


def loss_over_allowance(*, ppm: int, organisation: Organisation, exposure_per_hour: Money) -> Money:
    """Return what is lost when a target's whole allowance is used up, loss growing linearly."""
    seconds = Decimal(str(allowed_downtime(ppm, organisation.period).total_seconds()))
    return exposure_per_hour.scaled(seconds / _HOUR)


def _by_band(organisation: Organisation, exposure: Money) -> Selection:
    bands = sorted(organisation.exposure_bands, key=lambda band: band.ceiling_per_hour.minor)
    for band in bands:
        if exposure <= band.ceiling_per_hour:
            reason = (
                f"{exposure} an hour is within {band.ceiling_per_hour}: {_say(band.target_ppm)}"
            )
            return Selection(band.target_ppm, reason)
    top = bands[-1]
    reason = f"{exposure} an hour is above the top band: {_say(top.target_ppm)}"
    return Selection(top.target_ppm, reason)


def _by_minimum_loss(organisation: Organisation, exposure: Money) -> Selection:
    ordered = sorted(organisation.minimum_losses, key=lambda one: one.target_ppm, reverse=True)
    for minimum in ordered:
        loss = loss_over_allowance(
            ppm=minimum.target_ppm, organisation=organisation, exposure_per_hour=exposure
        )
        if minimum.loss <= loss:
            reason = f"{loss} over the allowance reaches {minimum.loss}: {_say(minimum.target_ppm)}"
            return Selection(minimum.target_ppm, reason)
    lowest = min(level.target_ppm for level in organisation.levels)
    return Selection(lowest, f"{exposure} an hour reaches no minimum loss: {_say(lowest)}")


def _say(ppm: int) -> str:
    return format_target(ppm)
