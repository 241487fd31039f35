"""Other people's programs, found on this machine and run until they end."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

#: A program that takes longer is ended.
SECONDS = 900.0
_POLL_SECONDS = 0.1


def find(program: str) -> str | None:
    """Return where a program is, or None."""
    places: Sequence[str] = (os.environ.get("PATH", ""), "/usr/sbin", "/sbin")
    return shutil.which(program, path=os.pathsep.join(places))


def refusal(
    command: Sequence[str],
    *,
    folder: Path,
    gentle: bool = False,
    pause: Callable[[float], None] = time.sleep,
    seconds: float = SECONDS,
) -> str:
    """Run a program in a folder; return what it said if it refused, nothing if it ended well.

    `pause` is called over and over meanwhile; it may raise, which ends the program. A gentle one
    leaves the processor to others.
    """
    nice = shutil.which("nice") if gentle else None
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(  # noqa: S603 - a program found on PATH, our own arguments
                [*((nice, "-n", "15") if nice else ()), *command],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TZ": "UTC"},
            )
        except OSError as error:
            return f"it could not be run: {error}"
        if not _ended(process, pause, seconds):
            return f"it did not end within {seconds:g} seconds"
        if process.returncode == 0:
            return ""
        output.seek(0)
        said = output.read().decode("utf-8", "replace").strip()
        return said or f"it ended with {process.returncode}"


def _ended(
    process: subprocess.Popen[bytes], pause: Callable[[float], None], seconds: float
) -> bool:
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            try:
                process.wait(_POLL_SECONDS)
            except subprocess.TimeoutExpired:
                pause(0.0)
            else:
                return True
        return False
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
