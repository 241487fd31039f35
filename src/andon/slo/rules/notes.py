"""What the generator left out and why, for the head of each file."""

from collections import defaultdict
from collections.abc import Mapping

from andon.slo.rules import tiers
from andon.slo.types import Estate


def by_service(*, estate: Estate) -> Mapping[str, str]:
    """Return for each service the tiers its objectives go without, with the reason."""
    found: dict[str, list[str]] = defaultdict(list)
    for objective in sorted(estate.objectives, key=lambda one: one.slug):
        for one in tiers.choose(objective=objective, rules=estate.rules).senseless:
            line = f"{objective.slug} goes without {one.tier.name}: {one.reason}."
            found[objective.service].append(line)
    return {service: "\n".join(lines) for service, lines in found.items()}
