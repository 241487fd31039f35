"""`andon up --sample`: a newcomer's first ten minutes, on nothing but this machine.

Everything here is real: the catalogue is applied from its folder, a past quarter is played through
the code that runs everybody's, mail goes by SMTP to a mailbox on loopback, and the drill goes
through the hook like any other alert.
"""

import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

from andon.cli import drill, ways
from andon.cli.sample.mailbox import open_mailbox
from andon.core import files

if TYPE_CHECKING:
    from pathlib import Path

    from andon.project.environment import Environment

#: How long after start the drill begins; long enough to open a browser.
DRILL_AFTER_SECONDS = 8


class SampleKind(StrEnum):
    """Which sample to start with."""

    LIVING = "living"
    EMPTY = "empty"


def run(kind: SampleKind) -> None:
    """Run Andon with the sample organisation until it is told to stop."""
    from andon.project import environment

    env = environment.read()
    with ExitStack() as stack:
        mail = None
        if not env.smtp_url:
            files.make_folder(env.home)
            mail = env.home / "mail"
            os.environ["ANDON_SMTP_URL"] = stack.enter_context(open_mailbox(mail, say=_say))
        _run(kind, mail=mail)


def _run(kind: SampleKind, *, mail: "Path | None") -> None:
    from andon.cli.setup import announce, django_ready

    env = django_ready(server=True)

    from andon.cli.sample import making, sign_ins
    from andon.core import sample
    from andon.project import database, server

    _say("Andon: preparing the database ...")
    database.migrate()
    # Apart: what a past counts and logs is none of this server's.
    made = subprocess.run(  # noqa: S603 - this interpreter and this package
        [sys.executable, "-m", __name__, kind], check=False
    )
    if made.returncode:
        raise SystemExit(made.returncode)
    password = sign_ins.prepare(home=env.home)
    measuring, found = making.measuring(), sample.kind()

    def ready() -> None:
        announce(env.host, env.port)
        ways.say_at_start()
        _welcome(env, found, password, mail=mail)
        if measuring is not None:
            measuring.start()
        threading.Thread(target=_drill, args=(env,), name="drill", daemon=True).start()

    try:
        server.serve(env, web=True, engine=True, on_ready=ready)
    finally:
        if measuring is not None:
            measuring.stop()


def _welcome(env: "Environment", kind: str, password: str, *, mail: "Path | None") -> None:
    from andon.cli.sample import sign_ins

    _say("")
    _say(f"  open     {env.url}/")
    _say(f"  sign in  with the password {password} as")
    for slug, words in sign_ins.PEOPLE:
        _say(f"             {slug:<8} {words}")
    if kind == SampleKind.LIVING:
        _say("  look at  Now: what is going on. Incidents, Costs, Budgets: the past quarter.")
    else:
        _say(
            "  look at  Now: who is on call. Services: targets and cover. Rotas: the coming weeks."
        )
    _say("           All of it is invented, and says so on every page.")
    _say("")
    _say("  A drill follows: `checkout` (99.9%) will fail. The page comes as mail, shown here.")
    if mail is not None:
        _say(f"  Mail is kept in {mail}; nothing leaves this machine.")
    _say("  Open its acknowledge link, or acknowledge on the incident's page, and see it restored.")
    _say("  Stop with Ctrl-C. Again: `.venv/bin/andon drill --service fulfilment-1`")
    _say("")


def _drill(env: "Environment") -> None:
    time.sleep(DRILL_AFTER_SECONDS)
    try:
        drill.run(service="checkout", url=f"http://{env.host}:{env.port}", wait=900, say=_say)
    except drill.DrillFailed as error:
        _say(f"The drill failed: {error}")


def _say(text: str) -> None:
    typer.echo(text)
    sys.stdout.flush()
