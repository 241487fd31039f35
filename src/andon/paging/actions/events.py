"""One line in the log per change of a page; one for all of them when a storm changes many."""

import logging
from collections.abc import Sequence

import structlog

from andon.paging.models import Page

log = structlog.get_logger(__name__)

_SINGLY = 20


def say(event: str, pages: Sequence[Page], *, level: int = logging.INFO, **facts: object) -> None:
    """Log that something happened to pages."""
    if len(pages) > _SINGLY:
        log.log(level, event, pages=len(pages), **facts)
        return
    for page in pages:
        about = {"state": str(page.state), "subject": str(page.subject), "reason": page.reason}
        log.log(level, event, page=str(page.uid), **(about | facts))
