"""What each kind of sender is told, in the shape it understands."""

from collections.abc import Iterable

import msgspec

from andon.alerts.ports import Receiver

Headers = list[tuple[bytes, bytes]]
JSON = (b"content-type", b"application/json")
PROBLEM = (b"content-type", b"application/problem+json")

encode = msgspec.json.encode


class RefusedRequest(Exception):
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


def unavailable(title: str = "Andon cannot store this now; send it again") -> RefusedRequest:
    """Return the answer for our own trouble, whatever it is."""
    return RefusedRequest(503, "unavailable", title, retry_after=5)


def throttled(status: int, wait: float) -> RefusedRequest:
    """Return the answer for too many requests."""
    return RefusedRequest(
        status, "throttled", "Too many requests for this key", retry_after=max(wait, 1.0)
    )


def refusal(receiver: Receiver | None, refused: RefusedRequest) -> tuple[int, Headers, bytes]:
    """Return status, headers and body of a refusal, in the form its receiver's senders expect."""
    headers: Headers = list(refused.headers)
    if refused.retry_after:
        headers.append((b"retry-after", str(int(refused.retry_after + 0.999)).encode()))
    said = receiver and receiver.refusal(
        status=refused.status, code=refused.code, title=refused.title, errors=refused.errors
    )
    if said:
        headers.append(JSON)
        return refused.status, headers, encode(said)
    headers.append(PROBLEM)
    return refused.status, headers, encode(_problem(refused))


def _problem(refused: RefusedRequest) -> dict[str, object]:
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
