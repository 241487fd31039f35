"""Senders of the three kinds, by the receivers that the hooks use, on the world's clock."""

import json
from typing import Any

from andon.alerts import actions as alerts
from andon.alerts.models import IntegrationKey
from andon.alerts.types import KnownKey, RawRequest
from andon.catalogue.models import Service
from andon.core.ids import new_secret
from andon.web.hooks.receivers import parse
from tests.support.world import World

#: What a sender can say; Alertmanager knows no acknowledgement.
ACTIONS = {
    "alertmanager": ("trigger", "resolve"),
    "pagerduty": ("trigger", "acknowledge", "resolve"),
    "generic": ("trigger", "acknowledge", "resolve"),
}


class Sender:
    """One integration key of a service, and whoever holds it."""

    def __init__(self, world: World, kind: str, *, service: str, name: str = "shop") -> None:
        self._world = world
        secret = new_secret("andon_key_")
        row = IntegrationKey.objects.create(
            name=name,
            kind=kind,
            service=Service.objects.get(slug=service),
            digest=secret.digest,
            hint=secret.hint,
            created_at=world.now,
        )
        self.key = KnownKey(row.pk, kind, name, row.service_id, service, row.per_minute)

    def send(self, action: str, alert: str = "a", *, severity: str = "error") -> None:
        """Send one event about an alert; the engine does not run."""
        kind, now = self.key.kind, self._world.now
        body = json.dumps(getattr(self, f"_{kind}")(action, alert, severity)).encode()
        raw = RawRequest(self.key.id, kind, now, body)
        received = [(self.key, one) for one in parse(raw, self.key)]
        alerts.receive(received=received, raw=[raw], now=now)

    def _alertmanager(self, action: str, alert: str, severity: str) -> dict[str, Any]:
        status = {"trigger": "firing", "resolve": "resolved"}[action]
        return {
            "version": "4",
            "receiver": "andon",
            "status": status,
            "groupKey": "{}",
            "truncatedAlerts": 0,
            "externalURL": "http://am.example",
            "alerts": [
                {
                    "status": status,
                    "labels": {"alertname": alert, "severity": severity},
                    "annotations": {"summary": f"{alert} is wrong"},
                    "startsAt": self._world.now.isoformat(),
                    "endsAt": "0001-01-01T00:00:00Z",
                    "fingerprint": f"fp-{alert}",
                }
            ],
        }

    def _pagerduty(self, action: str, alert: str, severity: str) -> dict[str, Any]:
        payload = {"summary": f"{alert} is wrong", "source": "db1", "severity": severity}
        event = {"routing_key": "k" * 32, "event_action": action, "dedup_key": alert}
        return event | ({"payload": payload} if action == "trigger" else {})

    def _generic(self, action: str, alert: str, severity: str) -> dict[str, Any]:
        event = {"summary": f"{alert} is wrong", "severity": severity}
        return event | {"action": action, "dedup_key": alert}
