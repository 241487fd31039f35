"""Rota documents, as the catalogue stores them, read into values."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from andon.catalogue.types import EscalationPolicy, EscalationStep, EscalationTarget, RotationUnit
from andon.core.periods import Period
from andon.oncall.rules.rotation import length
from andon.oncall.types import LONGEST_SHIFT, Rotation, RotaVersion


class UnreadableDocument(ValueError):
    """A stored rota document does not say who is on call."""


def read_version(*, document: Mapping[str, Any], period: Period) -> RotaVersion:
    """Return what a document says for a period. Raises UnreadableDocument."""
    try:
        timezone = str(document["timezone"])
        ZoneInfo(timezone)
        rotation = _rotation(document["rotation"])
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise UnreadableDocument(f"{type(error).__name__}: {error}") from error
    return RotaVersion(period, timezone, rotation)


def read_escalation(*, document: Mapping[str, Any]) -> EscalationPolicy | None:
    """Return the document's own escalation policy; None means the organisation's."""
    written = document.get("escalation")
    if not written:
        return None
    try:
        steps = tuple(
            EscalationStep(
                EscalationTarget(step["target"]), timedelta(minutes=float(step["wait_minutes"]))
            )
            for step in written["steps"]
        )
        return EscalationPolicy(steps, int(written.get("repeats", 0))) if steps else None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _rotation(written: Mapping[str, Any]) -> Rotation:
    rotation = Rotation(
        unit=RotationUnit(written["unit"]),
        every=int(written.get("every", 1)),
        handover=time.fromisoformat(written["handover"]),
        starts_on=date.fromisoformat(written["starts_on"]),
        participants=tuple(str(slug) for slug in written["participants"]),
    )
    if rotation.every < 1 or length(rotation) > LONGEST_SHIFT:
        raise UnreadableDocument(f"a shift of {rotation.every} {rotation.unit}s")
    return rotation
