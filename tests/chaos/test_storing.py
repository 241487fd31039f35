"""A full disk and a locked database: senders, probes and people are told, until it is over."""

import os
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.installation import (
    FALLBACK,
    Installation,
    Mailbox,
    alertmanager_body,
    eventually,
    installation,
    mailbox,
    text_of,
    write_catalogue,
)

pytestmark = [pytest.mark.chaos]


def post(andon: Installation, key: str, name: str, *, timeout: float = 15) -> httpx2.Response:
    labels = {"alertname": name, "service": "service-0000", "severity": "critical"}
    return httpx2.post(
        f"{andon.url}/hooks/alertmanager/",
        content=alertmanager_body([labels]),
        headers={"authorization": f"Bearer {key}"},
        timeout=timeout,
    )


def healthz(andon: Installation) -> tuple[int, dict[str, Any]]:
    answer = httpx2.get(f"{andon.url}/healthz", timeout=15)
    return answer.status_code, answer.json()


def in_trouble(andon: Installation) -> bool:
    return "andon_process_cannot_store 1.0" in httpx2.get(f"{andon.url}/metrics").text


def stored(andon: Installation) -> set[str]:
    return {str(row[0]) for row in andon.rows("SELECT dedup_key FROM alerts_alert")}


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Yield a folder on a disk of its own, of 24 MiB."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting needs root; the limit of a file's size is tested below")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_by_healthz_the_metrics_and_mail_and_passes(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk") as disk,
        mailbox() as (box, smtp_url),
        installation(disk / "home", smtp_url=smtp_url, logs=tmp_path) as andon,
    ):
        write_catalogue(tmp_path / "catalogue", services=1)
        andon.run("admin", "migrate", "--verbosity", "0")
        andon.run("apply", str(tmp_path / "catalogue"), "--yes")
        key = andon.key("alertmanager")
        andon.start("up")
        assert post(andon, key, "before").status_code == 202
        eventually(lambda: healthz(andon)[0] == 200, what="a healthy start")
        assert not in_trouble(andon)
        with (disk / "filling").open("wb", buffering=0) as filling:
            fill(filling.fileno())
            taken = eventually(lambda: refused(andon, key), what="an alert that is refused")
            status, document = healthz(andon)
            assert (status, document["healthy"]) == (503, False)
            assert "database or disk is full (last at " in document["troubles"][0]["said"]
            assert in_trouble(andon)
            mail = eventually(lambda: told(andon, key, box), what="the alarm")
            assert "database or disk is full" in text_of(mail)
        (disk / "filling").unlink()
        eventually(lambda: post(andon, key, "after").status_code == 202, what="an alert taken")
        eventually(lambda: healthz(andon)[0] == 200, what="a healthy end")
        assert not in_trouble(andon)
        assert {"before", "after", *taken} <= stored(andon)


def told(andon: Installation, key: str, box: Mailbox) -> EmailMessage | None:
    """Send again, as monitors do; return the alarm once it was sent."""
    post(andon, key, "again")
    mails = box.mails(to=FALLBACK, subject="Andon cannot store alerts")
    return mails[0] if mails else None


def fill(file: int) -> None:
    for size in (1 << 20, 4096):
        try:
            while os.write(file, b"\0" * size):
                pass
        except OSError:
            continue


def refused(andon: Installation, key: str) -> list[str]:
    """Post until one is refused; return those that were taken, once one was not."""
    taken = []
    for number in range(200):
        answer = post(andon, key, f"n{number}")
        if answer.status_code == 503:
            assert answer.headers["retry-after"]
            return [*taken, "before"]
        assert answer.status_code == 202
        taken.append(f"n{number}")
    return []


def test_a_web_without_an_engine_knows_by_itself_that_it_cannot_store(tmp_path: Path) -> None:
    """No alert comes and no engine beats: it finds out by writing, and when it is over."""
    write_catalogue(tmp_path / "catalogue", services=1)
    with installation(tmp_path / "home") as andon:
        andon.run("admin", "migrate", "--verbosity", "0")
        andon.run("apply", str(tmp_path / "catalogue"), "--yes")
        key, reading = andon.key("alertmanager"), andon.key("api", "--person", "person-0")
        web = andon.start("web")
        soft, hard = resource.prlimit(web.popen.pid, resource.RLIMIT_FSIZE)
        assert not in_trouble(andon)
        # Less than the write-ahead log has grown to, more than its index needs for reading.
        for number in range(10):
            assert post(andon, key, f"before {number}").status_code == 202
        resource.prlimit(web.popen.pid, resource.RLIMIT_FSIZE, (40_960, hard))
        eventually(lambda: in_trouble(andon), what="the trouble, without any alert")
        status, document = healthz(andon)
        assert status == 503
        assert "Andon fails to write to its database" in document["troubles"][0]["what"]
        assert post(andon, key, "refused").status_code == 503
        # Who only reads can: that a key was used for the first time is not worth an error.
        assert andon.api("services", key=reading)["items"]
        resource.prlimit(web.popen.pid, resource.RLIMIT_FSIZE, (soft, hard))
        eventually(lambda: not in_trouble(andon), what="the end of the trouble")
        assert healthz(andon)[1]["troubles"] == []
        assert post(andon, key, "taken").status_code == 202


def test_a_locked_database_is_said_while_it_lasts(tmp_path: Path) -> None:
    with installation(tmp_path / "home") as andon:
        andon.run("admin", "migrate", "--verbosity", "0")
        key = andon.key("alertmanager")
        andon.start("web")
        assert post(andon, key, "before").status_code == 202
        lock = sqlite3.connect(andon.home / "andon.sqlite3", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        answer = post(andon, key, "meanwhile", timeout=20)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        status, document = healthz(andon)
        assert status == 503
        said = document["troubles"][0]["said"]
        assert "waited 10 s" in said or "locked" in said
        lock.execute("ROLLBACK")
        lock.close()
        eventually(lambda: post(andon, key, "after").status_code == 202, what="an alert taken")
        eventually(lambda: not in_trouble(andon), what="the end of the trouble")
        assert {"before", "after"} <= stored(andon)
