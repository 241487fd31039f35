"""The mailbox of the sample organisation: every mail kept, for its owner alone."""

import asyncio
import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from andon.cli.sample.mailbox import Mailbox


def take(folder: Path, words: bytes) -> None:
    envelope: Any = SimpleNamespace(content=words, rcpt_tos=["ann@fruits.example"])
    session: Any = None
    mailbox = Mailbox(folder, say=lambda _: None)
    asyncio.run(mailbox.handle_DATA(session, session, envelope))


def test_mail_of_the_last_start_is_kept_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        take(tmp_path, b"Subject: one\r\n\r\nAcknowledge: here\r\n")
        take(tmp_path, b"Subject: two\r\n\r\nAcknowledge: there\r\n")
    finally:
        os.umask(old)
    kept = sorted(tmp_path.iterdir())
    assert [one.name for one in kept] == ["00001.eml", "00002.eml"]
    assert b"Subject: one" in kept[0].read_bytes()
    assert {stat.S_IMODE(one.stat().st_mode) for one in kept} == {0o600}
