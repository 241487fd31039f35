"""Who did what, kept in the database beside what they did."""

from datetime import datetime

from andon.core.models import AuditEntry


class Actor(str):
    """Who acts: the name people read, which knows whose it is.

    Two people may have one name, and names change: what is written down keeps the name as it was,
    and beside it the slug of the `person`, empty when it is nobody of the catalogue. `via` says how
    they came: the portal, which API key, whose account at the command line.
    """

    __slots__ = ("person", "via")

    person: str
    via: str

    def __new__(cls, name: str, *, person: str = "", via: str = "") -> "Actor":
        """Make an actor of a name."""
        made = super().__new__(cls, name)
        made.person, made.via = person, via
        return made


def person_of(actor: str) -> str:
    """Return the slug of the person who acts; nothing when it is no person."""
    return actor.person if isinstance(actor, Actor) else ""


def identity_of(actor: str) -> str:
    """Return what stays the same about who acts: the person's slug, else the name."""
    return person_of(actor) or str(actor)


def entry(*, actor: str, verb: str, subject: str, now: datetime, **data: object) -> AuditEntry:
    """Return the row of an act, for who writes many at once. `subject` is like `incident:1042`."""
    if isinstance(actor, Actor) and actor.via:
        data = {"via": actor.via, **data}
    person = person_of(actor)
    return AuditEntry(
        at=now, actor=str(actor), person=person, verb=verb, subject=subject, data=data
    )


def record(*, actor: str, verb: str, subject: str, now: datetime, **data: object) -> None:
    """Write down an act, in its own transaction. `subject` is like `incident:1042`."""
    entry(actor=actor, verb=verb, subject=subject, now=now, **data).save(force_insert=True)
