"""The query for deployments, asked for many services at once, and the instants it tells."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

#: Where the query says that a service's slug goes: as the whole value of a matcher.
SERVICE = "$service"
#: The label by which the answers are told apart.
LABEL = "service"
#: A query whose answer is missing for less than this in between has told one deployment.
QUIET = timedelta(minutes=2)
_MATCHER = re.compile(r"""(=~|!=|!~|=)\s*(["'`])\$service\2""")


def of_services(*, query: str, services: Sequence[str]) -> str:
    """Return a query whose answer is above 0 for each of the services that was deployed.

    The query must keep the label `service` (`slo.rules.documents.deployments`); slugs are DNS
    labels, so that nothing in them means anything in a regular expression.
    """
    wanted = f'=~"{"|".join(services)}"'
    # On a line of its own: the query may end in a comment.
    return f"max by ({LABEL}) (\n{_MATCHER.sub(lambda _: wanted, query)}\n) > 0"


def places(query: str) -> int:
    """Return how many times the services are written into a query."""
    return len(_MATCHER.findall(query))


def began(
    instants: Iterable[datetime], *, since: datetime, quiet: timedelta = QUIET
) -> list[datetime]:
    """Return when deployments were told anew: after `since`, and after a while of nothing.

    `instants`, in order, are those at which the query was above 0, from `since - quiet` on.
    """
    found: list[datetime] = []
    before: datetime | None = None
    for at in instants:
        if at > since and (before is None or at - before > quiet):
            found.append(at)
        before = at
    return found
