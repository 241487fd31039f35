"""`andon keys`: make, list and revoke the keys that senders and scripts use."""

import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

app = typer.Typer(
    help="Integration keys for senders of alerts, and keys for the API.", no_args_is_help=True
)


class Kind(StrEnum):
    """What a key opens."""

    alertmanager = "alertmanager"
    pagerduty = "pagerduty"
    generic = "generic"
    api = "api"


KindOption = Annotated[Kind, typer.Option(help="What the key opens.")]
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
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


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
        if kind is Kind.api and (service or per_minute is not None):
            raise Refusal(
                "Only keys of senders are for one service or so many requests a minute: "
                "leave --service and --per-minute out."
            )
        if kind is Kind.api:
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
def list_keys(as_json: JsonOption = False) -> None:
    """List the keys: never the keys themselves, only how they begin."""
    from andon.cli.setup import django_ready

    django_ready()

    from django.db.models import F

    from andon.alerts import queries as alerts
    from andon.core import clock
    from andon.people.models import ApiKey

    now, rows = clock.now(), alerts.list_keys()
    live_first = F("revoked_at").asc(nulls_first=True)
    for key in ApiKey.objects.select_related("person").order_by(live_first, "id"):
        rows.append(
            {
                "id": f"api-{key.pk}",
                "name": key.name,
                "kind": "api",
                "hint": key.hint,
                "person": key.person.slug if key.person else None,
                "administrator": bool(key.person and key.person.is_superuser),
                "created_at": key.created_at,
                "expires_at": key.expires_at,
                "last_used_at": key.last_used_at,
                "revoked_at": key.revoked_at,
            }
        )
    if as_json:
        typer.echo(json.dumps(rows, default=str, indent=2))
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


def _integration_key(kind: Kind, *, service: str, name: str, per_minute: int | None) -> str:
    from andon.alerts import actions as alerts
    from andon.alerts.types import KeyKind
    from andon.cli.setup import me
    from andon.core import clock

    return alerts.create_key(
        name=name,
        kind=KeyKind(kind.value),
        service_slug=service or None,
        by=me(),
        now=clock.now(),
        per_minute=per_minute,
    ).plain


def _api_key(*, name: str, person: str, organisation: bool) -> str:
    from andon.cli.setup import me
    from andon.core import clock
    from andon.core.errors import Refusal
    from andon.people.actions import create_api_key
    from andon.people.models import Person

    if bool(person) is organisation:
        raise Refusal(
            "Say for whom the key acts: --person SLUG, who then answers for all that is done with "
            "it, or --organisation for a key of nobody's that reads and acts under its own name."
        )
    owner = Person.objects.filter(slug=person, is_active=True).first() if person else None
    if person and owner is None:
        raise Refusal(f'There is no active person "{person}".')
    return create_api_key(name=name or "api", person=owner, now=clock.now(), by=me()).plain


def _revoke(key: str) -> str:
    from andon.alerts import actions as alerts
    from andon.cli.setup import me
    from andon.core import clock
    from andon.people.actions import revoke_api_key
    from andon.people.models import ApiKey

    if key.startswith("api-") and key[4:].isdecimal():
        found = ApiKey.objects.filter(pk=int(key[4:]), revoked_at__isnull=True).first()
        if found is not None and revoke_api_key(key_id=found.pk, by=me(), now=clock.now()):
            return found.name
    return alerts.revoke_key(key=key, by=me(), now=clock.now())
