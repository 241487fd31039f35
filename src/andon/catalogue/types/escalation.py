"""Whom to page when nobody answers."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from andon.core.documents import writing
from andon.core.documents.declaring import FileKey

MOST_REPEATS = 20


class EscalationTarget(StrEnum):
    """Whom a step pages."""

    ON_CALL = "on-call"
    NEXT_ON_CALL = "next-on-call"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """Page the target, then wait for an acknowledgement before the next step."""

    target: Annotated[EscalationTarget, FileKey(name="page", required=True)]
    wait: Annotated[timedelta, FileKey("Until the next step.")] = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    """Steps in order, run `repeats` more times when nobody answers; then the page is UNANSWERED."""

    steps: Annotated[tuple[EscalationStep, ...], FileKey()] = (
        EscalationStep(EscalationTarget.ON_CALL, timedelta(minutes=5)),
        EscalationStep(EscalationTarget.NEXT_ON_CALL, timedelta(minutes=5)),
        EscalationStep(EscalationTarget.EVERYONE, timedelta(minutes=5)),
    )
    repeats: Annotated[
        int,
        FileKey(
            "How often the steps run again when nobody answers.", writing.whole(0, MOST_REPEATS)
        ),
    ] = 1
