"""Makes the sample, in a process of its own: `python -m andon.cli.sample living`.

What it counts and logs is of a past that never was. The server's metrics and log know nothing of
it, and the memory it took is free again.
"""

import logging
import os
import sys

import django
import typer

from andon.project import environment, logs


def main() -> None:
    """Make the sample that is asked for, unless it is there."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "andon.project.settings")
    logs.configure(environment.read().log, level=logging.CRITICAL)
    django.setup()
    from andon.cli.sample import making

    making.make(kind=sys.argv[1], say=typer.echo)


if __name__ == "__main__":
    main()
