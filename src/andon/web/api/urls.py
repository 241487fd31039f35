"""The REST API and its addresses, mounted at `/api/v1/`."""

from typing import Any, cast

from django.urls import URLPattern, URLResolver, path, re_path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

import andon
from andon.web.api import (
    alerts,
    changes,
    costs,
    findings,
    groups,
    incidents,
    keys,
    ledger,
    me,
    pages,
    people,
    planning,
    problems,
    rotas,
    services,
    slo,
    strict,
)
from andon.web.api.access import ApiKeyAuth, SessionAuth, told
from andon.web.api.reference import page

_DESCRIPTION = """
Everything the portal shows and does, for machines.

**Signing in.** Send a key as `Authorization: Bearer andon_key_...`. People make their own in the
portal; `andon keys create --kind api` makes any. In a browser the portal's session works too; what
changes something then needs Django's `X-CSRFToken` header.

**Lists** answer with `items` and `next`. Ask again with `after` set to `next` until it is null.

**Filters** that a route does not know are refused, as are unknown members of a body.

**Errors** are problem documents (RFC 9457, `application/problem+json`). `code` is stable; `detail`
is for people.

**Money** is in integer minor units. **Times** are RFC 3339, lengths of time seconds.
"""


class _Api(NinjaAPI):
    """An API whose document says of which kind its errors are."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the OpenAPI document, with errors declared as `application/problem+json`."""
        document = super().get_openapi_schema(**options)
        for operations in document["paths"].values():
            for operation in operations.values():
                problems.declare(operation["responses"])
        return document


def _build() -> NinjaAPI:
    api = _Api(
        title="Andon",
        version=andon.__version__,
        description=_DESCRIPTION.strip(),
        openapi_url="/openapi.json",
        docs_url=None,
        urls_namespace="api",
        auth=[told, ApiKeyAuth(), SessionAuth()],
    )
    problems.install(api)
    strict.install(api)
    parts = (
        *(incidents, pages, alerts, rotas, services, changes, slo, groups, planning, costs, ledger),
        *(people, findings, keys, me),
    )
    for part in parts:
        api.add_router("", part.router)
    return api


def _patterns(api: NinjaAPI) -> list[URLPattern | URLResolver]:
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        pattern.callback = problems.edge(cast("problems.View", pattern.callback))
    docs = [
        path("", problems.edge(page.lead)),
        path("docs", problems.edge(page.view(api)), name="reference"),
    ]
    missing = re_path(r"^[\s\S]*$", problems.edge(problems.not_found))
    return [*docs, path("", (patterns, app_name, namespace)), missing]


api = _build()
urlpatterns: list[URLPattern | URLResolver] = _patterns(api)
