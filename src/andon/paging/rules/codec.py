"""How the values that a page keeps are written down: the only place that knows their keys."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from andon.catalogue.types import EscalationPolicy, EscalationStep, EscalationTarget
from andon.paging.types import PagePolicy, PageRoute


def route_to(route: PageRoute) -> dict[str, Any]:
    """Return a route as it is kept."""
    return {
        "team": route.team,
        "service_why": route.service_why,
        "description": route.description,
        "links": route.links,
        "labels": route.labels,
    }


def route_from(document: Mapping[str, Any]) -> PageRoute:
    """Return the route that is kept; whatever is not there is empty."""
    return PageRoute(
        team=document.get("team"),
        service_why=str(document.get("service_why", "")),
        description=str(document.get("description", "")),
        links=_pairs(document.get("links", ())),
        labels=_pairs(document.get("labels", ())),
    )


def policy_to(policy: PagePolicy) -> dict[str, Any]:
    """Return a policy as it is kept; waits are in seconds."""
    return {
        "steps": [
            {"target": str(step.target), "wait": step.wait.total_seconds()} for step in policy.steps
        ],
        "repeats": policy.repeats,
        "from": policy.begins_at,
        "anew": policy.anew,
        "fallback_told": policy.fallback_told,
    }


def policy_from(document: Mapping[str, Any]) -> PagePolicy:
    """Return the policy that is kept; a page without one has the standard policy."""
    steps, repeats = EscalationPolicy().steps, EscalationPolicy().repeats
    if document.get("steps"):
        repeats = int(document["repeats"])
        steps = tuple(
            EscalationStep(EscalationTarget(one["target"]), timedelta(seconds=one["wait"]))
            for one in document["steps"]
        )
    return PagePolicy(
        steps=steps,
        repeats=repeats,
        begins_at=int(document.get("from", 0)),
        anew=bool(document.get("anew")),
        fallback_told=bool(document.get("fallback_told")),
    )


def _pairs(found: Iterable[Iterable[object]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in found)
