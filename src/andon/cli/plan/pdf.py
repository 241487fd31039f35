"""A page on paper: the HTML report printed by the browser that is installed.

The browser gets a directory of its own, reads one local file, and is stopped after a minute.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from andon.core import files

#: Looked for on PATH in this order.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 60


class UnableToPrint(Exception):
    """The report cannot be made a PDF; the message says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def find_browser() -> str:
    """Return the path of a browser that can print. Raises UnableToPrint when there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise UnableToPrint(
            "a PDF needs a browser to print it: install the package chromium (or google-chrome), "
            "or write --report out.html and print that"
        )
    return found


def write(html: str, path: Path, *, seconds: float = _SECONDS) -> None:
    """Print a self-contained page of HTML to a file. Raises UnableToPrint."""
    browser = find_browser()
    with tempfile.TemporaryDirectory(prefix="andon-print-") as name:
        room = Path(name)
        page, printed = room / "report.html", room / "report.pdf"
        page.write_text(html, encoding="utf-8")
        said = _run(_command(browser, page, printed, room / "profile"), seconds)
        content = printed.read_bytes() if printed.is_file() else b""
        if not content.startswith(b"%PDF-"):
            raise UnableToPrint(f"{browser} printed nothing: {said or 'it said nothing either'}")
        files.write_whole(path, content)


def _command(browser: str, page: Path, printed: Path, profile: Path) -> list[str]:
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-dev-shm-usage",
        "--disable-extensions",
        "--disable-sync",
        "--no-first-run",
        "--no-default-browser-check",
        "--no-pdf-header-footer",
        f"--user-data-dir={profile}",
        f"--print-to-pdf={printed}",
        page.as_uri(),
    ]
    if os.geteuid() == 0:
        # Chromium's sandbox refuses to start for root, as in most containers.
        command.insert(1, "--no-sandbox")
    return command


def _run(command: list[str], seconds: float) -> str:
    """Return the last line the browser said. It and its helpers end with this call."""
    process = subprocess.Popen(  # noqa: S603 - a browser found on PATH, our own arguments
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        said = process.communicate(timeout=seconds)[1]
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise UnableToPrint(f"{command[0]} did not print within {seconds:g} seconds") from error
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
