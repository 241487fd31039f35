"""Nothing that is asked for is passed over in silence: what a route does not know, it refuses.

A filter that is misspelt would else answer with everything, and a member of a body with less than
was wanted.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.operation import Operation

from andon.core import masking
from andon.core.documents.near import near_name
from andon.core.errors import Refusal

#: Filters of a request that are named in its answer; a flood of them is nobody's slip.
_NAMED = 10
_NO_BODY = (b"", b"{}", b"null")


class UnknownFilter(Refusal):
    """The address has parameters that the route does not know, or one of them twice."""

    code = "unknown_filter"
    status = 400


class UnknownBody(Refusal):
    """The route takes no body, and one with something in it was sent."""

    code = "invalid"
    status = 422


def install(api: NinjaAPI) -> None:
    """Let every route of an API refuse what it does not know, once it knows who asks."""
    api.add_decorator(_refusing, mode="view")


def filters_of(operation: Operation) -> tuple[str, ...]:
    """Return the parameters of an address that a route knows."""
    return tuple(
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in getattr(model, "__ninja_flatten_map__", {})
    )


def _refusing(run: Callable[..., Any]) -> Callable[..., Any]:
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    known = filters_of(operation)
    takes_body = any(model.__ninja_param_source__ == "body" for model in operation.models)
    view = operation.view_func

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **values: Any) -> Any:
        _refuse_filters(request, known)
        if not takes_body and request.method != "GET":
            _refuse_body(request)
        return view(request, *args, **values)

    operation.view_func = checked
    return run


def _refuse_filters(request: HttpRequest, known: tuple[str, ...]) -> None:
    unknown = [name for name in request.GET if name not in known]
    twice = [name for name in known if len(request.GET.getlist(name)) > 1]
    if unknown:
        named = " ".join(_say(name, known) for name in unknown[:_NAMED])
        there = ", ".join(f"`{name}`" for name in known) or "none"
        raise UnknownFilter(
            f"{named} Filters here: {there}.",
            unknown=[masking.text(name)[:100] for name in unknown[:_NAMED]],
            known=list(known),
        )
    if twice:
        raise UnknownFilter(
            f"`{twice[0]}` is given more than once; one value is taken.", known=list(known)
        )


def _say(name: str, known: tuple[str, ...]) -> str:
    meant = near_name(name, known, cutoff=0.6)
    shown = masking.text(name)[:100]
    return f"There is no filter `{shown}`" + (f"; did you mean `{meant}`?" if meant else ".")


def _refuse_body(request: HttpRequest) -> None:
    if request.body.strip() not in _NO_BODY:
        raise UnknownBody(
            "This takes no body: what was sent would be lost.",
            errors=[{"field": "body", "message": "must be empty"}],
        )
