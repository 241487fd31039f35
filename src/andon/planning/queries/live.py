"""The portfolio of the applied catalogue, calibrated by the incidents Andon has seen."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from andon.catalogue import queries as catalogue
from andon.catalogue.rules import cover_for
from andon.catalogue.rules.documents.insurance import stored_insurance
from andon.catalogue.rules.documents.organisation import stored_hours
from andon.catalogue.types import LOW_DEMAND, Organisation, StandingService
from andon.core.money import Money
from andon.incidents import queries as incidents
from andon.people import queries as people
from andon.planning.queries import build
from andon.planning.rules import frequency
from andon.planning.rules.exact import HOUR, per, times, total
from andon.planning.types import MONTH, YEAR, Assumptions, Guess, Insured, PeakDays, Portfolio

#: Before so long has been watched, what was seen says nothing; the prior stands.
LEAST_WATCHED = timedelta(days=28)
#: How far back incidents count; older ones tell of a service that is no more.
LONGEST_WATCHED = timedelta(days=2 * 365)


_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class SeenIncidents:
    """The incidents of a service that are over."""

    lengths: list[timedelta] = field(default_factory=list)
    losses: list[Money] = field(default_factory=list)
    starts: list[datetime] = field(default_factory=list)

    @property
    def log_minutes(self) -> tuple[float, ...]:
        """Return the logarithms of the times to restore; none is shorter than a minute."""
        return tuple(math.log(max(one / _MINUTE, 1.0)) for one in self.lengths)

    def counts(self, since: datetime, until: datetime) -> tuple[int, ...]:
        """Return how many began in each whole 30 days, the latest ones last."""
        held = [0] * ((until - since) // MONTH)
        for at in self.starts:
            place = len(held) - 1 - (until - at) // MONTH
            if 0 <= place < len(held):
                held[place] += 1
        return tuple(held)


def read(*, now: datetime, measured: bool) -> Portfolio:
    """Return the portfolio of the applied catalogue. Nine queries, however many services."""
    organisation = catalogue.organisation()
    found = build.portfolio(
        organisation=organisation,
        declared=_declared(organisation, now),
        people=people.count_members(),
    )
    watched = _watched(now) if measured else timedelta(0)
    if watched < LEAST_WATCHED:
        return found
    seen = _seen(now - watched, organisation.currency)
    years = round(Decimal(watched // HOUR) / (YEAR // HOUR), 4)
    by_domain: dict[str, list[Insured]] = defaultdict(list)
    for one in found.services:
        by_domain[one.domain or f"/{one.slug}"].append(one)
    services = tuple(
        calibrated(
            one,
            seen.get(one.slug, SeenIncidents()),
            years,
            found.assumptions,
            siblings=[
                seen[other.slug]
                for other in by_domain[one.domain or f"/{one.slug}"]
                if other.slug != one.slug and other.slug in seen
            ],
            counts=seen.get(one.slug, SeenIncidents()).counts(now - watched, now),
        )
        for one in found.services
    )
    return replace(found, services=services)


def calibrated(
    service: Insured,
    seen: SeenIncidents,
    years: Decimal,
    known: Assumptions,
    *,
    siblings: Sequence[SeenIncidents] = (),
    counts: Sequence[int] = (),
) -> Insured:
    """Return a service with rate and severity updated by what was seen of it and its siblings."""
    before = frequency.prior(
        incidents_per_year=float(service.incidents_per_year), years=float(known.prior_years)
    )
    count = len(seen.lengths)
    after = frequency.calibrate(before=before, incidents=count, years=float(years))
    severity = frequency.calibrate_among(
        before=frequency.OutageSeverity(
            service.time_to_restore / timedelta(minutes=1), float(service.sigma)
        ),
        log_minutes=seen.log_minutes,
        siblings=[one for other in siblings for one in other.log_minutes],
    )
    return replace(
        service,
        incidents_per_year=round(Decimal(after.mean), 4),
        time_to_restore=timedelta(seconds=round(severity.mean_minutes * 60)),
        sigma=round(Decimal(severity.sigma), 4),
        incidents_seen=count,
        years_seen=years,
        log_minutes_seen=seen.log_minutes,
        dispersion=round(Decimal(frequency.dispersion(counts=counts)), 4),
        siblings_seen=len(siblings),
        loss_seen=total(seen.losses, service.exposure_per_hour.currency),
        guessed=service.guessed - _learnt(count, years, known),
    )


def _learnt(count: int, years: Decimal, known: Assumptions) -> set[Guess]:
    """Return what is no guess any more: what was seen weighs as much as what was assumed."""
    found = {Guess.HOW_LONG} if count else set()
    return found | {Guess.HOW_OFTEN} if years >= known.prior_years else found


def _declared(organisation: Organisation, now: datetime) -> Iterable[build.Insurable]:
    zone = ZoneInfo(organisation.working_hours.timezone)
    lowest = min(level.target_ppm for level in organisation.levels)
    for one in catalogue.standing_services(now=now):
        base = (window.target_ppm for window in one.targets if window.ends_at is None)
        ppm = max(base, default=lowest)
        decision = cover_for(
            ppm=ppm,
            organisation=organisation,
            high_demand=one.deployment_target not in LOW_DEMAND,
        )
        yield build.Insurable(
            slug=one.slug,
            title=one.title,
            team=one.team,
            domain=one.domain,
            domain_kind=one.domain_kind,
            exposure=one.exposure,
            target_ppm=ppm,
            cover=one.cover_override or decision.cover,
            deployment_target=one.deployment_target,
            working_hours=stored_hours(one.working_hours, organisation.working_hours),
            insurance=stored_insurance(one.insurance, currency=organisation.currency),
            depends_on=one.needs,
            declared_at=one.declared_at,
            windows=tuple(_peaks(one, zone)),
        )


def _peaks(service: StandingService, zone: ZoneInfo) -> Iterator[PeakDays]:
    for one in service.targets:
        if one.ends_at is not None:
            first, after = (at.astimezone(zone).date() for at in (one.starts_at, one.ends_at))
            yield PeakDays(first, after, one.target_ppm)


def _watched(now: datetime) -> timedelta:
    """Return how long Andon has watched this catalogue, up to the longest that counts."""
    began = catalogue.known_since()
    return min(now - began, LONGEST_WATCHED) if began else timedelta(0)


def _seen(since: datetime, currency: str) -> dict[str, SeenIncidents]:
    rows = incidents.real().filter(
        service__isnull=False, started_at__gte=since, restored_at__isnull=False
    )
    found: dict[str, SeenIncidents] = defaultdict(SeenIncidents)
    for slug, started, restored, minor, money in rows.values_list(
        "service__slug", "started_at", "restored_at", "exposure_minor", "exposure_currency"
    ):
        if restored is None or slug is None:
            continue
        length = max(restored - started, timedelta(0))
        found[slug].lengths.append(length)
        found[slug].starts.append(started)
        if minor is not None and money == currency:
            found[slug].losses.append(times(Money(minor, money), per(length, HOUR)))
    return found
