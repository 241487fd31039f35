"""Identifiers and secrets: UUIDv7 for machines, prefixed random secrets stored only as hashes."""

import hashlib
import secrets
import time
import uuid
from dataclasses import dataclass, field


def uuid7() -> uuid.UUID:
    """Return a new UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then random bits."""
    millis = time.time_ns() // 1_000_000
    rand = secrets.randbits(74)
    value = (millis & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= (rand >> 62) << 64
    value |= 0b10 << 62
    value |= rand & ((1 << 62) - 1)
    return uuid.UUID(int=value)


@dataclass(frozen=True, slots=True)
class Secret:
    """A freshly made secret. `plain` is shown once; only `digest` is ever stored."""

    plain: str = field(repr=False)
    digest: str
    hint: str


def new_secret(prefix: str, *, nbytes: int = 32) -> Secret:
    """Return a new secret such as `andon_key_4f...`, with its digest and its visible hint."""
    return _secret(prefix + secrets.token_urlsafe(nbytes))


def new_hex_secret(*, nbytes: int = 16) -> Secret:
    """Return a new secret of `2 * nbytes` hex digits, for formats that fix the length."""
    return _secret(secrets.token_hex(nbytes))


def digest(plain: str) -> str:
    """Return the hex SHA-256 of a secret. Enough for 128 random bits; never for passwords."""
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _secret(plain: str) -> Secret:
    return Secret(plain=plain, digest=digest(plain), hint=plain[:14])
