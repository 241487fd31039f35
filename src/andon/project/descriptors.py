"""File descriptors: as many as the system grants, and some that connections never get.

Whoever connects takes a descriptor each. The database, mail, webhooks and logs need theirs at the
moment when most connect, so a part of all is kept back for them.
"""

import resource

#: More would only make the tables larger.
MOST = 65_536
#: The part of all that connections never get, and the least of it.
KEPT_BACK, LEAST_KEPT_BACK = 4, 256
#: Connections are worth nothing without the memory for what they send.
MOST_CONNECTIONS = 8_192


def raise_limit() -> int:
    """Raise this process's limit to what it may have; return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return MOST if soft == resource.RLIM_INFINITY else soft


def connections(limit: int) -> tuple[int, int]:
    """Return how many connections may be open, and how many may queue to be accepted at once.

    A queue is accepted in one go, before anybody counts: it must fit into what is kept back.
    """
    kept = min(max(limit // KEPT_BACK, LEAST_KEPT_BACK), limit // 2)
    return min(limit - kept, MOST_CONNECTIONS), max(16, min(2048, kept // 2))
