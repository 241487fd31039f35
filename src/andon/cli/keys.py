"""`andon keys`: make, list and revoke the keys that senders and scripts use."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from andon.alerts.types import KEY_KINDS
from andon.cli import remote
from andon.cli.remote import AsJson
from andon.integrations import gathering

if TYPE_CHECKING:
    from andon.people.types import ListedKey

app = typer.Typer(
    help="Integration keys for senders of alerts, and keys for the API.", no_args_is_help=True
)


gathering.gather()
#: The kind of keys for the API; every other opens a receiver.
API = "api"
KINDS = [*KEY_KINDS.names(), API]


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r} is not one of {', '.join(KINDS)}.")
    return kind


KindOption = Annotated[
    str,
    typer.Option(
        help="What the key opens.",
        metavar=f"[{'|'.join(KINDS)}]",
        callback=_known,
        autocompletion=lambda: KINDS,
    ),
]
ServiceOption = Annotated[
    str, typer.Option(help="Slug of the service all its alerts are about; default: they say so.")
]
NameOption = Annotated[str, typer.Option(help="What to call it in listings.")]
PersonOption = Annotated[
    str, typer.Option(help="API keys: slug of the person it acts for, with that person's rights.")
]
OrganisationOption = Annotated[
    bool,
    typer.Option(
        "--organisation",
        help="API keys: act for nobody, under the key's own name, without the rights of staff.",
    ),
]
RateOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=2_000_000_000,
        help="Requests a minute, twice as many at once; 0: no limit. Default: no limit for an "
        "Alertmanager, 1200 for others.",
        show_default=False,
    ),
]


@app.command()
def create(
    *,
    kind: KindOption,
    service: ServiceOption = "",
    name: NameOption = "",
    person: PersonOption = "",
    organisation: OrganisationOption = False,
    per_minute: RateOption = None,
) -> None:
    """Make a key and print it, alone, on standard output. It is shown this once."""
    from andon.cli.setup import django_ready

    django_ready(makes=True)

    from andon.core.errors import Refusal

    try:
        if kind == API and (service or per_minute is not None):
            raise Refusal(
                "Only keys of senders are for one service or so many requests a minute: "
                "leave --service and --per-minute out."
            )
        if kind == API:
            plain = _api_key(name=name, person=person, organisation=organisation)
        elif person or organisation:
            raise Refusal("Only API keys act for somebody: leave --person and --organisation out.")
        else:
            plain = _integration_key(kind, service=service, name=name, per_minute=per_minute)
    except Refusal as error:
        typer.secho(error.message, fg="red", err=True)
        raise typer.Exit(1) from error
    typer.echo(plain)


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List the keys: never the keys themselves, only how they begin."""
    from andon.cli.setup import django_ready

    django_ready()

    from andon.alerts import queries as alerts
    from andon.core import clock, wire
    from andon.people import queries as people

    now = clock.now()
    rows = [*alerts.list_keys(), *(_facts(one) for one in people.list_every_api_key())]
    if as_json:
        senders = remote.here().get("/integration-keys")
        remote.print_json([*senders, *(wire.plain(one) for one in rows[len(senders) :])])
        return
    if not rows:
        typer.echo("No keys.")
        return
    from andon.cli import tables

    found = []
    for row in rows:
        ends = row.get("expires_at")
        over = isinstance(ends, datetime) and ends <= now
        state = "revoked" if row["revoked_at"] else "expired" if over else "live"
        about = row.get("service") or row.get("person") or "organisation"
        found.append(
            (
                str(row["id"]),
                str(row["kind"]),
                state,
                f"{row['hint']}...",
                f"{about} (may do everything)" if row.get("administrator") else str(about),
                str(row["name"]),
                str(row.get("rejected_why") or ""),
            )
        )
    tables.show(("id", "opens", "state", "begins", "for", "name", "fault"), found, below="fault")


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Id, name or beginning, as `andon keys list` shows.")],
) -> None:
    """Revoke a key; running processes follow within a few seconds."""
    from andon.cli.setup import django_ready

    django_ready()

    from andon.core.errors import Refusal

    try:
        name = _revoke(key)
    except Refusal as error:
        typer.secho(error.message, fg="red", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{name} is revoked")


def _facts(one: "ListedKey") -> dict[str, object]:
    key = one.key
    return {
        "id": f"api-{key.id}",
        "name": key.name,
        "kind": "api",
        "hint": key.hint,
        "person": one.person,
        "administrator": one.is_administrator,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }


def _integration_key(kind: str, *, service: str, name: str, per_minute: int | None) -> str:
    from andon.alerts import actions as alerts
    from andon.cli.setup import me
    from andon.core import clock

    return alerts.create_key(
        name=name,
        kind=kind,
        service_slug=service or None,
        by=me(),
        now=clock.now(),
        per_minute=per_minute,
    ).plain


def _api_key(*, name: str, person: str, organisation: bool) -> str:
    from andon.cli.setup import me
    from andon.core import clock
    from andon.core.errors import Refusal
    from andon.people import actions as people

    if bool(person) is organisation:
        raise Refusal(
            "Say for whom the key acts: --person SLUG, who then answers for all that is done with "
            "it, or --organisation for a key of nobody's that reads and acts under its own name."
        )
    made = people.create_api_key(
        name=name or "api", person=person or None, now=clock.now(), by=me()
    )
    return made.plain


def _revoke(key: str) -> str:
    from andon.alerts import actions as alerts
    from andon.cli.setup import me
    from andon.core import clock
    from andon.people import actions as people

    if key.startswith("api-") and key[4:].isdecimal():
        name = people.revoke_api_key(key_id=int(key[4:]), by=me(), now=clock.now())
        if name:
            return name
    return alerts.revoke_key(key=key, by=me(), now=clock.now())
