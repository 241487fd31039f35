"""What the watch tells the organisation's fallback contacts."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from andon.core.ids import uuid7
from andon.core.models import SetAside
from andon.core.trouble import Trouble
from andon.core.words import say_span
from andon.engine.health import StageHealth
from andon.paging.rules.delivery import REPEATED
from andon.paging.types import Message
from andon.people.types import Contact


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a message to a fallback contact says."""

    subject: str
    body: str
    #: The same facts for programs.
    words: str

    def to(self, contact: Contact) -> Message:
        """Return it as a message of its own."""
        link = f"{settings.ANDON_URL}/engine/"
        return Message(
            uid=str(uuid7()),
            contact=contact,
            subject=self.subject,
            body=f"{self.body}\nYou are the organisation's fallback contact.",
            data={"purpose": "engine", "stages": self.words},
            link=link,
            ack_link="",
        )


def of_stages(sick: Sequence[StageHealth]) -> Alarm:
    """Return the alarm about stages that are stuck or keep failing."""
    words = "; ".join(_say(stage) for stage in sick)
    return Alarm(
        subject="Andon itself is in trouble: pages may be late",
        body=(
            f"Andon's engine needs help: {words}.\n\n"
            "Pages may be late or missing until it runs again. "
            f"See {settings.ANDON_URL}/engine/ and its logs. This comes every hour while it lasts."
        ),
        words=words,
    )


def of_duties(sick: Sequence[StageHealth]) -> Alarm:
    """Return the alarm about what Andon does beside paging."""
    words = "; ".join(_say(stage) for stage in sick)
    return Alarm(
        subject="Andon's telemetry is in trouble: alerts may not reach it",
        body=(
            f"What Andon does beside paging needs help: {words}.\n\n"
            "Pages for alerts that arrive go out as always; alerts that do not arrive may be "
            f"missed until this is mended. See {settings.ANDON_URL}/engine/ and the logs. This "
            "comes every hour while it lasts."
        ),
        words=words,
    )


def of_trouble(one: Trouble) -> Alarm:
    """Return the alarm about a trouble that lasts."""
    return Alarm(
        subject=f"Andon needs help: {one.what}",
        body=(
            f"{one.words}.\n\n"
            f"{one.meanwhile}. "
            f"See {settings.ANDON_URL}/engine/. This comes every hour while it lasts."
        ),
        words=one.words,
    )


def of_storage(one: Trouble) -> Alarm:
    """Return the alarm of a process that cannot write to the database."""
    return Alarm(
        subject="Andon cannot store alerts: look at its database and its disk",
        body=(
            f"{one.words}.\n\n"
            f"See {settings.ANDON_URL}/healthz and the log of the process. This comes every hour "
            "while it lasts, from each process that is in trouble."
        ),
        words=one.words,
    )


def of_row(row: SetAside) -> Alarm:
    """Return what is said of a row set aside of which nobody else could be told."""
    name = row.stage.replace("_", " ")
    words = f"{name} cannot process {row.what} ({row.why})"
    return Alarm(
        subject=f"Andon could not process {row.what}: look at it now",
        body=(
            f"Nobody else could be told of this: {words}.\n\n"
            "Everything else goes on. Andon tries it again, at the latest every hour. "
            f"See {settings.ANDON_URL}/engine/ and the logs."
        ),
        words=words,
    )


def of_past_trouble(one: Trouble, *, repeated: bool) -> Alarm:
    """Return what is said by a way that did not work while there was something to say."""
    mark = REPEATED if repeated else ""
    return Alarm(
        subject=f"{mark}Andon needed help, and this message could not be sent: {one.what}",
        body=(
            f"{mark}{one.words}.\n\n"
            "That is how it was when this message could not be sent. Now it could. "
            f"See {settings.ANDON_URL}/engine/ for how it is."
        ),
        words=one.words,
    )


def of_end(one: Trouble) -> Alarm:
    """Return what is said when nothing waits for a trouble's end any more."""
    return Alarm(
        subject=f"Over: {one.over}",
        body=f"{one.over[:1].upper()}{one.over[1:]}. It was: {one.words}.",
        words=one.words,
    )


def _say(stage: StageHealth) -> str:
    name = stage.name.replace("_", " ")
    if stage.age is None:
        return f"{name} has never run"
    if stage.stale:
        return f"{name} last ran {say_span(stage.age)} ago"
    return f"{name} has failed {stage.failures} times in a row ({stage.error[:300]})"
