"""Asks Alertmanager's API: what it holds, since when it runs, which configuration is in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from andon.alerts import rules
from andon.alerts.types import KnownKey, ReceivedAlert
from andon.integrations.alertmanager import receiver
from andon.integrations.alertmanager.config import mark_of
from andon.integrations.egress.tools import Tool
from andon.paging.types import Fault, TransportError

#: Receivers whose name begins with this tell Andon.
RECEIVER_PREFIX = "andon"
#: For alerts, of which there may be many.
TOTAL = 10.0


class _Status(msgspec.Struct):
    state: str = "active"


class _Receiver(msgspec.Struct):
    name: str = ""


class _Alert(msgspec.Struct):
    fingerprint: str
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: str = msgspec.field(default="", name="startsAt")
    generator_url: str = msgspec.field(default="", name="generatorURL")
    status: _Status = msgspec.field(default_factory=_Status)
    receivers: list[_Receiver] = []


_alerts = msgspec.json.Decoder(list[_Alert]).decode


@dataclass(frozen=True, slots=True)
class StandingAlert:
    """An alert that an Alertmanager holds."""

    dedup_key: str
    starts_at: datetime | None
    #: It is told: neither silenced, inhibited nor new to it.
    is_active: bool
    #: One of its receivers tells Andon.
    is_ours: bool
    #: As a webhook would bring it.
    entry: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Status:
    """What an Alertmanager says of itself."""

    running_since: datetime | None
    #: The mark of the generated configuration in force; empty for another.
    mark: str
    receivers: tuple[str, ...]


class Alertmanager:
    """Asks one Alertmanager. Safe between threads; raises TransportError."""

    def __init__(self, *, url: str, total: float = TOTAL) -> None:
        self.tool = Tool(name="Alertmanager", url=url, total=total)

    @property
    def url(self) -> str:
        """Return its address as it may be shown."""
        return self.tool.url

    def status(self) -> Status:
        """Return what it says of itself."""
        said = self.tool.read(self.tool.get("/api/v2/status"))
        names = self.tool.read(self.tool.get("/api/v2/receivers"))
        try:
            return Status(
                running_since=_time(said.get("uptime", "")),
                mark=mark_of(said["config"]["original"]),
                receivers=tuple(one["name"] for one in names),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise self._strange("/api/v2/status", error) from error

    def alerts(self) -> list[StandingAlert]:
        """Return every alert that it holds: active, silenced or inhibited."""
        body = self.tool.get(
            "/api/v2/alerts",
            {"active": "true", "silenced": "true", "inhibited": "true", "unprocessed": "true"},
        )
        try:
            return [_standing(alert) for alert in _alerts(body)]
        except (msgspec.DecodeError, RecursionError) as error:
            raise self._strange("/api/v2/alerts", error) from error

    def reload(self) -> None:
        """Let it read its configuration; what it says against it is raised."""
        self.tool.post("/-/reload")

    def close(self) -> None:
        """Close the kept connections."""
        self.tool.close()

    def _strange(self, path: str, error: Exception) -> TransportError:
        return self.tool.trouble(
            f"{path} is not as version 2 has it ({error})", fault=Fault.INSTALLATION
        )


def received(
    *, standing: Sequence[StandingAlert], key: KnownKey, url: str
) -> tuple[bytes, list[ReceivedAlert]]:
    """Return standing alerts as the webhook's receiver would, and the body it would have read."""
    body = msgspec.json.encode(
        {
            "version": "4",
            "status": "firing",
            "receiver": "reconciler",
            "externalURL": url,
            "alerts": [one.entry for one in standing],
        }
    )
    return body, receiver.parse(body, key)


def _standing(alert: _Alert) -> StandingAlert:
    entry = {
        "status": "firing",
        "labels": alert.labels,
        "annotations": alert.annotations,
        "startsAt": alert.starts_at,
        "generatorURL": alert.generator_url,
        "fingerprint": alert.fingerprint,
    }
    return StandingAlert(
        dedup_key=rules.cut_dedup_key(alert.fingerprint),
        starts_at=_time(alert.starts_at),
        is_active=alert.status.state == "active",
        is_ours=any(one.name.startswith(RECEIVER_PREFIX) for one in alert.receivers),
        entry=entry,
    )


def _time(text: str) -> datetime | None:
    try:
        return rules.read_time(text)
    except rules.UnreadableTime:
        return None
