"""Machines get machine answers: errors as problem documents (RFC 9457), pages only for browsers."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from andon.core import masking

CONTENT_TYPE = "application/problem+json"
#: What programs ask for; nobody reads an error there in a browser.
_MACHINES = ("/api/", "/hooks/", "/v2/", "/calendars/", "/healthz/", "/readyz/", "/metrics/")
_CODES = {
    400: "unreadable",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    409: "refused",
    413: "too_large",
    422: "invalid",
    429: "too_many",
    500: "our_fault",
    503: "busy",
}
_SIGN_IN = "/sign-in/?next="


def document(status: int, *, detail: str, code: str = "", **data: Any) -> dict[str, Any]:
    """Return a problem document. `data` is added beside the standard members."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code or _CODES.get(status, "error"),
        **data,
    }


def is_for_machines(*, path: str, accept: str) -> bool:
    """Return whether an error is told to a program: it asks where programs do, or for JSON only."""
    if f"{path.rstrip('/')}/".startswith(_MACHINES):
        return True
    return "json" in accept.lower() and not reads_pages(accept=accept)


def reads_pages(*, accept: str) -> bool:
    """Return whether who asks says that it reads HTML, as every browser does of a page."""
    return "html" in accept.lower()


class MachineAnswers:
    """Turns what Django answers to errors into problem documents, for those who read no pages.

    Outermost, so that whatever refuses is heard: an address that is none, a method, a form without
    its token, a host, a defect.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        response = self._get_response(request)
        if isinstance(response, HttpResponse) and _is_page(response):
            status = _status(request, response)
            if status:
                _replace(request, response, status)
        return response


def _is_page(response: HttpResponse) -> bool:
    return response.get("Content-Type", "").partition(";")[0] in ("", "text/html", "text/plain")


def _status(request: HttpRequest, response: HttpResponse) -> int:
    """Return what a program is told instead of a page, or 0 when the page is for whoever asks."""
    accept = request.headers.get("Accept", "")
    for_machines = is_for_machines(path=request.path, accept=accept)
    if response.get("Location", "").startswith(_SIGN_IN):
        return 401 if for_machines else 0
    if response.status_code < 400:
        return 0
    nowhere = request.resolver_match is None or not response.content
    return (
        response.status_code if for_machines or (nowhere and not reads_pages(accept=accept)) else 0
    )


def _replace(request: HttpRequest, response: HttpResponse, status: int) -> None:
    """Put a problem document where the page was; headers of the answer stay."""
    said = document(status, detail=_detail(request, response, status))
    response.status_code = status
    response.content = json.dumps(said).encode()
    response["Content-Type"] = CONTENT_TYPE
    response["Content-Length"] = str(len(response.content))
    if status == 401:
        del response["Location"]
        response["WWW-Authenticate"] = 'Bearer realm="andon"'


def _detail(request: HttpRequest, response: HttpResponse, status: int) -> str:
    said = {
        400: "The request cannot be read.",
        401: "Pages need somebody who is signed in. Programs ask below /api/v1/ with an API key.",
        403: "This is refused: forms need the token that stands in them, and some pages staff.",
        404: f"There is nothing at {masking.text(request.path)}.",
        405: f"{request.method} is not possible here; allowed: {response.get('Allow', '')}.",
        500: "Andon failed to answer; its log says why.",
    }
    return said.get(status, f"{HTTPStatus(status).phrase}.")
