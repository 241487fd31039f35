"""The rows that hang on an entity: aliases, targets, needs."""

from collections.abc import Collection
from datetime import datetime

from andon.catalogue import models
from andon.catalogue.actions.declared import future_peaks
from andon.catalogue.types.declared import Catalogue
from andon.core import rows


def write_aliases(catalogue: Catalogue, slugs: Collection[str]) -> None:
    """Make the aliases of services what the files say; one that a retired service held moves."""
    if not slugs:
        return
    known = rows.ids(models.Service)
    wanted = {alias: known[slug] for slug in slugs for alias in catalogue.services[slug].aliases}
    touched = {known[slug] for slug in slugs}
    gone = [
        row.pk
        for row in models.ServiceAlias.objects.all()
        if (row.service_id in touched and wanted.get(row.alias) != row.service_id)
        or wanted.get(row.alias, row.service_id) != row.service_id
    ]
    rows.delete(models.ServiceAlias, gone)
    new = [models.ServiceAlias(alias=alias, service_id=pk) for alias, pk in wanted.items()]
    rows.insert(models.ServiceAlias, new, unless_there=True)


def write_targets(catalogue: Catalogue, slugs: Collection[str], now: datetime) -> None:
    """End the targets in force and begin the declared ones at this instant."""
    if not slugs:
        return
    known = rows.ids(models.Service)
    touched = {known[slug] for slug in slugs}
    in_force = models.AvailabilityTarget.objects.filter(ends_at__isnull=True, kind="base")
    _end(list(rows.among(in_force, "service_id", touched)), now)
    new = [
        models.AvailabilityTarget(
            service_id=known[slug], ppm=catalogue.services[slug].target_ppm, starts_at=now
        )
        for slug in sorted(slugs)
    ]
    rows.insert(models.AvailabilityTarget, new)


def write_peaks(catalogue: Catalogue, slugs: Collection[str], now: datetime) -> None:
    """Make the peak windows that are not over what the files say; what was in force stays."""
    if not slugs:
        return
    known = rows.ids(models.Service)
    wanted = {
        (known[slug], peak.target_ppm, max(peak.starts_at, now), peak.ends_at)
        for slug in slugs
        for peak in future_peaks(catalogue.services[slug], now)
    }
    touched = {known[slug] for slug in slugs}
    standing = models.AvailabilityTarget.objects.filter(kind="peak", ends_at__gt=now)
    gone = []
    for row in rows.among(standing, "service_id", touched):
        key = (row.service_id, row.ppm, max(row.starts_at, now), row.ends_at)
        if key in wanted:
            wanted.remove(key)
        else:
            gone.append(row)
    _end(gone, now)
    new = [
        models.AvailabilityTarget(
            service_id=service, ppm=ppm, starts_at=starts_at, ends_at=ends_at, kind="peak"
        )
        for service, ppm, starts_at, ends_at in sorted(wanted)
    ]
    rows.insert(models.AvailabilityTarget, new)


def write_needs(catalogue: Catalogue, slugs: Collection[str]) -> None:
    """Make the dependencies of services what the files say."""
    if not slugs:
        return
    services, resources = rows.ids(models.Service), rows.ids(models.Resource)
    wanted = {
        (
            services[slug],
            services[name] if kind == "service" else None,
            resources[name] if kind == "resource" else None,
            str(hardness),
        )
        for slug in slugs
        for (kind, name), hardness in catalogue.services[slug].needs.items()
    }
    touched = {services[slug] for slug in slugs}
    gone = []
    for row in rows.among(models.Dependency.objects.all(), "service_id", touched):
        key = (row.service_id, row.on_service_id, row.on_resource_id, row.hardness)
        if key in wanted:
            wanted.remove(key)
        else:
            gone.append(row.pk)
    rows.delete(models.Dependency, gone)
    new = [
        models.Dependency(service_id=one, on_service_id=on, on_resource_id=uses, hardness=hardness)
        for one, on, uses, hardness in wanted
    ]
    rows.insert(models.Dependency, new)


def _end(targets: list[models.AvailabilityTarget], now: datetime) -> None:
    begun = [row.pk for row in targets if row.starts_at < now]
    rows.delete(models.AvailabilityTarget, [row.pk for row in targets if row.starts_at >= now])
    for part in rows.chunks(begun):
        models.AvailabilityTarget.objects.filter(pk__in=part).update(ends_at=now)
