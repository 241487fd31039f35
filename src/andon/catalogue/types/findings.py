"""What is wrong with a declared entity, as its page shows it."""

from dataclasses import dataclass
from datetime import datetime

from andon.core.documents.problems import Gravity


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A problem of the last `check` inside `apply`, as an entity's page shows it."""

    kind: str
    slug: str
    gravity: Gravity
    rule: str
    message: str
    fix: str
    where: str
    seen_at: datetime
