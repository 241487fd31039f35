"""What generated dashboards are called, for all who link to them."""

import hashlib

from andon.telemetry.types import Board

#: Grafana refuses longer uids.
LONGEST_UID = 40


def uid(*, kind: Board, slug: str = "") -> str:
    """Return a dashboard's uid: the same for the same slug, always.

    A slug that does not fit is cut and told apart by a digest, so that two never share one.
    """
    name = f"andon-{kind}-{slug}" if slug else f"andon-{kind}"
    if len(name) <= LONGEST_UID:
        return name
    digest = hashlib.sha256(slug.encode()).hexdigest()[:8]
    return f"{name[: LONGEST_UID - 9]}-{digest}"


def address(*, grafana_url: str, kind: Board, slug: str = "") -> str:
    """Return a dashboard's address, or nothing when Grafana's own is not known."""
    return f"{grafana_url.rstrip('/')}/d/{uid(kind=kind, slug=slug)}" if grafana_url else ""
