"""Who owned what, and whose budget bore it, from when until when."""

from dataclasses import dataclass
from datetime import datetime

from andon.core.periods import Period


@dataclass(frozen=True, slots=True)
class Owned:
    """What a service, domain or rota belonged to for a while. Rows by key; None where none."""

    owner_id: int | None
    domain_id: int | None = None
    budget_holder_id: int | None = None
    funding: str = ""


@dataclass(frozen=True, slots=True)
class Ownerships:
    """Ownership over a period: parts in order of time that leave no gap, by key."""

    services: dict[int, tuple[tuple[Period, Owned], ...]]
    domains: dict[int, tuple[tuple[Period, Owned], ...]]
    rotas: dict[int, tuple[tuple[Period, Owned], ...]]

    def changes(self) -> list[datetime]:
        """Return the instants at which anything changed hands, in order."""
        tables = (self.services, self.domains, self.rotas)
        found = {
            period.starts_at
            for table in tables
            for parts in table.values()
            for period, _ in parts[1:]
        }
        return sorted(found)


def owned_at(parts: tuple[tuple[Period, Owned], ...], at: datetime) -> Owned:
    """Return what held at an instant; outside the parts, what held nearest to it."""
    held = parts[0][1]
    for period, owned in parts[1:]:
        if at < period.starts_at:
            break
        held = owned
    return held
