"""Andon's API, as commands ask it: a running one's over the network, or that of the database here.

A command goes over the network when it has a key, by `--key` or ANDON_KEY. What the key may do, and
in whose name, the server says. Here the database whoever runs the command may do everything. The
answers are the same resources, which `--json` prints as they are.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from urllib.parse import quote

import typer

if TYPE_CHECKING:
    from andon.web.api.access import Caller

Url = Annotated[
    str,
    typer.Option(
        "--url", help="A running Andon, asked over its API; else ANDON_URL, where there is a key."
    ),
]
Key = Annotated[
    str,
    typer.Option(
        "--key",
        help="A key of its API, with which it is asked instead of a database here; better in "
        "ANDON_KEY, which no list of processes shows.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]

#: A resource as JSON has it.
Resource = dict[str, Any]
#: As many as the API gives at once.
_AT_ONCE = 200
_SECONDS = 15.0
_NO_KEY = (
    "A key is needed to ask {url}: make one in the portal, or beside its database by\n"
    "  andon keys create --kind api --person YOU\n"
    "and set ANDON_KEY to it."
)


class Andon:
    """One Andon's API. What it refuses is said, and ends the command."""

    def get(self, path: str, **params: object) -> Any:
        """Return what is at a path."""
        given = {name: str(one) for name, one in params.items() if one not in ("", None)}
        return self._ask("GET", path, params=given)

    def listed(self, path: str, *, limit: int, **params: object) -> list[Resource]:
        """Return the first rows of a list, over as many answers as it takes."""
        found: list[Resource] = []
        after: str | None = ""
        while after is not None and len(found) < limit:
            most = min(limit - len(found), _AT_ONCE)
            answer = self.get(path, limit=most, after=after, **params)
            found += answer["items"]
            after = answer["next"]
        return found

    @staticmethod
    def path_of(incident: str) -> str:
        """Return where an incident is, as people name it."""
        return f"/incidents/{quote(incident.strip(), safe='')}"

    def act(self, incident: str, act: str, **body: str) -> Resource:
        """Do something to an incident; return it as it is then."""
        done: Resource = self._ask("POST", f"{self.path_of(incident)}/{act}", body=body or None)
        return done

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: Resource | None = None,
    ) -> Any:
        status, found = self.asked(method, path, params=params or {}, body=body)
        if status >= 400:
            fail(_reason(found) or f"it answered {status}")
        return found

    def asked(
        self, method: str, path: str, *, params: dict[str, str], body: Resource | None
    ) -> tuple[int, Any]:
        """Return status and document of an answer."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Here(Andon):
    """The Andon whose database is here."""

    who: "Caller"

    def asked(
        self, method: str, path: str, *, params: dict[str, str], body: Resource | None
    ) -> tuple[int, Any]:
        """Return what its API answers in this process."""
        from andon.web.api import beside

        return beside.ask(self.who, method, path, params=params, body=body)


@dataclass(frozen=True, slots=True)
class There(Andon):
    """A running Andon somewhere, and the key to it."""

    url: str
    key: str

    def asked(
        self, method: str, path: str, *, params: dict[str, str], body: Resource | None
    ) -> tuple[int, Any]:
        """Return what it answers over the network."""
        import httpx2

        try:
            answer = httpx2.request(
                method,
                f"{self.url}/api/v1{path}",
                headers={"authorization": f"Bearer {self.key}", "accept": "application/json"},
                timeout=_SECONDS,
                params=params or None,
                **({} if body is None else {"json": body}),  # type: ignore[arg-type]
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            fail(f"No answer from {self.url} ({error}).")
        if answer.status_code == 401:
            fail(f"{self.url} does not know this key: it is revoked, expired or another Andon's.")
        if "json" not in answer.headers.get("content-type", ""):
            fail(
                f"{self.url} does not answer as Andon's API does ({answer.status_code}). Is it the "
                "address?"
            )
        return answer.status_code, answer.json()


def andon(url: str = "", key: str = "", *, by: str = "") -> Andon:
    """Return the Andon to ask: a running one where there is a key, else the one beside."""
    from andon.project import environment

    env = environment.read()
    key = key or env.key
    where = (url or env.url).rstrip("/")
    if url and not key:
        fail(_NO_KEY.format(url=where))
    if not key:
        return here(by=by)
    if not where.startswith(("http://", "https://")):
        fail(f"{where!r} is no address; write http(s)://HOST[:PORT].")
    if by:
        fail("Over the API whoever the key is for acts: leave --by out.")
    return There(where, key)


def here(*, by: str = "") -> Andon:
    """Return the Andon whose database is here; `by` acts, or the account that runs the command."""
    from andon.cli.setup import django_ready, me

    django_ready()

    from andon.web.api import beside

    return Here(beside.operator(me(by)))


def print_json(found: object) -> None:
    """Print resources as they are."""
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


def fail(message: str) -> NoReturn:
    """Say why nothing came of it, and end."""
    typer.secho(message, fg="red", err=True)
    raise typer.Exit(1)


def _reason(document: Any) -> str:
    """Return why something was refused: what is wrong with what was written, else the detail."""
    if not isinstance(document, dict):
        return ""
    wrong = [str(one["message"]) for one in document.get("errors", ()) if "message" in one]
    return "; ".join(wrong) or str(document.get("detail") or "")
