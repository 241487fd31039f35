"""What each kind of sender is told, in the shape it understands."""

from collections.abc import Iterable
from http import HTTPStatus

import msgspec

from andon.alerts.types import KeyKind

Headers = list[tuple[bytes, bytes]]
JSON = (b"content-type", b"application/json")
PROBLEM = (b"content-type", b"application/problem+json")

_encode = msgspec.json.encode


class Refusal(Exception):
    """A request is answered with something other than success. Nothing of it was stored."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        *,
        errors: Iterable[tuple[str, str]] = (),
        retry_after: float = 0,
        headers: Iterable[tuple[bytes, bytes]] = (),
    ) -> None:
        super().__init__(title)
        self.status = status
        self.code = code
        self.title = title
        self.errors = list(errors)
        self.retry_after = retry_after
        self.headers = list(headers)


def unavailable(title: str = "Andon cannot store this now; send it again") -> Refusal:
    """Return the answer for our own trouble, whatever it is."""
    return Refusal(503, "unavailable", title, retry_after=5)


def throttled(kind: KeyKind, wait: float) -> Refusal:
    """Return the answer for too many requests. Alertmanager gives up on a 429, so it gets a 503."""
    status = 503 if kind is KeyKind.ALERTMANAGER else 429
    return Refusal(
        status, "throttled", "Too many requests for this key", retry_after=max(wait, 1.0)
    )


def refusal(kind: KeyKind | None, refused: Refusal) -> tuple[int, Headers, bytes]:
    """Return status, headers and body of a refusal, for a kind of sender."""
    headers: Headers = list(refused.headers)
    if refused.retry_after:
        headers.append((b"retry-after", str(int(refused.retry_after + 0.999)).encode()))
    if kind is KeyKind.PAGERDUTY:
        headers.append(JSON)
        return refused.status, headers, _encode(_pagerduty(refused))
    headers.append(PROBLEM)
    return refused.status, headers, _encode(_problem(refused))


def _problem(refused: Refusal) -> dict[str, object]:
    problem: dict[str, object] = {
        "type": f"urn:andon:problem:{refused.code}",
        "title": refused.title,
        "status": refused.status,
        "code": refused.code,
    }
    if refused.errors:
        problem["errors"] = [
            {"field": field, "message": message} for field, message in refused.errors
        ]
    return problem


def _pagerduty(refused: Refusal) -> dict[str, object]:
    """Return the shapes of Events API v2; those of 413 and of an unknown key are not documented."""
    if refused.status == 429:
        return {
            "status": "throttle exceeded",
            "message": "Requests for this service are arriving too quickly.  Please retry later.",
        }
    if refused.status >= 500:
        return {"status": "unavailable", "message": "Try again later", "errors": []}
    if refused.status in (404, 405):
        said = HTTPStatus(refused.status).phrase.lower()
        return {"status": said, "message": refused.title, "errors": [refused.title]}
    if refused.code == "invalid_key":
        return {
            "status": "invalid key",
            "message": "Event object is invalid",
            "errors": ["Invalid routing key"],
        }
    if refused.status == 400 and not refused.errors:
        return {
            "status": "Unrecognized object",
            "message": "Event object format is unrecognized",
            "errors": ["JSON parse error"],
        }
    return {
        "status": "invalid event",
        "message": "Event object is invalid",
        "errors": [message for _, message in refused.errors] or [refused.title],
    }
