"""`andon admin replay_intake`: run stored raw requests through the receivers again."""

from argparse import ArgumentParser
from datetime import UTC, datetime

from django.core.management.base import BaseCommand, CommandError

from andon.alerts import actions, queries
from andon.core import clock
from andon.web.hooks.receivers import parse


class Command(BaseCommand):
    """Stores alerts that a corrected receiver understands now; what is there stays as it is."""

    help = (
        "Runs the raw requests received since an instant through the receivers again and stores "
        "the alerts that are missing. Doing it twice changes nothing the second time. Nobody is "
        "paged for alerts that have already ended."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--since`."""
        parser.add_argument(
            "--since", required=True, help="An instant, such as 2026-11-20T00:00:00Z (UTC if bare)."
        )

    def handle(self, *, since: str, **_options: object) -> None:
        """Replay, and say what came of it."""
        try:
            start = datetime.fromisoformat(since)
        except ValueError as error:
            raise CommandError(f"--since {since!r} is not an ISO 8601 instant") from error
        start = start.replace(tzinfo=UTC) if start.tzinfo is None else start
        done = actions.replay(parse=parse, keys=queries.all_keys(), since=start, now=clock.now())
        self.stdout.write(
            f"{done.requests} requests ({done.unreadable} unreadable), {done.events} events: "
            f"{done.known} alerts were there, {done.opened} stored"
        )
