"""The integration keys in memory: checking one asks no database, and works while it is down."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from andon.alerts.types import KnownKey
from andon.core.ids import digest

#: How long a change of keys may take to reach a running process.
REFRESH_SECONDS = 2.0
#: How long an unknown secret stays unknown without asking the database again.
FORGET_SECONDS = 1.0
_MAX_UNKNOWN = 10_000


@dataclass(slots=True)
class Bucket:
    """A token bucket: `per_minute` requests sustained, twice as many at once."""

    key: KnownKey
    tokens: float
    filled_at: float

    def take(self, now: float) -> float:
        """Take one request; return 0, or the seconds until there is room again."""
        rate = self.key.per_minute / 60
        tokens = min(self.key.per_minute * 2.0, self.tokens + (now - self.filled_at) * rate)
        self.filled_at = now
        if tokens >= 1:
            self.tokens = tokens - 1
            return 0
        self.tokens = tokens
        return (1 - tokens) / rate if rate else 60.0


@dataclass(slots=True)
class KeyRing:
    """The live keys by digest. Used by the loop's thread; replaced whole by the writer's."""

    clock: Callable[[], float] = monotonic
    keys: dict[str, KnownKey] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    read_at: float = float("-inf")
    _buckets: dict[int, Bucket] = field(default_factory=dict)
    _unknown: dict[str, float] = field(default_factory=dict)

    @property
    def is_read(self) -> bool:
        """Return whether the keys were ever read; before that nobody can be refused."""
        return self.read_at > float("-inf")

    def replace(self, keys: dict[str, KnownKey], revoked: set[str], read_at: float) -> None:
        """Take over what was read from the database."""
        self.keys, self.revoked, self.read_at = keys, revoked, read_at

    def find(self, secret: str) -> KnownKey | None:
        """Return the key of a secret. Compares digests, so timing says nothing about the secret."""
        return self.keys.get(digest(secret))

    def is_revoked(self, secret: str) -> bool:
        """Return whether a secret was a key once."""
        return digest(secret) in self.revoked

    def is_known_unknown(self, secret: str) -> bool:
        """Return whether this secret was looked up in the database a moment ago, in vain."""
        return self._unknown.get(digest(secret), 0) > self.clock()

    def forget(self, secret: str) -> None:
        """Remember for a moment that a secret is unknown."""
        if len(self._unknown) >= _MAX_UNKNOWN:
            self._unknown.clear()
        self._unknown[digest(secret)] = self.clock() + FORGET_SECONDS

    def throttle(self, key: KnownKey) -> float:
        """Count a request against its key; return 0, or the seconds to wait when it is too many.

        A key without a rate is never told to wait: what it sends is folded.
        """
        if not key.per_minute:
            return 0
        bucket = self._buckets.get(key.id)
        now = self.clock()
        if bucket is None:
            bucket = self._buckets[key.id] = Bucket(key, key.per_minute * 2.0, now)
        elif bucket.key is not key:
            bucket.key = key
        return bucket.take(now)
