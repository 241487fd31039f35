"""What the generator left out and why, for the head of each file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from andon.slo.rules import tiers
from andon.slo.types import Estate, Evaluator, Objective


def by_service(*, estate: Estate, engine: Evaluator) -> Mapping[str, str]:
    """Return for each service the objectives and tiers an engine goes without, with the reason."""
    found: dict[str, list[str]] = defaultdict(list)
    for objective in sorted(estate.objectives, key=lambda one: one.slug):
        if not objective.indicator.is_for(engine):
            line = f"{objective.slug} is left out here: its query is MetricsQL, which Prometheus "
            found[objective.service].append(line + "cannot read. Only vmalert evaluates it.")
            continue
        for one in tiers.choose(objective=objective, rules=estate.rules).senseless:
            line = f"{objective.slug} goes without {one.tier.name}: {one.reason}."
            found[objective.service].append(line)
    return {service: "\n".join(lines) for service, lines in found.items()}


def only_vmalert(objectives: Iterable[Objective]) -> list[str]:
    """Return the slugs of those objectives that Prometheus cannot evaluate."""
    return sorted(one.slug for one in objectives if not one.indicator.is_for(Evaluator.PROMETHEUS))
