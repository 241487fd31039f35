"""`andon up --sample`: a newcomer's first ten minutes, on nothing but this machine.

Everything here is real: the catalogue is applied from its folder, mail goes by SMTP to a mailbox on
loopback, and the drill goes through the hook like any other alert.
"""

import os
import secrets
import socket
import sys
import threading
import time
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from andon.cli import drill, ways
from andon.core import files

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

    from andon.project.environment import Environment

ADMIN = "admin"
SAMPLE = Path(__file__).resolve().parents[3] / "examples" / "fruits-r-us"
#: How long after start the drill begins; long enough to open a browser.
DRILL_AFTER_SECONDS = 8


class Mailbox:
    """Takes any mail, keeps it as a file and shows it on the terminal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        kept = [one.stem for one in folder.glob("*.eml") if one.stem.isdecimal()]
        self._count = max(map(int, kept), default=0)

    async def handle_DATA(self, _server: "SMTP", _session: "Session", envelope: "Envelope") -> str:  # noqa: N802
        """Keep one message (aiosmtpd calls this)."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        message = message_from_bytes(raw, policy=policy.default)
        with self._lock:
            self._count += 1
            path = self.folder / f"{self._count:05d}.eml"
            files.make_file(path)  # acknowledge links are nobody else's
            path.write_bytes(raw)
        body = message.get_body(("plain",))
        text = str(body.get_content()) if body else ""
        _say("")
        _say(f"  MAIL     to {', '.join(envelope.rcpt_tos)}: {message['subject']}")
        for line in text.splitlines():
            _say(f"           {line}")
        return "250 kept"


def run() -> None:
    """Run Andon with the sample organisation until it is told to stop."""
    from aiosmtpd.controller import Controller

    from andon.project import environment

    env = environment.read()
    mailbox = Mailbox(env.home / "mail")
    files.make_folder(env.home)
    files.make_folder(mailbox.folder)
    controller = None
    if not env.smtp_url:
        controller = Controller(mailbox, hostname="127.0.0.1", port=_free_port())
        controller.start()
        os.environ["ANDON_SMTP_URL"] = f"smtp://127.0.0.1:{controller.port}"
    try:
        _run(controlled=controller is not None)
    finally:
        if controller is not None:
            controller.stop()


def _run(*, controlled: bool) -> None:
    from andon.cli.setup import announce, django_ready

    env = django_ready(server=True)

    from andon.project import database, server

    _say("Andon: preparing the database ...")
    database.migrate()
    _say("Andon: applying the sample organisation Fruits R Us ...")
    _apply_sample()
    password = _sign_in(env)

    def ready() -> None:
        announce(env.host, env.port)
        ways.say_at_start()
        _welcome(env, password, mail=env.home / "mail" if controlled else None)
        threading.Thread(target=_drill, args=(env,), name="drill", daemon=True).start()

    server.serve(env, web=True, engine=True, on_ready=ready)


def _apply_sample() -> None:
    from andon.catalogue.models import Revision
    from andon.core import clock
    from andon.slo import actions as slo

    if Revision.objects.exists():
        return
    slo.apply_folder(path=SAMPLE, by="andon up --sample", now=clock.now())


def _sign_in(env: "Environment") -> str:
    """Return the password of the sample's administrator, made once and kept in ANDON_HOME."""
    from andon.people.models import Person

    path = env.home / "sample-password"
    person = Person.objects.filter(slug=ADMIN).first()
    kept = path.read_text(encoding="ascii").strip() if path.exists() else ""
    if person is not None and kept:
        return kept
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    files.write_whole(path, password.encode("ascii"), mode=0o600)
    if person is None:
        Person.objects.create_superuser(ADMIN, password, name="Sample Administrator")
    else:
        person.set_password(password)
        person.save(update_fields=["password"])
    return password


def _welcome(env: "Environment", password: str, *, mail: Path | None) -> None:
    _say("")
    _say(f"  open     {env.url}/")
    _say(f"  sign in  {ADMIN} / {password}")
    _say("  look at  Home: who is on call. Services: targets and cover. Rotas: the coming weeks.")
    _say("")
    _say("  A drill follows: `checkout` (99.9%) will fail. The page comes as mail, shown here.")
    if mail is not None:
        _say(f"  Mail is kept in {mail}; nothing leaves this machine.")
    _say("  Open its acknowledge link, or acknowledge on the incident's page, and see it restored.")
    _say("  Stop with Ctrl-C. Again: `.venv/bin/andon drill --service fulfilment-1`")
    _say("")


def _free_port() -> int:
    # aiosmtpd cannot be asked for port 0: it calls itself on the port it was given.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _drill(env: "Environment") -> None:
    time.sleep(DRILL_AFTER_SECONDS)
    try:
        drill.run(service="checkout", url=f"http://{env.host}:{env.port}", wait=900, say=_say)
    except drill.DrillFailed as error:
        _say(f"The drill failed: {error}")


def _say(text: str) -> None:
    typer.echo(text)
    sys.stdout.flush()
