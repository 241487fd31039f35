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
from typing import cast

from andon.alerts import actions as alerts
from andon.alerts.ports import KeyInBody, Receiver
from andon.alerts.types import (
    KeyFault,
    KnownKey,
    RawRequest,
    ReceivedAlert,
    Understood,
    UnreadableRequest,
)
from andon.core import clock, masking
from andon.core.ids import uuid7
from andon.web.hooks import answers, metrics, receivers
from andon.web.hooks.answers import Headers, RefusedRequest
from andon.web.hooks.body import Gone, Message, Receive, TooLarge, Turns, find_beyond, read
from andon.web.hooks.keys import KeyRing
from andon.web.hooks.receivers import Entrance
from andon.web.hooks.writer import Waiter, Writer

log = logging.getLogger(__name__)

Scope = Message
Send = Callable[[Message], Awaitable[None]]
#: Of the short way: a live key, what reads its ordinary bodies, and how the raw log calls them.
Sender = tuple[KnownKey, Callable[[bytes], list[ReceivedAlert] | None], str]

MIB = 1024 * 1024
#: A larger body is read beside the event loop, which goes on answering others.
LARGE = 64 * 1024
#: Bodies that may be over 1 MiB in memory at the same time; further ones wait unread.
MAX_LARGE = 8
#: Alerts of one request that are stored at once: others are stored between two such parts.
PART = 2000
#: Heads of requests remembered between two readings of the keys.
MAX_SENDERS = 1000
_ALLOW = (b"allow", b"POST")
_CHALLENGE = (b"www-authenticate", b'Bearer realm="andon", Basic realm="andon"')


@dataclass(slots=True)
class Request:
    """What matters of a request's head."""

    entrance: Entrance
    secret: str = ""
    length: int | None = None
    encoding: bytes = b""


