"""`andon admin purge_intake`: delete old raw requests."""

from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import BaseCommand

from andon.alerts import actions
from andon.core import clock


class Command(BaseCommand):
    """Deletes raw and refused requests past their days. Alerts stay."""

    help = "Deletes raw and refused requests older than a number of days; alerts stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--days`."""
        parser.add_argument("--days", type=int, default=14)

    def handle(self, *, days: int, **_options: object) -> None:
        """Delete, and say how many."""
        gone = actions.purge_raw(now=clock.now(), keep=timedelta(days=days))
        self.stdout.write(f"{gone} rows deleted")
