"""An installation without a mail server says so at once, wherever people look."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2

from tests.support.installation import (
    Installation,
    eventually,
    installation,
    mailbox,
    text_of,
    write_catalogue,
)

NOBODY = "Mail cannot be sent, and there is no other way to anybody: nobody can be paged"
WHY = "no SMTP server is configured: set ANDON_SMTP_URL"


def run(andon: Installation, *args: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "andon.cli.main", *args],
        env=andon.env(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def healthz(andon: Installation) -> tuple[int, dict[str, Any]]:
    answer = httpx2.get(f"{andon.url}/healthz", timeout=15)
    return answer.status_code, answer.json()


def test_without_a_mail_server_it_is_said_by_apply_at_start_by_healthz_and_by_a_test(
    tmp_path: Path,
) -> None:
    write_catalogue(tmp_path / "catalogue", services=1)
    with installation(tmp_path / "home") as andon:
        applied = run(andon, "apply", str(tmp_path / "catalogue"), "--yes")
        assert applied.returncode == 0, applied.stderr
        assert NOBODY in applied.stderr
        assert WHY in applied.stderr
        process = andon.start("up")
        eventually(lambda: NOBODY in process.log.read_text(), what="the warning of the start")
        status, document = eventually(
            lambda: (found := healthz(andon)) and found[1]["troubles"] and found,
            what="the trouble on /healthz",
        )
        assert (status, document["healthy"]) == (503, False)
        assert [one["what"] for one in document["troubles"]] == [NOBODY]
        assert httpx2.get(f"{andon.url}/readyz", timeout=15).status_code == 200
        tested = run(andon, "test-page", "person-0")
        assert tested.returncode == 1
        assert f"NOT TAKEN: {WHY}" in tested.stdout
        process.stop()
        with mailbox() as (box, smtp_url):
            andon.smtp_url = smtp_url
            process = andon.start("up")
            eventually(lambda: "Mail works" in process.log.read_text(), what="the good news")
            eventually(lambda: healthz(andon)[0] == 200, what="a healthy Andon")
            eventually(
                lambda: (tested := run(andon, "test-page", "person-1")).returncode == 0 and tested,
                what="a test that is taken",
            )
            (mail,) = box.mails(to="person-1@storm.example", subject="TEST")
            assert "Nothing is wrong" in text_of(mail)
            process.stop()
        assert andon.rows("SELECT count(*) FROM incidents_incident") == [(0,)]
        unanswered = run(andon, "test-page", "person-2", "--wait", "1")
        assert unanswered.returncode == 2
        assert "is Andon running on this database?" in unanswered.stderr
