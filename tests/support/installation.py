"""A real installation of Andon for tests: its own home and processes, killed for real."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import psycopg
from aiosmtpd.controller import Controller

from tests.support import signals
from tests.support.components import free_port

T = TypeVar("T")
PATIENCE = 60.0
#: Who is told when nobody answers, or Andon itself is in trouble.
FALLBACK = "fallback@storm.example"


def eventually(look: Callable[[], T | None], *, what: str, patience: float = PATIENCE) -> T:
    """Return the first truthy answer of `look`; fail when patience ends."""
    deadline = time.monotonic() + patience
    while True:
        answer = look()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not seen within {patience:.0f} s: {what}"
        time.sleep(0.1)


class Mailbox:
    """A real SMTP server on loopback that keeps what it is given."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mails: list[tuple[str, EmailMessage]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        with self._lock:
            self._mails.extend((to, message) for to in envelope.rcpt_tos)  # type: ignore[misc]
        return "250 kept"

    def mails(self, *, to: str | None = None, subject: str = "") -> list[EmailMessage]:
        with self._lock:
            return [m for (who, m) in self._mails if to in (None, who) and subject in m["subject"]]

    def recipients(self) -> list[str]:
        with self._lock:
            return [who for (who, _) in self._mails]


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """Yield a mailbox and the ANDON_SMTP_URL that reaches it."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield box, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@dataclass
class Process:
    """One running `andon ...`."""

    popen: "subprocess.Popen[str]"
    log: Path

    def kill(self) -> None:
        """kill -9, as a crash would."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(30)

    def freeze(self) -> None:
        """Stop it in the middle of whatever it does (SIGSTOP); its connections stay open."""
        self.popen.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on (SIGCONT)."""
        self.popen.send_signal(signal.SIGCONT)

    def stop(self) -> int:
        """Ask it to stop cleanly; return its exit status."""
        self.popen.terminate()
        return self.popen.wait(30)


@dataclass
class Installation:
    """One Andon: where it lives and how it is reached."""

    home: Path
    database_url: str = ""
    smtp_url: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    #: What its processes may have at most, by `resource.RLIMIT_...`.
    limits: dict[int, int] = field(default_factory=dict)
    #: Where its processes' logs go, when not into its home.
    logs: Path | None = None
    port: int = field(default_factory=free_port)
    processes: list[Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def env(self) -> dict[str, str]:
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith(("ANDON_", "DJANGO_"))},
            "ANDON_HOME": str(self.home),
            "ANDON_PORT": str(self.port),
            "ANDON_DATABASE_URL": self.database_url,
            "ANDON_SMTP_URL": self.smtp_url,
            "PYTHONUNBUFFERED": "1",
            **self.environ,
        }

    def run(self, *args: str) -> str:
        """Run an `andon` command to its end; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "andon.cli.main", *args],
            env=self.env(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"andon {' '.join(args)}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def spawn(self, *args: str) -> Process:
        """Start an `andon` command and return at once."""
        self.home.mkdir(parents=True, exist_ok=True)
        log = (self.logs or self.home) / f"{'-'.join(args)}-{len(self.processes)}.log"
        with log.open("w") as out, signals.heard():
            popen = subprocess.Popen(
                [sys.executable, "-m", "andon.cli.main", *args],
                env=self.env(),
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                preexec_fn=self._limit if self.limits else None,  # noqa: PLW1509
            )
        process = Process(popen, log)
        self.processes.append(process)
        return process

    def _limit(self) -> None:
        for what, most in self.limits.items():
            resource.setrlimit(what, (most, most))

    def start(self, *args: str, line: str = "Andon is ready at") -> Process:
        """Start an `andon` command and wait for the line that says it is up."""
        process = self.spawn(*args)

        def ready() -> bool:
            assert process.popen.poll() is None, f"it ended: {process.log.read_text()[-3000:]}"
            return line in process.log.read_text()

        eventually(ready, what=f"{line!r} from andon {' '.join(args)}")
        return process

    def key(self, kind: str, *options: str) -> str:
        return self.run("keys", "create", "--kind", kind, *options).strip()

    def api(self, path: str, *, key: str) -> Any:
        answer = httpx2.get(
            f"{self.url}/api/v1/{path}", headers={"authorization": f"Bearer {key}"}, timeout=20
        )
        answer.raise_for_status()
        return answer.json()

    def rows(self, sql: str) -> Sequence[tuple[Any, ...]]:
        """Read the database as an independent witness, past all of Andon's code."""
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                return connection.execute(sql).fetchall()  # type: ignore[call-overload,no-any-return]
        connection = sqlite3.connect(self.home / "andon.sqlite3", timeout=20)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def execute(self, sql: str) -> None:
        """Change PostgreSQL's rows past all of Andon's code, as time or an operator would."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute(sql)  # type: ignore[call-overload]

    def close(self) -> None:
        for process in self.processes:
            if process.popen.poll() is None:
                process.popen.kill()
                process.popen.wait(30)


@contextmanager
def installation(home: Path, **options: Any) -> Iterator[Installation]:
    """Yield an installation whose processes are gone when the block ends."""
    andon = Installation(home=home, **options)
    try:
        yield andon
    finally:
        andon.close()


def alertmanager_body(alerts: Sequence[dict[str, str]], *, status: str = "firing") -> bytes:
    """Return an Alertmanager v4 webhook body ; the fingerprint is the alert's name."""
    ended = "2026-11-20T21:00:00Z" if status == "resolved" else "0001-01-01T00:00:00Z"
    return json.dumps(
        {
            "version": "4",
            "status": status,
            "receiver": "andon",
            "groupKey": "{}:{}",
            "truncatedAlerts": 0,
            "alerts": [
                {
                    "status": status,
                    "labels": labels,
                    "annotations": {"summary": f"{labels['service']} is down"},
                    "startsAt": "2026-11-20T20:51:19.507Z",
                    "endsAt": ended,
                    "fingerprint": labels["alertname"],
                }
                for labels in alerts
            ],
        }
    ).encode()


def write_catalogue(folder: Path, *, services: int, people: int = 3) -> None:
    """Write a catalogue whose one team owns many services at 99.9%, on call around the clock."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = [
        _organisation(),
        *(_user(n) for n in range(people)),
        _team(people),
        _rota(people),
        *(_service(n) for n in range(services)),
    ]
    (folder / "catalogue.yaml").write_text("\n---\n".join(json.dumps(d) for d in documents))


def write_pagers(folder: Path, *, webhooks: Sequence[str], services: int) -> None:
    """Write a catalogue in which each address has a team of one, always on call.

    Service `service-N` belongs to the team of the address `N % len(webhooks)`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    documents = [_organisation()]
    for n, url in enumerate(webhooks):
        person, team, rota = _user(n), _team(1), _rota(1)
        person["metadata"]["annotations"] = {"andon.dev/webhook": url}
        del person["spec"]["profile"]["email"]
        person["spec"]["memberOf"] = [f"team-{n}"]
        team["metadata"]["name"] = f"team-{n}"
        team["spec"]["members"] = [f"person-{n}"]
        rota["metadata"]["name"] = "storm" if n == 0 else f"rota-{n}"
        rota["spec"] |= {"team": f"team-{n}", "participants": [f"person-{n}"]}
        documents += [person, team, rota]
    for n in range(services):
        service = _service(n)
        service["spec"]["owner"] = f"group:team-{n % len(webhooks)}"
        documents.append(service)
    (folder / "catalogue.yaml").write_text("\n---\n".join(json.dumps(d) for d in documents))


def _organisation() -> dict[str, Any]:
    return {
        "apiVersion": "andon.dev/v1",
        "kind": "Organisation",
        "metadata": {"name": "storm"},
        "spec": {
            "currency": "GBP",
            "availabilityTargets": {"preset": "fruits-r-us"},
            "catchAllRota": "storm",
            "fallback": [{"email": FALLBACK}],
        },
    }


def _user(n: int) -> dict[str, Any]:
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "User",
        "metadata": {"name": f"person-{n}"},
        "spec": {
            "profile": {"displayName": f"Person {n}", "email": f"person-{n}@storm.example"},
            "memberOf": ["storm"],
        },
    }


def _team(people: int) -> dict[str, Any]:
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Group",
        "metadata": {"name": "storm"},
        "spec": {"type": "team", "children": [], "members": [f"person-{n}" for n in range(people)]},
    }


def _rota(people: int) -> dict[str, Any]:
    return {
        "apiVersion": "andon.dev/v1",
        "kind": "Rota",
        "metadata": {"name": "storm"},
        "spec": {
            "team": "storm",
            "covers": "always",
            "timezone": "Europe/London",
            "rotation": {"unit": "week", "every": 1, "handover": "09:00", "startsOn": "2026-01-05"},
            "participants": [f"person-{n}" for n in range(people)],
        },
    }


def _service(n: int) -> dict[str, Any]:
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {
            "name": f"service-{n:04d}",
            "annotations": {
                "andon.dev/availability-target": "99.9",
                "andon.dev/financial-exposure-per-hour": "GBP 150000",
                "andon.dev/deployment-target": "daily",
            },
        },
        "spec": {"type": "service", "lifecycle": "production", "owner": "group:storm"},
    }
