"""Rota documents, as the catalogue stores them, read into values."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from andon.catalogue.rules.cadence import length
from andon.catalogue.types import EscalationPolicy, EscalationStep, EscalationTarget, RotationUnit
from andon.catalogue.types.rotas import LONGEST_SHIFT, Asked, Carried, Rotation, RotaVersion
from andon.core.periods import Period


class UnreadableDocument(ValueError):
    """A stored rota document does not say who is on call."""


def read_version(
    *, document: Mapping[str, Any], period: Period, carried: Mapping[str, Any] | None = None
) -> RotaVersion:
    """Return what a document says for a period. Raises UnreadableDocument."""
    try:
        timezone = str(document["timezone"])
        ZoneInfo(timezone)
        rotation = _rotation(document["rotation"])
        taken_over = _carried(carried) if carried else None
    except (ArithmeticError, KeyError, TypeError, ValueError, OSError) as error:
        raise UnreadableDocument(f"{type(error).__name__}: {error}") from error
    return RotaVersion(period, timezone, rotation, taken_over)


def carried_document(carried: Carried | None) -> dict[str, Any] | None:
    """Return how a version takes over as the database keeps it."""
    if carried is None:
        return None
    return {
        "since": carried.since.isoformat(),
        "until": carried.until.isoformat(),
        "person": carried.person,
        "turn": carried.turn,
        "order": list(carried.order),
    }


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
        asked=_asked(written["asked"]) if written.get("asked") else None,
    )
    if rotation.every < 1 or length(rotation) > LONGEST_SHIFT:
        raise UnreadableDocument(f"a shift of {rotation.every} {rotation.unit}s")
    return rotation


def asked_document(asked: Asked) -> dict[str, Any]:
    """Return the hours in which a rota is asked as the database keeps them."""
    return {
        "days": sorted(asked.days),
        "starts": f"{asked.starts:%H:%M}",
        "ends": f"{asked.ends:%H:%M}",
        "working": asked.working,
    }


def _asked(written: Mapping[str, Any]) -> Asked:
    return Asked(
        days=frozenset(int(day) for day in written["days"]),
        starts=time.fromisoformat(written["starts"]),
        ends=time.fromisoformat(written["ends"]),
        working=bool(written["working"]),
    )


def _carried(written: Mapping[str, Any]) -> Carried:
    since, until = (datetime.fromisoformat(written[key]) for key in ("since", "until"))
    order = tuple(str(slug) for slug in written["order"])
    if since.tzinfo is None or until < since or not order:
        raise UnreadableDocument("it does not say where the order goes on")
    return Carried(since, until, str(written["person"]), order, str(written.get("turn", "")))
