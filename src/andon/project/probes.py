"""`/healthz`, `/readyz` and `/metrics`: raw ASGI, so that they answer whatever state Django is in.

`/healthz` says whether Andon does its work: this process can write to the database, every stage of
the engine, on whatever node, has a fresh heartbeat, and nothing keeps messages from people.
`/readyz` says whether this process may be sent requests. `/metrics` is for some addresses only, and
so is what the database said of its trouble.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from andon.core import clock, masking, process, wire, zones
from andon.core.trouble import Trouble
from andon.engine import health
from andon.web import peers, problems

log = structlog.get_logger(__name__)

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
_FORWARDING = frozenset({b"x-forwarded-for", b"forwarded", b"x-real-ip"})
_NOT_FOR_YOU = (
    "The metrics are not for your address. ANDON_METRICS_ALLOW says whose they are; behind a "
    "proxy, ANDON_TRUSTED_PROXIES says whom to believe."
)
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def build(*, ready: Callable[[], str]) -> Callable[..., Awaitable[None]]:
    """Return the ASGI application that answers the three probes."""

    async def application(scope: MutableMapping[str, Any], _receive: object, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            detail = f"{scope['method']} is not possible here; allowed: GET, HEAD."
            await _refuse(send, 405, detail, extra=[(b"allow", b"GET, HEAD")])
        elif scope["path"] == "/metrics" and not _is_insider(scope):
            await _refuse(send, 403, _NOT_FOR_YOU)
        elif scope["path"] == "/metrics":
            body = await asyncio.to_thread(_metrics)
            await _answer(send, 200, body, CONTENT_TYPE_LATEST)
        elif scope["path"] == "/readyz":
            why = ready()
            await _json(send, 503 if why else 200, {"ready": not why, "why": why})
        else:
            status, document = await asyncio.to_thread(_health, whole=_is_insider(scope))
            await _json(send, status, document)

    return application


def _health(*, whole: bool) -> tuple[int, dict[str, object]]:
    now = clock.now()
    try:
        close_old_connections()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        stages = health.stages(now=now)
        troubles = health.troubles(now=now)
    except DatabaseError as error:
        return 503, {
            "healthy": False,
            "database": masking.text(str(error)),
            "time_zones": zones.used().version,
            "stages": [],
            "troubles": _troubles(process.troubles(), whole=whole),
        }
    finally:
        connection.close()
    rows = [
        {
            "stage": stage.name,
            "node": stage.node,
            "age_seconds": round(stage.age.total_seconds(), 1) if stage.age is not None else None,
            "stale": stage.stale,
            "error": stage.error,
        }
        for stage in stages
    ]
    ailing = any(stage.stale for stage in stages) or any(one.is_ours for one in troubles)
    healthy = bool(rows) and not ailing
    return (200 if healthy else 503), {
        "healthy": healthy,
        "database": "ok",
        "time_zones": zones.used().version,
        "stages": rows,
        "troubles": _troubles(troubles, whole=whole),
    }


def _troubles(found: Sequence[Trouble], *, whole: bool) -> list[dict[str, str]]:
    return [
        {"what": one.what, "since": wire.instant(one.since)} | ({"said": one.said} if whole else {})
        for one in found
    ]


def _is_insider(scope: MutableMapping[str, Any]) -> bool:
    """Return whether this sender may read the metrics, which name services and what they cost.

    What a proxy passes on comes from whom it says, if it is trusted; else from nobody we know, as a
    proxy on this machine would make everybody local.
    """
    headers = dict(scope.get("headers", ()))
    peer = (scope.get("client") or ("",))[0]
    trusted = settings.ANDON_TRUSTED_PROXIES
    if not peers.is_within(peer, trusted) and not _FORWARDING.isdisjoint(headers):
        return False
    address = peers.address_of(
        peer=peer,
        forwarded_for=headers.get(b"x-forwarded-for", b"").decode("latin-1"),
        trusted=trusted,
    )
    return peers.is_within(address, settings.ANDON_METRICS_ALLOW)


def _metrics() -> bytes:
    try:
        health.export(now=clock.now())
    except DatabaseError as error:
        # What the process counted itself is still worth scraping while the database is away.
        log.warning("metrics_without_database", error=str(error))
    finally:
        connection.close()
    return generate_latest()


async def _json(send: Send, status: int, document: object) -> None:
    await _answer(send, status, json.dumps(document).encode() + b"\n", "application/json")


async def _refuse(
    send: Send, status: int, detail: str, *, extra: list[tuple[bytes, bytes]] | None = None
) -> None:
    body = json.dumps(problems.document(status, detail=detail)).encode() + b"\n"
    await _answer(send, status, body, problems.CONTENT_TYPE, extra=extra)


async def _answer(
    send: Send,
    status: int,
    body: bytes,
    content_type: str,
    *,
    extra: list[tuple[bytes, bytes]] | None = None,
) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *(extra or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
