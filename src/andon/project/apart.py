"""The process that the engine starts for a heavy turn of a duty (`andon.engine.apart`)."""

import logging
import os

import django

from andon.engine import apart
from andon.project import environment, logs


def main() -> None:
    """Set Django up as a server does, and do the turn that standard input tells of."""
    apart.be_modest()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "andon.project.settings")
    logs.configure(environment.read().log, level=logging.INFO)
    django.setup()
    apart.answer()


if __name__ == "__main__":
    main()
