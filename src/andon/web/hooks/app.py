"""The hot path: a raw ASGI application beside Django, with no middleware and no ORM objects.

A request is authenticated from memory, bounded, parsed by the receiver of its kind, handed to the
writer, and answered when the commit that holds it is on disk.
"""

import asyncio
import base64
import binascii
import itertools
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from andon.alerts import actions as alerts
from andon.alerts.types import Fault, Key, KeyKind, RawRequest, ReceivedAlert, UnreadableRequest
from andon.core import clock, masking
from andon.core.ids import uuid7
from andon.integrations.alertmanager import receiver as alertmanager
from andon.integrations.pagerduty import receiver as pagerduty
from andon.web.hooks import answers, metrics, receivers
from andon.web.hooks.answers import Headers, Refusal
from andon.web.hooks.body import Gone, Message, Receive, TooLarge, Turns, find_beyond, read
from andon.web.hooks.keys import KeyRing
from andon.web.hooks.receivers import Understood
from andon.web.hooks.writer import Waiter, Writer

log = logging.getLogger(__name__)

Scope = Message
Send = Callable[[Message], Awaitable[None]]

MIB = 1024 * 1024
_PATHS = {"alertmanager": KeyKind.ALERTMANAGER, "generic": KeyKind.GENERIC}
#: Bytes of a body, unpacked. Alertmanager knows no limit: a group of 1,450 alerts is over 1 MiB.
LIMITS = {
    KeyKind.ALERTMANAGER: 32 * MIB,
    KeyKind.GENERIC: MIB,
    KeyKind.PAGERDUTY: MIB // 2,
}
#: A larger body is read beside the event loop, which goes on answering others.
LARGE = 64 * 1024
#: Bodies that may be over 1 MiB in memory at the same time; further ones wait unread.
MAX_LARGE = 8
#: Alerts of one request that are stored at once: others are stored between two such parts.
PART = 2000
#: Heads of requests remembered between two readings of the keys.
MAX_SENDERS = 1000
#: Below it all is answered as PagerDuty's API does, also what that does not have.
_PAGERDUTY = "/v2/"
_ENQUEUE, _CHANGE = ["", "v2", "enqueue"], ["", "v2", "change", "enqueue"]
_ALLOW = (b"allow", b"POST")
_CHALLENGE = (b"www-authenticate", b'Bearer realm="andon", Basic realm="andon"')


@dataclass(slots=True)
class Request:
    """What matters of a request's head."""

    kind: KeyKind
    secret: str = ""
    length: int | None = None
    encoding: bytes = b""
    is_change: bool = False


