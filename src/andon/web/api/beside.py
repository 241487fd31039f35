"""The API asked in its own process, by whoever stands beside the database: no network, no key.

So a command prints the very resource that a request gets, and does what it does. What is asked for
takes the same way from the address on; only who asks is told instead of proven.
"""

import json
from typing import Any
from urllib.parse import urlencode

from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RoutePattern

from andon.core.audit import Actor
from andon.people import queries as people
from andon.people.types import SignedIn
from andon.web.api.access import Caller, Operator, RequestBeside
from andon.web.api.urls import urlpatterns


def operator(actor: Actor) -> Operator:
    """Return somebody beside the database as whoever acts in the API."""
    person = people.find_person(slug=actor.person) if actor.person else None
    signed = None
    if person is not None:
        signed = SignedIn(person.id, person.slug, person.name, person.timezone, is_staff=True)
    return Operator(str(actor), signed, actor.via)


def ask(
    who: Caller, method: str, path: str, *, params: dict[str, str], body: dict[str, Any] | None
) -> tuple[int, Any]:
    """Return the status and the document that a route answers with."""
    data = b"" if body is None else json.dumps(body).encode()
    request = RequestBeside(who, method, f"/api/v1{path}", urlencode(params), data)
    try:
        found = URLResolver(RoutePattern("/"), urlpatterns).resolve(path)
    except Resolver404:
        return 404, {"detail": f"There is nothing at {path}."}
    answer = found.func(request, *found.args, **found.kwargs)
    return answer.status_code, json.loads(answer.content) if answer.content else None
