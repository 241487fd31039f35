"""The sample's mailbox: mail goes by SMTP to this machine, into files and onto the terminal."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING

from andon.core import files

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """Takes any mail, keeps it as a file and shows it on the terminal."""

    def __init__(self, folder: Path, *, say: Callable[[str], None]) -> None:
        self.folder = folder
        self._say = say
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
        self._say("")
        self._say(f"  MAIL     to {', '.join(envelope.rcpt_tos)}: {message['subject']}")
        for line in text.splitlines():
            self._say(f"           {line}")
        return "250 kept"


@contextmanager
def open_mailbox(folder: Path, *, say: Callable[[str], None]) -> Iterator[str]:
    """Take mail while the block runs; yields the address, as ANDON_SMTP_URL has it."""
    from aiosmtpd.controller import Controller

    files.make_folder(folder)
    controller = Controller(Mailbox(folder, say=say), hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def _free_port() -> int:
    # aiosmtpd cannot be asked for port 0: it calls itself on the port it was given.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
