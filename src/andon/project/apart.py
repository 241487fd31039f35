"""The process that the engine starts for a heavy turn of a duty (`andon.engine.apart`)."""

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

import django

from andon.project import environment, logs

#: From 0 to 1000: who is ended first when memory runs out.
EXPENDABLE = 800


def main() -> None:
    """Set Django up as a server does, and do the turn that standard input tells of."""
    _be_modest()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "andon.project.settings")
    logs.configure(environment.read().log, level=logging.INFO)
    django.setup()
    from andon.engine import apart  # noqa: PLC0415 - models are there now

    apart.answer()


def _be_modest() -> None:
    """Let this process come after the engine, and end before it when memory runs out."""
    os.nice(int(sys.argv[1]))
    with suppress(OSError):  # not Linux, or not allowed
        Path("/proc/self/oom_score_adj").write_text(f"{EXPENDABLE}", encoding="ascii")


if __name__ == "__main__":
    main()
