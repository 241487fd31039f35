"""A running Andon, asked over its API: for commands that are typed on some other machine.

A command goes there when it has a key, by `--key` or ANDON_KEY, and else to the database beside it.
What the key may do, and in whose name, the server says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NoReturn
from urllib.parse import quote

import typer

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

_INSTANTS = ("_at", "since", "until")
#: As many as the API gives at once.
_AT_ONCE = 200
_SECONDS = 15.0
_NO_KEY = (
    "A key is needed to ask {url}: make one in the portal, or beside its database by\n"
    "  andon keys create --kind api --person YOU\n"
    "and set ANDON_KEY to it."
)


@dataclass(frozen=True, slots=True)
class Server:
    """One Andon's API, and the key to it."""

    url: str
    key: str

    def get(self, path: str, **params: object) -> Any:
        """Return what is at a path. What it refuses is said, and ends the command."""
        given = {name: str(one) for name, one in params.items() if one not in ("", None)}
        return self._ask("GET", path, params=given)

    def listed(self, path: str, *, limit: int, **params: object) -> list[dict[str, Any]]:
        """Return the first rows of a list, over as many answers as it takes."""
        found: list[dict[str, Any]] = []
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

    def act(self, incident: str, act: str, **body: str) -> dict[str, Any]:
        """Do something to an incident; return it as it is then."""
        path = f"{self.path_of(incident)}/{act}"
        done: dict[str, Any] = self._ask("POST", path, **({"json": body} if body else {}))
        return done

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        import httpx2

        try:
            answer = httpx2.request(
                method,
                f"{self.url}/api/v1{path}",
                headers={"authorization": f"Bearer {self.key}", "accept": "application/json"},
                timeout=_SECONDS,
                **more,
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            fail(f"No answer from {self.url} ({error}).")
        if answer.is_success and _is_json(answer.headers):
            return answer.json()
        return self._refused(answer.status_code, answer)

    def _refused(self, status: int, answer: Any) -> NoReturn:
        if status == 401:
            fail(f"{self.url} does not know this key: it is revoked, expired or another Andon's.")
        if not _is_json(answer.headers):
            fail(f"{self.url} does not answer as Andon's API does ({status}). Is it the address?")
        detail = answer.json().get("detail") or f"it answered {status}"
        fail(detail if isinstance(detail, str) else f"{self.url} answered {status}.")


def server(url: str, key: str, *, by: str = "") -> Server | None:
    """Return the Andon to ask over its API; None to look into the database here."""
    from andon.project import environment

    env = environment.read()
    key = key or env.key
    where = (url or env.url).rstrip("/")
    if url and not key:
        fail(_NO_KEY.format(url=where))
    if not key:
        return None
    if not where.startswith(("http://", "https://")):
        fail(f"{where!r} is no address; write http(s)://HOST[:PORT].")
    if by:
        fail("Over the API whoever the key is for acts: leave --by out.")
    return Server(where, key)


def incident(one: dict[str, Any]) -> dict[str, Any]:
    """Return an incident as commands print it, from the API's resource."""
    figures = one["figures"]
    used = figures["allowance_used"]
    same = (
        "name", "number", "title", "kind", "state", "condition", "severity", "severity_reason",
        "major", "affected", "started_at", "acknowledged_at", "acknowledged_by", "held_until",
        "restored_at",
    )  # fmt: skip
    return _same(one, same) | {
        "service": _slug(one["service"]),
        "owner": _slug(one["owner"]),
        "time_to_acknowledge_seconds": figures["time_to_acknowledge"],
        "time_to_restore_seconds": figures["time_to_restore"],
        "duration_seconds": figures["duration"],
        "loss": _money(figures["loss"]),
        "loss_per_minute": _money(figures["loss_per_minute"]),
        "allowance_used": None if used is None else used["text"],
    }


def on_call(one: dict[str, Any]) -> dict[str, Any]:
    """Return who is on call for a rota as commands print it, from the API's resource."""
    same = ("title", "team", "domain", "covers", "on_call", "since", "until", "next_starts_at",
            "answers", "reason")  # fmt: skip
    return _same(one, same) | {
        "rota": one["slug"],
        "person": _slug(one["person"]),
        "name": one["person"]["name"] if one["person"] else None,
        "next": _slug(one["next"]),
        "next_name": one["next"]["name"] if one["next"] else None,
    }


def alert(one: dict[str, Any]) -> dict[str, Any]:
    """Return an alert as commands print it, from the API's resource."""
    same = ("uid", "state", "severity", "summary", "service_ref", "labels", "received_at",
            "resolved_at", "page")  # fmt: skip
    decision = one["decision"]
    return _same(one, same) | {
        "service": _slug(one["service"]),
        "paged_nobody": one["page"] is None and decision is not None,
        "decided": _decided(one["page"], decision),
    }


def fail(message: str) -> NoReturn:
    """Say why nothing came of it, and end."""
    typer.secho(message, fg="red", err=True)
    raise typer.Exit(1)


def _same(one: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return what a resource has as commands have it; instants as they write them."""
    found = {name: one[name] for name in names}
    for name, at in found.items():
        if at and name.endswith(_INSTANTS):
            found[name] = datetime.fromisoformat(at).isoformat()
    return found


def _decided(page: str | None, decision: dict[str, Any] | None) -> str:
    if page is not None:
        return f"on page {page}"
    return str(decision["reason"]) if decision else "not decided yet"


def _slug(ref: dict[str, Any] | None) -> str | None:
    return ref["slug"] if ref else None


def _money(amount: dict[str, Any] | None) -> str | None:
    return amount["text"] if amount else None


def _is_json(headers: Any) -> bool:
    return "json" in headers.get("content-type", "")
