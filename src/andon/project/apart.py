"""Processes beside the one that pages: how they are set up, and that for a heavy turn of a duty.

The engine starts that one (`andon.engine.apart`); `andon.project.calculator` starts its own.
"""

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

import django

from andon.project import environment, logs

#: From 0 to 1000: who is ended first when memory runs out.
EXPENDABLE = 800
#: Below the process that pages.
NICENESS = 10


def main() -> None:
    """Do the turn that standard input tells of."""
    prepare(niceness=int(sys.argv[1]))
    from andon.engine import apart  # noqa: PLC0415 - models are there now

    apart.answer()


def prepare(*, niceness: int) -> None:
    """Set Django up as a server does, in a process that comes after the one that pages."""
    _be_modest(niceness)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "andon.project.settings")
    logs.configure(environment.read().log, level=logging.INFO)
    django.setup()


def _be_modest(niceness: int) -> None:
    """Let this process come after the engine, and end before it when memory runs out."""
    os.nice(niceness)
    with suppress(OSError):  # not Linux, or not allowed
        Path("/proc/self/oom_score_adj").write_text(f"{EXPENDABLE}", encoding="ascii")


if __name__ == "__main__":
    main()
