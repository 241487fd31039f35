"""How Events API v2 words what it does not take."""

from http import HTTPStatus


def worded(
    *, status: int, code: str, title: str, errors: list[tuple[str, str]]
) -> dict[str, object]:
    """Return the shapes of Events API v2; those of 413 and of an unknown key are not documented."""
    if status == 429:
        return {
            "status": "throttle exceeded",
            "message": "Requests for this service are arriving too quickly.  Please retry later.",
        }
    if status >= 500:
        return {"status": "unavailable", "message": "Try again later", "errors": []}
    if status in (404, 405):
        said = HTTPStatus(status).phrase.lower()
        return {"status": said, "message": title, "errors": [title]}
    if code == "invalid_key":
        return {
            "status": "invalid key",
            "message": "Event object is invalid",
            "errors": ["Invalid routing key"],
        }
    if status == 400 and not errors:
        return {
            "status": "Unrecognized object",
            "message": "Event object format is unrecognized",
            "errors": ["JSON parse error"],
        }
    return {
        "status": "invalid event",
        "message": "Event object is invalid",
        "errors": [message for _, message in errors] or [title],
    }
