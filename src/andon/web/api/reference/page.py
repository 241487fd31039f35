"""Serves the reference: readable without a key, as the document is, and without any script."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.backends.django import DjangoTemplates
from ninja import NinjaAPI

from andon.web.api.reference.read import read

#: Where people make their own keys: the portal is a stranger here.
_KEYS = "/people/me/keys/"
_HERE = Path(__file__).resolve().parent


def view(api: NinjaAPI) -> Callable[..., HttpResponse]:
    """Return the view that shows what an API offers."""

    @cache
    def page(url: str) -> str:
        reference = read(api.get_openapi_schema(), url=url)
        context = {"api": reference, "document": "/api/v1/openapi.json", "keys": _KEYS}
        return str(_engine().get_template("api/reference.html").render(context))

    def shown(request: HttpRequest, **_: object) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return HttpResponse(page(settings.ANDON_URL))

    return shown


def lead(_request: HttpRequest, **_: object) -> HttpResponse:
    """Lead from where the API begins to its reference."""
    return HttpResponseRedirect("/api/v1/docs")


@cache
def _engine() -> DjangoTemplates:
    builtins = ["django.templatetags.static"]
    return DjangoTemplates(
        {
            "NAME": "reference",
            "DIRS": [str(_HERE / "templates")],
            "APP_DIRS": False,
            "OPTIONS": {"builtins": builtins},
        }
    )
