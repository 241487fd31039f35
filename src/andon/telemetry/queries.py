"""What the estate in force was made from, and what was rolled out of it last."""

from andon.catalogue import queries as catalogue
from andon.slo import queries as slo
from andon.telemetry.models import Rollout


def state_of_files() -> str:
    """Return a text that changes whenever what telemetry is generated from does. Two queries."""
    return f"{catalogue.newest_revision()} {slo.state_of_declarations()}"


def last_rollout() -> Rollout | None:
    """Return the last attempt to bring files into force."""
    return Rollout.objects.order_by("-at", "-pk").first()
