"""What incidents cost the services they take down."""

from dataclasses import dataclass

import numpy as np

from andon.planning.rules.exact import to_float
from andon.planning.simulation.exposure import (
    YEAR,
    Exposure,
    ExposureCalendar,
    Floats,
    calendar,
    exposure,
)
from andon.planning.simulation.incidents import OutageBlock
from andon.planning.types import Insured


@dataclass(frozen=True, slots=True)
class Stake:
    """What a service has at stake in an outage, its own or that of a hard dependency."""

    slug: str
    #: Money per minute of average exposure, blast radius included, in major units.
    per_minute: float
    fixed: float
    cap: float | None
    #: Share of the loss of the waiting part that a shutter saves.
    shuttered: float
    week: Exposure | None
    year: ExposureCalendar | None

    @classmethod
    def of(cls, service: Insured) -> "Stake":
        """Return what a service has at stake."""
        return cls(
            slug=service.slug,
            per_minute=to_float(service.exposure_per_hour) * float(service.fraction) / 60,
            fixed=to_float(service.fixed_cost) if service.fixed_cost else 0.0,
            cap=to_float(service.cap) if service.cap else None,
            shuttered=1 - float(service.shuttered_share),
            week=exposure(service.week),
            year=calendar(service.seasons),
        )

    def losses(self, block: OutageBlock) -> Floats:
        """Return what each incident of a block loses this service.

        `min(cap, f x (rho x G(t0, t0+W) + G(t0+W, t0+W+R)) + c)`.
        """
        lost = self._between(block, block.starts, block.ends)
        if self.shuttered and block.begins is not block.starts:
            lost -= self.shuttered * self._between(block, block.starts, block.begins)
        lost *= self.per_minute
        if self.fixed:
            lost += self.fixed
        if self.cap is not None:
            np.minimum(lost, self.cap, out=lost)
        return lost

    def _between(self, block: OutageBlock, starts: Floats, ends: Floats) -> Floats:
        """Return the exposure of each outage, in minutes of average exposure."""
        if self.week is None:
            lost = ends - starts
        else:
            lost = self.week.until(ends)
            lost -= self.week.until(starts)
        return lost if self.year is None else self._seasonal(self.year, block, ends, lost)

    def _seasonal(
        self, year: ExposureCalendar, block: OutageBlock, ends: Floats, lost: Floats
    ) -> Floats:
        """Multiply by the season's factor; outages that outlast the season are taken apart."""
        day = block.clock - block.year * float(YEAR)
        factor, change = year.on(day)
        lost *= factor
        across = np.flatnonzero(day + (ends - block.starts) > change)
        if across.size:
            lost[across] = year.between(self.week, block.starts[across], day[across], ends[across])
        return lost