class Intake:
    """Takes alerts in. `on_stored` is called by the writer's thread after each commit."""

    def __init__(self, on_stored: Callable[[], None] | None = None) -> None:
        self.ring = KeyRing()
        self._writer = Writer(self.ring, on_stored)
        self._prefix = secrets.token_hex(6).encode()
        self._numbers = itertools.count(1)
        self._turns = Turns(MAX_LARGE)
        # Senders on the short way, by path and `Authorization`; forgotten when keys are read.
        self._senders: dict[tuple[bytes, bytes], Key] = {}
        self._senders_of: dict[str, Key] | None = None

    @property
    def ready(self) -> bool:
        """Return whether the keys were read, so that senders can be told apart."""
        return self.ring.is_read

    @staticmethod
    def handles(path: str) -> bool:
        """Return whether a path belongs to intake."""
        return path.startswith(("/hooks/", _PAGERDUTY))

    def start(self) -> None:
        """Start the writer; until it has read the keys, the answer is 503."""
        self._writer.start()

    def stop(self) -> None:
        """Store what has arrived and stop; later requests get 503."""
        self._writer.stop()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        kind: KeyKind | None = None
        try:
            request = _head(scope)
            kind = request.kind
            if kind is KeyKind.PAGERDUTY:
                status, headers, body = await self._pagerduty(request, receive)
            else:
                status, headers, body = await self._webhook(request, receive)
        except Refusal as refused:
            metrics.REJECTED.labels(refused.code).inc()
            status, headers, body = answers.refusal(kind or _kind_of(scope["path"]), refused)
        except Gone:
            metrics.REJECTED.labels("gone").inc()
            return
        except Exception:  # our own fault is never the sender's
            log.exception("intake: a request failed")
            metrics.REJECTED.labels("defect").inc()
            status, headers, body = answers.refusal(
                kind or _kind_of(scope["path"]), answers.unavailable()
            )
        headers.append((b"content-length", str(len(body)).encode()))
        headers.append((b"x-request-id", self.next_request_id()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def next_request_id(self) -> bytes:
        """Return what an answer carries, so that a sender can tell us which one it means."""
        return b"%s-%x" % (self._prefix, next(self._numbers))

    def take(
        self,
        loop: asyncio.AbstractEventLoop,
        path: bytes,
        authorization: bytes,
        body: bytes,
        waiter: Waiter,
    ) -> bool:
        """Store an ordinary request of a known Alertmanager, and tell `waiter` when it is on disk.

        Returns false, having done nothing, for anything else: `app` knows what to answer.
        """
        key = self._sender(path, authorization)
        if key is None or b"andon_key_" in body or self.ring.throttle(key):
            return False
        received = alertmanager.parse_ordinary(body)
        if received is None:
            return False
        raw = RawRequest(key.id, "alertmanager", clock.now(), body)
        self._writer.submit(loop, key, received, raw, waiter)
        return True

    def _sender(self, path: bytes, authorization: bytes) -> Key | None:
        """Return the live key of a head that was seen before, or can be read without asking.

        Only heads with a valid key are remembered. Finding one compares a keyed hash first (that of
        Python's dictionaries), so timing tells a guesser nothing about the secret.
        """
        keys = self.ring.keys
        if self._senders_of is not keys:
            self._senders_of, self._senders = keys, {}
        head = (path, authorization)
        key = self._senders.get(head)
        if key is None:
            key = self._read_sender(path, authorization)
            if key is not None and len(self._senders) < MAX_SENDERS:
                self._senders[head] = key
        return key

    def _read_sender(self, path: bytes, authorization: bytes) -> Key | None:
        if b"%" in path or b"?" in path:
            return None
        try:
            kind, secret = _route(path.decode("latin-1").split("/"))
        except Refusal:
            return None
        secret = _credential(authorization) or secret
        key = self.ring.find(secret) if secret else None
        return key if key is not None and key.kind is kind is KeyKind.ALERTMANAGER else None

    async def _webhook(self, request: Request, receive: Receive) -> tuple[int, Headers, bytes]:
        key = await self._authenticate(request.kind, request.secret)
        size = None if request.encoding else request.length
        async with self._turns.of(size, MIB):
            try:
                body = await read(receive, request.length, request.encoding, LIMITS[request.kind])
            except TooLarge as error:
                self._note_too_large(key, error, request.length)
                raise
            identity = str(uuid7()) if request.kind is KeyKind.GENERIC else ""
            understood = await self._keep(key, key.kind.value, masking.body(body), identity)
        if request.kind is KeyKind.ALERTMANAGER:
            return 202, [], b""
        return 202, [answers.JSON], receivers.generic_answer(understood)

    async def _pagerduty(self, request: Request, receive: Receive) -> tuple[int, Headers, bytes]:
        try:
            # Without the declared length: the key stands somewhere in the body.
            body = await read(receive, None, request.encoding, LIMITS[KeyKind.PAGERDUTY])
        except TooLarge as error:
            await self._find_sender(error, receive, request.length)
            raise
        try:
            event = pagerduty.read(body)
            secret = pagerduty.routing_key(event)
            needs = request.is_change or pagerduty.needs_identity(event)
            identity = str(uuid7()) if needs else ""
        except UnreadableRequest as error:
            secret, identity = pagerduty.find_key(body), ""
            if error.errors or not secret:
                raise Refusal(400, "unreadable", error.message, errors=error.errors) from error
        key = await self._authenticate(KeyKind.PAGERDUTY, secret)
        kept = masking.body(pagerduty.masked(body, secret))
        kind = receivers.CHANGE if request.is_change else key.kind.value
        understood = await self._keep(key, kind, kept, identity)
        if understood.error is not None and understood.error.errors:
            # Its documented contract: who sent an invalid event is told which fields are wrong.
            raise _invalid(understood.error)
        if request.is_change:
            return 202, [answers.JSON], receivers.change_answer()
        return 202, [answers.JSON], receivers.pagerduty_answer(understood)

    async def _keep(self, key: Key, kind: str, body: bytes, identity: str) -> Understood:
        """Store a body and what it comes to, and show what is wrong with it. Raises Refusal."""
        stored = body
        if len(body) > LARGE:
            understood = await asyncio.to_thread(receivers.understand, kind, body, key, identity)
            stored = await asyncio.to_thread(alerts.pack, body)
        else:
            understood = receivers.understand(kind, body, key, identity)
        fault = understood.fault(key, body)
        if fault is not None:
            self._writer.note_fault(fault)
        if understood.is_lost and understood.error is not None:
            raise _invalid(understood.error)
        await self._store(
            key, understood.alerts, RawRequest(key.id, kind, clock.now(), stored, identity)
        )
        return understood

    async def _store(self, key: Key, received: list[ReceivedAlert], raw: RawRequest) -> None:
        """Store alerts, in parts when there are many, the raw request with the first.

        A part that was stored before one that could not be does no harm: its sender repeats all.
        """
        request: RawRequest | None = raw
        for start in range(0, max(len(received), 1), PART):
            if not await self._writer.store(key, received[start : start + PART], request):
                raise answers.unavailable()
            request = None

    def _note_too_large(self, key: Key, error: TooLarge, length: int | None) -> None:
        size = f"of {length} bytes" if length and length > error.limit else "too large"
        why = (
            f"A request {size} was refused: at most {error.limit} bytes, unpacked, are taken. "
            "The alerts in it are lost each time it is sent."
        )
        self._writer.note_fault(Fault(key.id, "too_large", why, error.beginning, is_loss=True))

    async def _find_sender(self, error: TooLarge, receive: Receive, length: int | None) -> None:
        """Look for the key in a body that is too large. Raises Refusal when it is none."""
        found = await find_beyond(receive, error, pagerduty.KEY_PATTERN)
        if found is None:
            return
        secret = found.group(1).decode()
        key = await self._authenticate(KeyKind.PAGERDUTY, secret)
        error.beginning = pagerduty.masked(error.beginning, secret)
        self._note_too_large(key, error, length)

    async def _authenticate(self, kind: KeyKind, secret: str) -> Key:
        """Return the key of a secret that may post here and now. Raises Refusal."""
        key = self.ring.find(secret) if secret else None
        if key is None:
            key = await self._look_up(kind, secret)
        if key.kind is not kind:
            if kind is KeyKind.PAGERDUTY:
                raise Refusal(400, "invalid_key", "Invalid routing key")
            raise Refusal(403, "wrong_kind", f"This key is for {key.kind.value}, not {kind.value}")
        wait = self.ring.throttle(key)
        if wait:
            self._writer.note_fault(Fault(key.id, "throttled", _throttled(key)))
            raise answers.throttled(kind, wait)
        return key

    async def _look_up(self, kind: KeyKind, secret: str) -> Key:
        """Read the keys again for a secret that may be new. Raises Refusal when it is none."""
        fresh = bool(secret) and not self.ring.is_known_unknown(secret)
        if (fresh or not self.ring.is_read) and not await self._writer.look():
            raise answers.unavailable("Andon cannot check keys now; send it again")
        key = self.ring.find(secret) if secret else None
        if key is not None:
            return key
        if secret:
            self.ring.forget(secret)
        if kind is KeyKind.PAGERDUTY:
            raise Refusal(400, "invalid_key", "Invalid routing key")
        if secret and self.ring.is_revoked(secret):
            raise Refusal(403, "revoked", "This key was revoked")
        raise Refusal(
            401,
            "unauthorized",
            "A valid integration key is needed: as bearer token, or as the last part of the path",
            headers=[_CHALLENGE],
        )


def _invalid(error: UnreadableRequest) -> Refusal:
    return Refusal(400, "invalid_event", error.message, errors=error.errors)


def _throttled(key: Key) -> str:
    return (
        f"It sends more than the {key.per_minute} requests a minute of this key; what is beyond "
        "that is told to come again later."
    )


def _kind_of(path: str) -> KeyKind | None:
    return KeyKind.PAGERDUTY if path.startswith(_PAGERDUTY) else None


def _head(scope: Scope) -> Request:
    """Return what matters of a request's head. Raises Refusal for a wrong path or method."""
    parts = scope["path"].split("/")
    kind, secret = _route(parts)
    if scope["method"] != "POST":
        raise Refusal(405, "method", "Only POST is understood here", headers=[_ALLOW])
    request = Request(kind, secret, is_change=_trimmed(parts) == _CHANGE)
    for name, value in scope["headers"]:
        if name == b"authorization":
            request.secret = _credential(value) or request.secret
        elif name == b"content-length":
            request.length = int(value) if value.isdigit() else None
        elif name == b"content-encoding":
            request.encoding = value
    return request


def _trimmed(parts: list[str]) -> list[str]:
    return parts[:-1] if parts and parts[-1] == "" else parts


def _route(parts: list[str]) -> tuple[KeyKind, str]:
    parts = _trimmed(parts)
    if len(parts) in (3, 4) and parts[1] == "hooks" and parts[2] in _PATHS:
        return _PATHS[parts[2]], parts[3] if len(parts) == 4 else ""
    if parts in (_ENQUEUE, _CHANGE):
        return KeyKind.PAGERDUTY, ""
    raise Refusal(404, "not_found", "There is nothing at this path")


def _credential(value: bytes) -> str:
    scheme, _, rest = value.decode("latin-1").partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer":
        return rest
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode("latin-1").partition(":")[2]
        except (binascii.Error, ValueError):
            return ""
    return ""