class Intake:
    """Takes alerts in. `on_stored` is called by the writer's thread after each commit."""

    def __init__(self, on_stored: Callable[[], None] | None = None) -> None:
        self.ring = KeyRing()
        self._writer = Writer(self.ring, on_stored)
        self._prefix = secrets.token_hex(6).encode()
        self._numbers = itertools.count(1)
        self._turns = Turns(MAX_LARGE)
        # Senders on the short way, by path and `Authorization`; forgotten when keys are read.
        self._senders: dict[tuple[bytes, bytes], Sender] = {}
        self._senders_of: dict[str, KnownKey] | None = None
        self._entrances = receivers.entrances()
        #: Whose form answers have below a path, also where there is nothing.
        self._roots = [(e.kind.root, e.receiver) for e in self._entrances.values() if e.kind.root]
        self._below = ("/hooks/", *(root for root, _ in self._roots))
        #: Where ordinary requests may take the short way.
        self.short_paths = tuple(p.encode() for p, e in self._entrances.items() if e.ordinary)

    @property
    def ready(self) -> bool:
        """Return whether the keys were read, so that senders can be told apart."""
        return self.ring.is_read

    def handles(self, path: str) -> bool:
        """Return whether a path belongs to intake."""
        return path.startswith(self._below)

    def start(self) -> None:
        """Start the writer; until it has read the keys, the answer is 503."""
        self._writer.start()

    def stop(self) -> None:
        """Store what has arrived and stop; later requests get 503."""
        self._writer.stop()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        receiver: Receiver | None = None
        try:
            request = self._head(scope)
            receiver = request.entrance.receiver
            if request.entrance.kind.in_body:
                status, headers, body = await self._with_key_in_body(request, receive)
            else:
                status, headers, body = await self._webhook(request, receive)
        except RefusedRequest as refused:
            metrics.REJECTED.labels(refused.code).inc()
            status, headers, body = answers.refusal(receiver or self._owner(scope), refused)
        except Gone:
            metrics.REJECTED.labels("gone").inc()
            return
        except Exception:  # our own fault is never the sender's
            log.exception("intake: a request failed")
            metrics.REJECTED.labels("defect").inc()
            ours = answers.unavailable()
            status, headers, body = answers.refusal(receiver or self._owner(scope), ours)
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
        """Store an ordinary request of a known sender, and tell `waiter` when it is on disk.

        Returns false, having done nothing, for anything else: `app` knows what to answer.
        """
        sender = self._sender(path, authorization)
        if sender is None:
            return False
        key, parse, name = sender
        if b"andon_key_" in body or self.ring.throttle(key):
            return False
        received = parse(body)
        if received is None:
            return False
        raw = RawRequest(key.id, name, clock.now(), body)
        self._writer.submit(loop, key, received, raw, waiter)
        return True

    def _sender(self, path: bytes, authorization: bytes) -> Sender | None:
        """Return the sender of a head, known or to be read without asking.

        Only heads with a valid key are remembered. Finding one compares a keyed hash first (that of
        Python's dictionaries), so timing tells a guesser nothing about the secret.
        """
        keys = self.ring.keys
        if self._senders_of is not keys:
            self._senders_of, self._senders = keys, {}
        head = (path, authorization)
        sender = self._senders.get(head)
        if sender is None:
            sender = self._read_sender(path, authorization)
            if sender is not None and len(self._senders) < MAX_SENDERS:
                self._senders[head] = sender
        return sender

    def _read_sender(self, path: bytes, authorization: bytes) -> Sender | None:
        if b"%" in path or b"?" in path:
            return None
        try:
            entrance, secret = self._route(path.decode("latin-1"))
        except RefusedRequest:
            return None
        secret = _credential(authorization) or secret
        key = self.ring.find(secret) if secret else None
        if key is None or key.kind != entrance.kind.name or entrance.ordinary is None:
            return None
        return key, entrance.ordinary, entrance.name

    async def _webhook(self, request: Request, receive: Receive) -> tuple[int, Headers, bytes]:
        entrance = request.entrance
        key = await self._authenticate(entrance, request.secret)
        size, limit = None if request.encoding else request.length, entrance.kind.limit
        async with self._turns.of(size, MIB):
            try:
                body = await read(receive, request.length, request.encoding, limit)
            except TooLarge as error:
                self._note_too_large(key, error, request.length)
                raise
            needs = entrance.receiver.gives_identity
            return await self._take(key, entrance, masking.body(body), needs_identity=needs)

    async def _with_key_in_body(
        self, request: Request, receive: Receive
    ) -> tuple[int, Headers, bytes]:
        entrance, receiver = request.entrance, cast("KeyInBody", request.entrance.receiver)
        try:
            # Without the declared length: the key stands somewhere in the body.
            body = await read(receive, None, request.encoding, entrance.kind.limit)
        except TooLarge as error:
            await self._find_sender(entrance, error, receive, request.length)
            raise
        try:
            secret, needs = receiver.opened(body=body, kind=entrance.name)
        except UnreadableRequest as error:
            raise RefusedRequest(400, "unreadable", error.message, errors=error.errors) from error
        key = await self._authenticate(entrance, secret)
        kept = masking.body(receiver.masked(body=body, secret=secret))
        return await self._take(key, entrance, kept, needs_identity=needs)

    async def _take(
        self, key: KnownKey, entrance: Entrance, body: bytes, *, needs_identity: bool
    ) -> tuple[int, Headers, bytes]:
        """Store a body and answer. Raises Refusal."""
        receiver, kind = entrance.receiver, entrance.name
        identity = str(uuid7()) if needs_identity else ""
        understood = await self._keep(key, kind, body, identity)
        try:
            told = receiver.answer(understood=understood, kind=kind)
        except UnreadableRequest as error:
            raise _invalid(error) from error
        return (202, [], b"") if told is None else (202, [answers.JSON], answers.encode(told))

    async def _keep(self, key: KnownKey, kind: str, body: bytes, identity: str) -> Understood:
        """Store a body and what it comes to, and show what is wrong with it. Raises Refusal."""
        stored = body
        if len(body) > LARGE:
            understood = await asyncio.to_thread(receivers.understand, kind, body, key, identity)
            stored = await asyncio.to_thread(alerts.pack, body)
        else:
            understood = receivers.understand(kind, body, key, identity)
        fault = receivers.fault(understood, key, body)
        if fault is not None:
            self._writer.note_fault(fault)
        if understood.is_lost and understood.error is not None:
            raise _invalid(understood.error)
        await self._store(
            key, understood.alerts, RawRequest(key.id, kind, clock.now(), stored, identity)
        )
        return understood

    async def _store(self, key: KnownKey, received: list[ReceivedAlert], raw: RawRequest) -> None:
        """Store alerts, in parts when there are many, the raw request with the first.

        A part that was stored before one that could not be does no harm: its sender repeats all.
        """
        request: RawRequest | None = raw
        for start in range(0, max(len(received), 1), PART):
            if not await self._writer.store(key, received[start : start + PART], request):
                raise answers.unavailable()
            request = None

    def _note_too_large(self, key: KnownKey, error: TooLarge, length: int | None) -> None:
        size = f"of {length} bytes" if length and length > error.limit else "too large"
        why = (
            f"A request {size} was refused: at most {error.limit} bytes, unpacked, are taken. "
            "The alerts in it are lost each time it is sent."
        )
        self._writer.note_fault(KeyFault(key.id, "too_large", why, error.beginning, is_loss=True))

    async def _find_sender(
        self, entrance: Entrance, error: TooLarge, receive: Receive, length: int | None
    ) -> None:
        """Look for the key in a body that is too large. Raises Refusal when it is none."""
        receiver = cast("KeyInBody", entrance.receiver)
        found = await find_beyond(receive, error, receiver.key_pattern)
        if found is None:
            return
        secret = found.group(1).decode()
        key = await self._authenticate(entrance, secret)
        error.beginning = receiver.masked(body=error.beginning, secret=secret)
        self._note_too_large(key, error, length)

    async def _authenticate(self, entrance: Entrance, secret: str) -> KnownKey:
        """Return the key of a secret that may post here and now. Raises Refusal."""
        key = self.ring.find(secret) if secret else None
        if key is None:
            key = await self._look_up(entrance, secret)
        kind = entrance.kind
        if key.kind != kind.name:
            if kind.in_body:
                raise _unknown_in_body()
            raise RefusedRequest(403, "wrong_kind", f"This key is for {key.kind}, not {kind.name}")
        wait = self.ring.throttle(key)
        if wait:
            self._writer.note_fault(KeyFault(key.id, "throttled", _throttled(key)))
            raise answers.throttled(kind.busy, wait)
        return key

    async def _look_up(self, entrance: Entrance, secret: str) -> KnownKey:
        """Read the keys again for a secret that may be new. Raises Refusal when it is none."""
        fresh = bool(secret) and not self.ring.is_known_unknown(secret)
        if (fresh or not self.ring.is_read) and not await self._writer.look():
            raise answers.unavailable("Andon cannot check keys now; send it again")
        key = self.ring.find(secret) if secret else None
        if key is not None:
            return key
        if secret:
            self.ring.forget(secret)
        if entrance.kind.in_body:
            raise _unknown_in_body()
        if secret and self.ring.is_revoked(secret):
            raise RefusedRequest(403, "revoked", "This key was revoked")
        raise RefusedRequest(
            401,
            "unauthorized",
            "A valid integration key is needed: as bearer token, or as the last part of the path",
            headers=[_CHALLENGE],
        )

    def _head(self, scope: Scope) -> Request:
        """Return what matters of a request's head. Raises Refusal for a wrong path or method."""
        entrance, secret = self._route(scope["path"])
        if scope["method"] != "POST":
            raise RefusedRequest(405, "method", "Only POST is understood here", headers=[_ALLOW])
        request = Request(entrance, secret)
        for name, value in scope["headers"]:
            if name == b"authorization":
                request.secret = _credential(value) or request.secret
            elif name == b"content-length":
                request.length = int(value) if value.isdigit() else None
            elif name == b"content-encoding":
                request.encoding = value
        return request

    def _route(self, path: str) -> tuple[Entrance, str]:
        """Return where a path leads, and the key at its end. Raises Refusal."""
        path = path.removesuffix("/")
        found = self._entrances.get(path)
        if found is not None:
            return found, ""
        base, _, secret = path.rpartition("/")
        found = self._entrances.get(base)
        if found is None or found.kind.in_body:
            raise RefusedRequest(404, "not_found", "There is nothing at this path")
        return found, secret

    def _owner(self, scope: Scope) -> Receiver | None:
        """Return whose form an answer has at a path that leads nowhere."""
        owners = (one for root, one in self._roots if scope["path"].startswith(root))
        return next(owners, None)


def _invalid(error: UnreadableRequest) -> RefusedRequest:
    return RefusedRequest(400, "invalid_event", error.message, errors=error.errors)


def _throttled(key: KnownKey) -> str:
    return (
        f"It sends more than the {key.per_minute} requests a minute of this key; what is beyond "
        "that is told to come again later."
    )


def _unknown_in_body() -> RefusedRequest:
    return RefusedRequest(400, "invalid_key", "Nobody has this key")


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
