"""Who is asking: a bearer API key, or somebody signed in to the portal."""

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, QueryDict
from ninja.errors import AuthorizationError
from ninja.security import APIKeyCookie, HttpBearer

from andon.core import clock
from andon.core.audit import Actor
from andon.people import actions, queries
from andon.people.types import SignedIn


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts. A key made for the organisation acts under its own name and for no person."""

    name: str
    person: SignedIn | None
    #: How they came: which key, or the portal's session.
    via: str = ""

    @property
    def actor(self) -> Actor:
        """Return who acts, for what is written down."""
        return Actor(self.name, person=self.person.slug if self.person else "", via=self.via)

    @property
    def person_id(self) -> int | None:
        """Return the person's key, for records."""
        return self.person.id if self.person else None

    @property
    def is_staff(self) -> bool:
        """Return whether the caller may administer this installation."""
        return self.person is not None and self.person.is_staff


@dataclass(frozen=True, slots=True)
class Operator(Caller):
    """Whoever can read the database: they may do all that staff may."""

    @property
    def is_staff(self) -> bool:
        """Return that they may administer this installation."""
        return True


class RequestBeside(HttpRequest):
    """A request nobody sent. No request from outside is one."""

    def __init__(self, who: Caller, method: str, path: str, query: str, body: bytes) -> None:
        super().__init__()
        self.who = who
        self.method, self.path, self.path_info = method, path, path
        self.GET = QueryDict(query)
        self.META = {"CONTENT_TYPE": "application/json", "REQUEST_METHOD": method}
        self._body = body


def told(request: HttpRequest) -> Caller | None:
    """Return who asks where that is told, or None: then it has to be proven."""
    return request.who if isinstance(request, RequestBeside) else None


class ApiKeyAuth(HttpBearer):
    """`Authorization: Bearer andon_key_...`."""

    openapi_description = "A key made by `andon keys create --kind api`."

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:  # noqa: ARG002
        """Return who the key acts for, or None."""
        key = actions.authenticate_api_key(plain=token.strip(), now=clock.now())
        if key is None:
            return None
        name = key.person.name if key.person else key.name
        return Caller(name=name, person=key.person, via=f"the API, by the key {key.hint}...")


class SessionAuth(APIKeyCookie):
    """The portal's session cookie; what changes something also needs the CSRF token."""

    param_name = "sessionid"

    def _get_key(self, request: HttpRequest) -> str | None:
        # Without a session there is nothing a forged request could ride on: answer 401, not 403.
        if not request.user.is_authenticated:
            return None
        return super()._get_key(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:  # noqa: ARG002
        """Return who is signed in, or None."""
        if not request.user.is_authenticated:
            return None
        person = queries.signed_in(person=request.user)
        return Caller(person.name, person, "the API")


def caller(request: HttpRequest) -> Caller:
    """Return who is asking; every route here is behind one of the two above."""
    return cast("Caller", cast("Any", request).auth)


def only_staff(request: HttpRequest) -> Caller:
    """Return who is asking, or refuse with 403."""
    found = caller(request)
    if not found.is_staff:
        raise AuthorizationError(message="Only staff may do this.")
    return found
