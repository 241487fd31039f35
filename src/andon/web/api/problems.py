"""Every error as a problem document (RFC 9457) with a stable code."""

import json
import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, ValidationError

from andon.core import masking
from andon.core.errors import Refusal
from andon.web.problems import CONTENT_TYPE, document

_log = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]


def problem(
    status: int, *, detail: str, code: str = "", headers: dict[str, str] | None = None, **data: Any
) -> HttpResponse:
    """Return a problem document. `data` is added beside the standard members."""
    return HttpResponse(
        json.dumps(document(status, detail=detail, code=code, **data), default=str),
        status=status,
        content_type=CONTENT_TYPE,
        headers=headers,
    )


def not_found(request: HttpRequest, **_: object) -> HttpResponse:
    """Answer for every address under the API that is none."""
    return problem(404, detail=f"There is nothing at {masking.text(request.path)}.")


def edge(view: View) -> View:
    """Return a view of the API that signs in by itself and answers 405 as a problem too."""

    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code != 405 or response.get("Content-Type", "").startswith(
            "application"
        ):
            return response
        allow = response.get("Allow", "")
        return problem(
            405,
            detail=f"{request.method} is not possible here; allowed: {allow}.",
            headers={"Allow": allow},
        )

    guarded.csrf_exempt = True  # type: ignore[attr-defined]
    guarded.login_required = False  # type: ignore[attr-defined]
    return guarded


def declare(responses: dict[Any, dict[str, Any]]) -> None:
    """Declare the errors among an operation's responses as problem documents."""
    for status, response in responses.items():
        content = response.get("content", {})
        if int(status) >= 400 and "application/json" in content:
            content["application/problem+json"] = content.pop("application/json")


def install(api: NinjaAPI) -> None:
    """Answer all that a route can raise."""
    handlers: dict[type[Exception], Any] = {
        Refusal: _refusal,
        ValidationError: _invalid,
        AuthenticationError: _unauthenticated,
        AuthorizationError: _http,
        HttpError: _http,
        Http404: _missing,
        RequestDataTooBig: _too_large,
        SuspiciousOperation: _unreadable,
        Exception: _crash,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _refusal(_request: HttpRequest, refusal: Refusal) -> HttpResponse:
    reserved = {"type", "title", "status", "detail", "code", "headers"}
    data: dict[str, Any] = {
        name: value for name, value in refusal.data.items() if name not in reserved
    }
    return problem(refusal.status, detail=refusal.message, code=refusal.code, **data)


def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {"field": ".".join(str(part) for part in one["loc"]), "message": one["msg"]}
        for one in error.errors
    ]
    detail = "; ".join(f"{one['field']}: {one['message']}" for one in errors)
    return problem(422, detail=detail, errors=errors)


def _unauthenticated(_request: HttpRequest, _error: Exception) -> HttpResponse:
    return problem(
        401,
        detail="Send an API key: `Authorization: Bearer andon_key_...`, or sign in.",
        headers={"WWW-Authenticate": 'Bearer realm="andon"'},
    )


def _http(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, detail=error.message)


def _missing(_request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, detail=str(error) or "There is no such thing.")


def _too_large(_request: HttpRequest, _error: Exception) -> HttpResponse:
    return problem(413, detail="The request is larger than Andon takes.")


def _unreadable(_request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(400, detail=str(error) or "The request cannot be read.")


def _crash(request: HttpRequest, error: Exception) -> HttpResponse:
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem(500, detail="Andon failed to answer; its log says why.")
